//! The robot's own database: one SQLite file beside its journal, with the same promise as the platform's: what was answered is
//! on disk. One file per thing that is kept. Knows nothing of HTTP, runs and platforms.

mod connect;
pub mod entity;
mod error;
pub mod files;
mod lists;
pub mod packages;
pub mod processes;
pub mod recordings;
mod schema;
pub mod settings;
pub mod task_logs;
pub mod tasks;
pub mod tokens;
pub mod triggers;
mod write;

pub use sea_orm::DatabaseTransaction as Tx;
pub use write::RobotStore;

/// The ids of the robot's own tasks and processes begin above this, so that those of its platform never look the same.
pub const OWN_IDS_ABOVE: i64 = 1_000_000_000;
