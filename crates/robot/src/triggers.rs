//! Triggers on the robot itself (T/TSAC 002-2025, 5.1.3): at times, by hand, at a key, when a file arrives. They make the robot's
//! own tasks, whether its platform is there or not. Each instant is decided once, in the transaction that makes its task.

mod cause;
mod change;
mod files;
mod fire;
mod hotkey;
mod keys;
mod tell;
mod watch;

pub(crate) use cause::{Arrival, Cause};
pub(crate) use change::{Change, NewTrigger, create, delete, firings, list, update};
pub(crate) use fire::by_hand;
pub(crate) use tell::{acknowledged, keep_telling};
pub(crate) use watch::keep_firing;

use tokio::sync::Notify;

/// Tells whoever watches that the triggers have changed.
#[derive(Default)]
pub(crate) struct Bell(Notify);

impl Bell {
    /// They have changed.
    pub(crate) fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits until they have.
    pub(crate) async fn rings(&self) {
        self.0.notified().await;
    }
}
