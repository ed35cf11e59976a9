//! Everything that is stored. The only crate with SQL: entities, queries by aggregate (one function, one query),
//! migrations, the connection and the one way to write ([`Store::write`]). Rules live elsewhere, except the table of
//! legal task steps, which is applied where the row is changed.

mod coalesce;
mod connect;
mod error;
mod migrate;
mod migrations;
mod pulse;
mod sql;
mod write;

pub mod artifacts;
pub mod assets;
pub mod audits;
pub mod blobs;
pub mod calendars;
pub mod credentials;
pub mod departments;
pub mod entity;
pub mod files;
pub mod filter;
pub mod folders;
pub mod grants;
pub mod license_seats;
pub mod licenses;
pub mod machine_readings;
pub mod machines;
pub mod maintenance_windows;
pub mod nodes;
pub mod notices;
pub mod packages;
pub mod platform_keys;
pub mod pools;
pub mod processes;
pub mod queue_items;
pub mod queues;
pub mod recordings;
pub mod robot_calls;
pub mod robot_groups;
pub mod robots;
pub mod roles;
pub mod scope;
pub mod sealed;
pub mod task_logs;
pub mod tasks;
pub mod tokens;
pub mod trigger_firings;
pub mod triggers;
pub mod user_keys;
pub mod users;
pub mod vitals;
pub mod warn_channels;

pub use coalesce::{Coalescer, WriteBatch};
pub use connect::dump;
pub use connect::{Engine, Settings, Synchronous, alone::take_turn, maintenance, server_time, signals};
pub use filter::ListFilter;
pub use pulse::Pulse;
pub use scope::Scope;
pub use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction as Tx};
pub use write::Store;
