//! The operations of the management platform: one module per aggregate, one function per operation, each of the same
//! shape: load in the caller's scope, check the object, apply the rule, write once with the audit row, wake who waits.
//! Knows neither HTTP nor SQL.

mod grants;
mod kept;
mod names;
mod passwords;
#[cfg(test)]
mod scope_tests;
#[cfg(test)]
mod testing;

mod affected;

pub mod accounts;
pub mod agenda;
pub mod agent_rollouts;
pub mod agent_versions;
pub mod application_access;
pub mod applications;
pub mod artifacts;
pub mod assets;
pub mod audits;
pub mod bootstrap;
pub mod bridges;
pub mod calendars;
pub mod caller;
pub mod credentials;
pub mod deadlines;
pub mod departments;
pub mod directory;
pub mod dispatch;
pub mod downloads;
pub mod employees;
pub mod files;
pub mod first_answers;
pub mod folders;
pub mod hot;
pub mod keys;
pub mod licenses;
pub mod links;
pub mod lists;
pub mod live_views;
pub mod machines;
pub mod maintenance;
pub mod maintenance_windows;
pub mod messages;
pub mod nodes;
pub mod notices;
pub mod open_api_tokens;
pub mod operation_logs;
pub mod packages;
pub mod platform;
mod policy;
pub mod pools;
pub mod processes;
pub mod queue_items;
pub mod queues;
pub mod recordings;
pub mod retention;
pub mod robot_groups;
pub mod robot_operations;
pub mod robot_scenes;
pub mod robot_sessions;
pub mod robots;
pub mod roles;
pub mod server_time;
pub mod signals;
pub mod sm2_transport;
pub mod smtp;
pub mod tabular;
pub mod tasks;
pub mod triggers;
pub mod vitals;
pub mod warn_channels;

pub use baigong_package::in_parameters as parameters;
pub(crate) use baigong_package::task_names;
pub use baigong_store::entity as rows;
pub use caller::Caller;
pub use links::{Links, RobotLink};
pub use lists::ListInput;
pub use platform::{Config, Platform};
