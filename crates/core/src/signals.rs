//! Words to the other platform nodes, so that they need not wait for their next look: a task waits in a pool whose robots
//! are connected elsewhere; a robot that is connected elsewhere has to hear of a task, or was itself changed. What is lost
//! here is found by the looks from time to time.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use baigong_model::{
    Error, Result,
    ids::{PoolId, RobotId},
};
use baigong_store::signals::{self, Listener};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::{Platform, robot_sessions, robots};

/// How many ids one word carries at most: the database takes fewer than 8,000 letters.
const IDS_PER_WORD: usize = 300;

/// What has not been told yet.
#[derive(Default)]
pub struct Signals {
    waiting: Mutex<Untold>,
    notify: Notify,
}

#[derive(Default)]
struct Untold {
    pools: BTreeSet<PoolId>,
    robots: BTreeSet<RobotId>,
    changed: BTreeSet<RobotId>,
}

/// What travels.
#[derive(Serialize, Deserialize)]
struct Word {
    /// The node that says it.
    from: String,
    /// Pools in which tasks wait.
    #[serde(default)]
    pools: Vec<PoolId>,
    /// Robots whose tasks somebody has changed.
    #[serde(default)]
    robots: Vec<RobotId>,
    /// Robots that somebody has changed or deleted.
    #[serde(default)]
    changed: Vec<RobotId>,
}

impl Signals {
    /// Tasks wait in `pools`, and no robot connected here can take them.
    pub(crate) fn pools(&self, pools: impl IntoIterator<Item = PoolId>) {
        self.add(|untold| untold.pools.extend(pools));
    }

    /// A task of `robot`, which is not connected here, was changed.
    pub(crate) fn robot(&self, robot: RobotId) {
        self.add(|untold| untold.robots.extend([robot]));
    }

    /// `robot`, which is not connected here, was changed or deleted.
    pub(crate) fn changed(&self, robot: RobotId) {
        self.add(|untold| untold.changed.extend([robot]));
    }

    fn add(&self, more: impl FnOnce(&mut Untold)) {
        let mut untold = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        more(&mut untold);
        if !(untold.pools.is_empty() && untold.robots.is_empty() && untold.changed.is_empty()) {
            self.notify.notify_one();
        }
    }

    /// Waits until there is something to tell.
    pub async fn told(&self) {
        self.notify.notified().await;
    }
}

/// Tells the other nodes, where there are any, all that has gathered: one word for many.
pub async fn speak(platform: &Platform) -> Result<usize> {
    let untold = std::mem::take(&mut *platform.signals.waiting.lock().unwrap_or_else(PoisonError::into_inner));
    if platform.nodes_alive.others(&platform.store, &platform.node_id, platform.now()).await? == 0 {
        return Ok(0);
    }
    let pools: Vec<PoolId> = untold.pools.into_iter().collect();
    let robots: Vec<RobotId> = untold.robots.into_iter().collect();
    let changed: Vec<RobotId> = untold.changed.into_iter().collect();
    let mut words: Vec<Word> = pools.chunks(IDS_PER_WORD).map(|pools| word(platform, pools, &[], &[])).collect();
    words.extend(robots.chunks(IDS_PER_WORD).map(|robots| word(platform, &[], robots, &[])));
    words.extend(changed.chunks(IDS_PER_WORD).map(|changed| word(platform, &[], &[], changed)));
    let mut told = 0;
    for word in &words {
        let text = serde_json::to_string(word).map_err(Error::internal)?;
        told += usize::from(signals::tell(&platform.store, &text).await?);
    }
    Ok(told)
}

fn word(platform: &Platform, pools: &[PoolId], robots: &[RobotId], changed: &[RobotId]) -> Word {
    let from = platform.node_id.to_string();
    Word { from, pools: pools.to_vec(), robots: robots.to_vec(), changed: changed.to_vec() }
}

/// Begins to listen; none where there are no other nodes.
pub async fn listen(platform: &Platform) -> Result<Option<Listener>> {
    signals::listen(&platform.store).await
}

/// Does what one word asks for. A lost connection may have lost words: then everything is looked at.
pub async fn hear(platform: &Platform, listener: &mut Listener) -> Result<()> {
    let Some(text) = listener.next().await? else {
        platform.dispatch.heard(platform.links.pools());
        robots::cut_off_changed(platform).await?;
        return robot_sessions::renew_leases(platform).await.map(drop);
    };
    let Ok(word) = serde_json::from_str::<Word>(&text) else {
        tracing::warn!("another node said something that this version does not know");
        return Ok(());
    };
    if word.from == *platform.node_id {
        return Ok(());
    }
    platform.dispatch.heard(word.pools);
    let is_here = |robot: &RobotId| platform.links.look(*robot, |_| ()).is_some();
    if word.robots.iter().any(is_here) {
        robot_sessions::renew_leases(platform).await?;
    }
    if word.changed.iter().any(is_here) {
        robots::cut_off_changed(platform).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
