//! Tasks: what people do with them. What robots do with them is in `robot_sessions`, what time does in `deadlines`.

mod cancel;
pub(crate) mod control;
mod create;
mod delete;
mod log;
mod pause;
pub(crate) mod positions;
mod query;
mod retry;
mod waiting;
mod withdraw;

pub use cancel::cancel;
pub(crate) use control::settle;
pub use create::{NewTasks, create};
pub(crate) use create::{Origin, checked_count, request};
pub use delete::delete;
pub use log::{LogFilter, LogLine, MAX_LINES, log};
pub use pause::{pause, resume};
pub use query::{Details, Filter, list, query};
pub use retry::retry;
pub use waiting::Waiting;
pub(crate) use withdraw::{tell, withdraw};
