//! Runs each piece of background work in a task of its own until it is told to stop.

use std::{panic::AssertUnwindSafe, time::Duration};

use baigong_core::{Platform, signals, triggers};
use baigong_model::Result;
use futures_util::FutureExt;
use tokio::{
    sync::watch,
    task::{AbortHandle, JoinSet},
    time::MissedTickBehavior,
};

use crate::table::{TABLE, Work};

/// A round that takes longer than this is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long words to other nodes gather at most.
const GATHERING: Duration = Duration::from_millis(10);
/// How often listening is tried again after it failed.
const LISTEN_AGAIN: Duration = Duration::from_secs(5);

/// The running background work.
pub struct Background {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    handles: Vec<AbortHandle>,
}

impl Background {
    /// Whether every piece still runs: a platform whose dispatcher has ended is not ready.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.handles.iter().all(|handle| !handle.is_finished())
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
    let mut tasks = JoinSet::new();
    let mut handles = Vec::with_capacity(TABLE.len() + 1);
    for work in TABLE {
        handles.push(tasks.spawn(beat(platform.clone(), work, stopped.clone())));
    }
    handles.push(tasks.spawn(dispatch(platform.clone(), stopped.clone())));
    handles.push(tasks.spawn(schedule(platform.clone(), stopped.clone())));
    handles.push(tasks.spawn(speak(platform.clone(), stopped.clone())));
    handles.push(tasks.spawn(listen(platform.clone(), stopped)));
    Background { stop, tasks, handles }
}

async fn beat(platform: Platform, work: &'static Work, mut stopped: watch::Receiver<bool>) {
    let mut rhythm = tokio::time::interval(Duration::from_millis(work.every));
    rhythm.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            _ = rhythm.tick() => {}
        }
        round(work.name, (work.run)(platform.clone())).await;
    }
}

/// The dispatcher runs when it is told of something; its net is in the table.
async fn dispatch(platform: Platform, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            () = platform.dispatch.told() => {}
        }
        round("dispatch", baigong_core::dispatch::run_once(&platform)).await;
    }
}

/// The scheduler runs when the next trigger is due, to the millisecond; its alarm rings once a second at least.
async fn schedule(platform: Platform, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            () = platform.alarm.rings(&platform) => {}
        }
        round("triggers", triggers::run_once(&platform)).await;
    }
}

/// Words to other nodes gather for a moment, so that one commit carries many.
async fn speak(platform: Platform, mut stopped: watch::Receiver<bool>) {
    let mut rhythm = tokio::time::interval(GATHERING);
    rhythm.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            () = platform.signals.told() => {}
        }
        rhythm.tick().await;
        round("words to other nodes", signals::speak(&platform)).await;
    }
}

/// Words of other nodes. Without a connection that listens it is tried again from time to time: the looks of the table
/// find everything meanwhile.
async fn listen(platform: Platform, mut stopped: watch::Receiver<bool>) {
    let mut rhythm = tokio::time::interval(LISTEN_AGAIN);
    rhythm.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            _ = rhythm.tick() => {}
        }
        let heard = tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            heard = hear(&platform) => heard,
        };
        match heard {
            // There is nobody to hear.
            Ok(()) => return drop(stopped.wait_for(|stop| *stop).await),
            Err(error) => tracing::warn!(%error, "other nodes are not heard for a moment"),
        }
    }
}

/// Hears until the connection is lost for good; ends well where there is nobody to hear.
async fn hear(platform: &Platform) -> Result<()> {
    let Some(mut listener) = signals::listen(platform).await? else { return Ok(()) };
    loop {
        signals::hear(platform, &mut listener).await?;
    }
}

/// One round. Neither an error, nor a panic, nor a wait without end keeps the next round from coming.
async fn round<T>(name: &str, work: impl Future<Output = Result<T>>) {
    match tokio::time::timeout(PATIENCE, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(Ok(_))) => {}
        Ok(Ok(Err(error))) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(work = name, %error, cause, "background work failed; it is tried again at its next beat");
        }
        Ok(Err(_)) => tracing::error!(work = name, "background work panicked; it is tried again at its next beat"),
        Err(_) => tracing::error!(work = name, seconds = PATIENCE.as_secs(), "background work hung and was given up"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_round_that_fails_panics_or_hangs_ends() {
        round::<()>("fails", async { Err(baigong_model::Error::conflict("on purpose")) }).await;
        round::<()>("panics", async { panic!("on purpose") }).await;
        round::<()>("hangs", std::future::pending()).await;
    }
}
