//! When the scheduler of this node looks next.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use tokio::sync::Notify;

use crate::Platform;

/// It looks this often at least, milliseconds: another node may have made a trigger, and a clock may be set.
const AT_LEAST: i64 = 1000;

/// The scheduler's alarm clock.
#[derive(Default)]
pub struct Alarm {
    /// The next instant of any trigger, as far as it is known; 0 before the first look.
    next: AtomicI64,
    notify: Notify,
}

impl Alarm {
    /// A trigger may be due sooner than was thought.
    pub(crate) fn wake(&self) {
        self.notify.notify_one();
    }

    /// Nothing is due before `next`.
    pub(crate) fn set(&self, next: Option<i64>) {
        self.next.store(next.unwrap_or(i64::MAX), Ordering::Release);
    }

    #[cfg(test)]
    pub(super) fn next(&self) -> i64 {
        self.next.load(Ordering::Acquire)
    }

    /// Waits until a trigger is due, something is told, or a second has passed.
    pub async fn rings(&self, platform: &Platform) {
        let left = self.next.load(Ordering::Acquire).saturating_sub(platform.now()).clamp(0, AT_LEAST);
        let wait = Duration::from_millis(left.unsigned_abs());
        // Either way it is time to look.
        let _ = tokio::time::timeout(wait, self.notify.notified()).await;
    }
}
