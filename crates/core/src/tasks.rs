//! Tasks: what people do with them. What robots do with them is in `robot_sessions`, what time does in `deadlines`.

mod cancel;
mod create;
mod log;
mod query;
mod withdraw;

pub use cancel::cancel;
pub(crate) use create::{Origin, checked_count, request};
pub use create::{NewTasks, create};
pub use log::{LogFilter, LogLine, MAX_LINES, log};
pub use query::{Details, Filter, list, query};
pub(crate) use withdraw::{tell, withdraw};
