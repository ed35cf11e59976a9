//! This platform node's own sign of life. A robot counts as online while the node it is connected to lives.

use std::sync::atomic::Ordering;

use baigong_model::{Error, Result};
use baigong_store::{Engine, nodes, robots, tasks as rows};
use futures_util::FutureExt;

use crate::{Platform, keys};

/// How long a node counts as alive without renewing.
pub const LEASE: i64 = 30_000;

/// Says that this node starts: robots get time to come back before their leases end.
pub async fn start(platform: &Platform) -> Result<()> {
    let (id, now) = (platform.node_id.clone(), platform.now());
    let lease_until = now + platform.config.lease;
    // On SQLite there is no other node: whatever the last one left behind is over.
    let alone = platform.store.engine() == Engine::Sqlite;
    let this = platform.clone();
    let work = platform.store.write(move |tx| {
        async move {
            keys::need_current(&this, tx).await?;
            if alone {
                nodes::sweep(tx, i64::MAX, now).await?;
            }
            if !nodes::is_any_alive(tx, now).await? {
                robots::missing_from(tx, now).await?;
            }
            nodes::renew(tx, &id, now, now + LEASE).await?;
            rows::extend(tx, lease_until).await
        }
        .boxed()
    });
    work.await?;
    platform.leases_looked_at.store(now, Ordering::SeqCst);
    Ok(())
}

/// Renews this node's lease and takes robots off nodes whose lease has ended.
pub async fn renew(platform: &Platform) -> Result<u64> {
    let (id, now) = (platform.node_id.clone(), platform.now());
    let here = platform.links.connections().into_iter().map(|(robot, number)| (robot, number.cast_signed()));
    let here: Vec<(i64, i64)> = here.collect();
    let work = platform.store.write(move |tx| {
        async move {
            if nodes::renew(tx, &id, now, now + LEASE).await? {
                // The lease had ended and others took the robots off this node: they are still here.
                nodes::take_back(tx, &id, &here).await?;
            }
            nodes::sweep(tx, now, now).await
        }
        .boxed()
    });
    work.await
}

/// Renews this node's lease and reads it back as everybody else would.
pub async fn prove(platform: &Platform) -> Result<()> {
    // Another renewal may come between, with the time of a moment before; it does not come twice.
    for _ in 0..2 {
        let now = platform.now();
        renew(platform).await?;
        let alive = nodes::alive(&platform.store, now + LEASE - 1).await?;
        if alive.iter().any(|id| **id == *platform.node_id) {
            return Ok(());
        }
    }
    Err(Error::unavailable("what is written to the database is not there when it is read"))
}

/// Says that this node is gone.
pub async fn stop(platform: &Platform) -> Result<()> {
    let (id, now) = (platform.node_id.clone(), platform.now());
    let work = platform.store.write(move |tx| {
        async move {
            nodes::renew(tx, &id, now, now).await?;
            nodes::sweep(tx, now, now).await
        }
        .boxed()
    });
    work.await.map(drop)
}
