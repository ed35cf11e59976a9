//! The stored rows, one file per table.

pub mod artifact;
pub mod asset;
pub mod audit;
pub mod data_queue;
pub mod department;
pub mod machine;
pub mod node;
pub mod package;
pub mod platform_key;
pub mod process;
pub mod queue_item;
pub mod robot;
pub mod robot_group;
pub mod robot_pool;
pub mod robot_pool_member;
pub mod role;
pub mod task;
pub mod task_log;
pub mod token;
pub mod user;
