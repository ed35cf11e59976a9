//! The wish that a run ends, and why.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use baigong_flow::Pause;
use tokio_util::sync::CancellationToken;

/// Why a run is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// A person, a lost lease or the end of the robot.
    Cancelled,
    /// It ran longer than it may.
    RunExpired,
}

/// Stops a run; all clones are one. The first reason given stays.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    token: CancellationToken,
    reason: Arc<OnceLock<StopReason>>,
}

impl Stop {
    /// Nothing is to stop yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the run to stop.
    pub fn request(&self, reason: StopReason) {
        // A later reason changes nothing: the run is stopping already.
        let _ = self.reason.set(reason);
        self.token.cancel();
    }

    /// Fires when the run is to stop: for the actions of a flow.
    #[must_use]
    pub fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// Why the run is to stop, once it is.
    pub(crate) fn reason(&self) -> Option<StopReason> {
        self.token.is_cancelled().then(|| self.reason.get().copied().unwrap_or(StopReason::Cancelled))
    }

    /// Waits until the run is to stop, or has run for `longest`, not counting the time it stood still.
    pub(crate) async fn requested(self, longest: Option<Duration>, pause: Pause) -> StopReason {
        match longest {
            None => self.token.cancelled().await,
            Some(longest) => tokio::select! {
                () = self.token.cancelled() => {}
                () = pause.elapsed(longest) => self.request(StopReason::RunExpired),
            },
        }
        self.reason().unwrap_or(StopReason::Cancelled)
    }
}
