//! Runs each piece of background work in a task of its own until it is told to stop.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use baigong_core::Platform;
use tokio::{sync::watch, task::JoinSet, time::MissedTickBehavior};

use crate::table::{TABLE, Work};

/// The running background work.
pub struct Background {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    beats: Arc<AtomicU64>,
}

impl Background {
    /// Whether every piece still runs: a platform whose dispatcher has ended is not ready.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.tasks.len() == TABLE.len() + 1 && !self.tasks.is_empty()
    }

    /// How many rounds have been run in all.
    #[must_use]
    pub fn beats(&self) -> u64 {
        self.beats.load(Ordering::Relaxed)
    }

    /// Ends all of it; a round that is under way is finished first.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Starts all background work of `platform`.
#[must_use]
pub fn start(platform: &Platform) -> Background {
    let (stop, stopped) = watch::channel(false);
    let beats = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for work in TABLE {
        tasks.spawn(beat(platform.clone(), work, stopped.clone(), beats.clone()));
    }
    tasks.spawn(dispatch(platform.clone(), stopped));
    Background { stop, tasks, beats }
}

async fn beat(platform: Platform, work: &'static Work, mut stopped: watch::Receiver<bool>, beats: Arc<AtomicU64>) {
    let mut rhythm = tokio::time::interval(Duration::from_millis(work.every));
    rhythm.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            _ = rhythm.tick() => {}
        }
        if let Err(error) = (work.run)(platform.clone()).await {
            report(work.name, &error);
        }
        beats.fetch_add(1, Ordering::Relaxed);
    }
}

/// The dispatcher runs when it is told of something; its net is in the table.
async fn dispatch(platform: Platform, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            () = platform.dispatch.told() => {}
        }
        if let Err(error) = baigong_core::dispatch::run_once(&platform).await {
            report("dispatch", &error);
        }
    }
}

fn report(name: &str, error: &baigong_model::Error) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(work = name, %error, cause, "background work failed; it is tried again at its next beat");
}
