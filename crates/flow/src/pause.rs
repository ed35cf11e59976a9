//! A run that stands still for a while: between two steps, and inside waits. The time it stands still is not its own.

use std::time::Duration;

use tokio::sync::watch;

/// Whether a run stands still; all clones are one.
#[derive(Debug, Clone)]
pub struct Pause(watch::Sender<bool>);

impl Default for Pause {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Pause {
    /// A run that goes on.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether it stands still.
    #[must_use]
    pub fn is_on(&self) -> bool {
        *self.0.borrow()
    }

    /// Lets the run stand still (`true`) or go on; whether that is new.
    pub fn set(&self, on: bool) -> bool {
        self.0.send_if_modified(|is_on| std::mem::replace(is_on, on) != on)
    }

    /// Waits until the run goes on. Can be dropped and called again.
    pub async fn over(&self) {
        self.until(false).await;
    }

    /// Waits until the run stands still (`true`) or goes on. Can be dropped and called again.
    pub async fn until(&self, on: bool) {
        // The sender lives as long as this.
        let _ = self.0.subscribe().wait_for(|is_on| *is_on == on).await;
    }

    /// Waits until the run has gone on for `time`, not counting the time it stood still.
    pub async fn elapsed(&self, time: Duration) {
        let mut left = time;
        loop {
            self.over().await;
            #[expect(clippy::disallowed_methods, reason = "how long the runtime's own timer has run already")]
            let began = tokio::time::Instant::now();
            if tokio::time::timeout(left, self.until(true)).await.is_err() {
                return;
            }
            left = left.saturating_sub(began.elapsed());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn time_in_which_a_run_stands_still_does_not_count() {
        let pause = Pause::new();
        let seconds = Duration::from_secs;
        let waited = async |time| tokio::time::timeout(time, std::future::pending::<()>()).await.is_err();
        let waiting = tokio::spawn({
            let pause = pause.clone();
            async move { pause.elapsed(seconds(10)).await }
        });
        waited(seconds(4)).await;
        assert!(pause.set(true) && !pause.set(true), "only the first is new");
        waited(seconds(100)).await;
        assert!(!waiting.is_finished() && pause.is_on());
        pause.set(false);
        waited(Duration::from_millis(5_900)).await;
        assert!(!waiting.is_finished(), "four seconds had passed before");
        waited(Duration::from_millis(200)).await;
        assert!(waiting.is_finished());
    }
}
