//! Items of data queues: push, pop and finish, each in batches. One holder at a time; every taking grows the fence.

mod finish;
mod pop;
mod push;
mod sweep;

pub use finish::{Finish, Outcome, finish};
pub use pop::{Pop, pop};
pub use push::{NewItem, Push, push};
pub use sweep::{release_overdue, requeue_of_holder};

/// Waits to be taken.
pub const NEW: &str = "new";
/// Held by someone.
pub const RUNNING: &str = "running";
/// Ended well.
pub const SUCCEEDED: &str = "succeeded";
/// Its data is wrong: never retried.
pub const BUSINESS_FAILED: &str = "business-failed";
/// Something broke, as often as the queue allows.
pub const FAILED: &str = "failed";
/// Nobody took it in time.
pub const EXPIRED: &str = "expired";
