//! The tasks (of the runtime) that make up a running agent: they end with it.

use std::sync::{Mutex, PoisonError};

use tokio::task::JoinSet;

/// Runtime tasks that are stopped together.
#[derive(Default)]
pub(crate) struct Crew(Mutex<Option<JoinSet<()>>>);

impl Crew {
    /// A crew that takes work.
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Some(JoinSet::new())))
    }

    /// Starts `work`, unless the agent has ended.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(set) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            while set.try_join_next().is_some() {}
            set.spawn(work);
        }
    }

    /// Stops everything where it stands, and waits until it has stopped.
    pub(crate) async fn dismiss(&self) {
        let set = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut set) = set {
            set.shutdown().await;
        }
    }

    /// Stops everything without waiting.
    pub(crate) fn dismiss_now(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
