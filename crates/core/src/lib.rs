//! The operations of the management platform: one module per aggregate, one function per operation, each of the same
//! shape: load in the caller's scope, check the object, apply the rule, write once with the audit row, wake who waits.
//! Knows neither HTTP nor SQL.

pub mod caller;
pub mod deadlines;
pub mod dispatch;
pub mod hot;
pub mod links;
pub mod maintenance;
pub mod nodes;
pub mod parameters;
pub mod platform;
pub mod queue_items;
pub mod robot_sessions;
pub mod tasks;

pub use baigong_store::entity as rows;
pub use caller::Caller;
pub use links::{Links, RobotLink};
pub use platform::{Config, Platform};
