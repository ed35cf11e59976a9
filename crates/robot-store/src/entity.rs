//! The rows.

pub mod file;
pub mod local_firing;
pub mod local_trigger;
pub mod package;
pub mod process;
pub mod recording;
pub mod setting;
pub mod task;
pub mod task_log;
pub mod token;
