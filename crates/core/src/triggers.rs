//! Triggers (T/TSAC 002-2025, 6.2.6): when a process runs by itself, and what came of each of its instants.

mod alarm;
mod apply;
mod change;
mod decide;
mod fire;
mod firings;
mod instants;
mod preview;
mod query;
mod queue;
mod release;
mod run_now;
mod troubled;
mod warning;
mod work;

pub use alarm::Alarm;
pub(crate) use change::rest_with_process;
pub use change::{Change, create, delete, update};
pub use fire::run_once;
pub use firings::{FiringFilter, firings, forget};
pub use preview::{Preview, PreviewInput, SkippedDay, preview};
pub use query::{Details, Filter, list, query};
pub use queue::look;
pub use release::release;
pub use run_now::{parameter_names, robots_of, run_now};
pub use troubled::Troubled;
pub(crate) use work::listed_pool;

use baigong_model::ids::TriggerId;

#[cfg(test)]
mod tests;
