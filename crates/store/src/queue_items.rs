//! Items of data queues. Push, pop and finish come in batches; the rest is for their owners. One holder at a time; every
//! taking grows the fence.

mod change;
mod expression;
mod finish;
mod forward;
mod hold;
mod limits;
mod list;
mod once;
mod pop;
mod push;
mod references;
mod row;
mod secret;
mod sweep;

pub use change::clear;
pub use change::{Change, delete, for_change, requeue, update};
pub use expression::{Column, Comparison, Expression, Field, Scalar, Test};
pub use finish::{Finish, Outcome, finish};
pub use hold::{Held, release, renew};
pub use list::{After, Filter, Origin, after, count, find, list, origins, slice};
pub use once::{Once, pop_once, push_once};
pub use pop::{Pop, pop};
pub use push::{NewItem, Push, push};
pub use secret::{Payload, Vault};
pub use sweep::{
    expire, keep, overdue, overdue_holders, promote, put_off, release_overdue, release_overdue_one, requeue_of_holder,
};

/// Waits to be taken.
pub const NEW: &str = "new";
/// Waits for its time: then it is new.
pub const POSTPONED: &str = "postponed";
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
/// Taken out by hand; its reference is free again.
pub const DELETED: &str = "deleted";

/// Every state an item can be in.
pub const STATES: &[&str] = &[NEW, POSTPONED, RUNNING, SUCCEEDED, BUSINESS_FAILED, FAILED, EXPIRED, DELETED];

/// Where an item that waits belongs.
fn waiting_state(available_at: i64, now: i64) -> &'static str {
    if available_at > now { POSTPONED } else { NEW }
}
