//! The agents of robots: how they prove who they are, and when they are connected.

use std::sync::{Mutex, PoisonError};

use baigong_model::{Error, Result, ids::RobotId};
use baigong_protocol::{Hello, RobotSecret};
use baigong_store::{Scope, Store, entity::robot, nodes, robots as rows};
use futures_util::FutureExt;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{Platform, lists::Table};

/// What is stored of a secret.
pub(super) fn secret_hash(secret: &RobotSecret) -> String {
    hex::encode(Sha256::digest(secret.key()))
}

/// The live robot whose secret, in its text form, this is.
pub async fn authenticate_agent(platform: &Platform, secret: &str) -> Result<robot::Model> {
    let secret = RobotSecret::parse(secret).map_err(|_| Error::Unauthenticated)?;
    let robot = rows::find(&platform.store, &Scope::All, secret.robot_id()).await?;
    let robot = robot.filter(|robot| robot.deleted_at.is_none()).ok_or(Error::Unauthenticated)?;
    let given = secret_hash(&secret);
    if !bool::from(given.as_bytes().ct_eq(robot.secret_hash.as_bytes())) {
        tracing::warn!(robot = robot.id, "an agent came with a wrong secret");
        return Err(Error::Unauthenticated);
    }
    Ok(robot)
}

/// Says that the robot's agent is connected to this node, and which connection is in force.
pub async fn went_online(platform: &Platform, id: RobotId, hello: &Hello, connection: u64) -> Result<()> {
    let connected = rows::Connected {
        incarnation: hello.incarnation.clone(),
        node_id: platform.node_id.to_string(),
        connection: connection.cast_signed(),
        at: platform.now(),
        install_path: hello.install_path.clone(),
        installed_at: hello.installed_at,
        agent_version: hello.agent_version.clone(),
        ip: hello.host.ip.clone(),
        system: hello.host.system.clone(),
    };
    let written = platform.store.write(move |tx| async move { rows::went_online(tx, id, &connected).await }.boxed());
    let written = written.await?;
    platform.counts.changed(Table::Robots);
    if written { Ok(()) } else { Err(Error::Unauthenticated) }
}

/// Says that a connection has ended. One made since, here or on another node, is left alone. A robot that `is_missed` is told
/// of when it does not come back: see [`super::tell_missing`].
pub async fn went_offline(platform: &Platform, id: RobotId, connection: u64, is_missed: bool) -> Result<()> {
    let connection = connection.cast_signed();
    let missing_since = is_missed.then(|| platform.now());
    let written = platform
        .store
        .write(move |tx| async move { rows::went_offline(tx, id, connection, missing_since).await }.boxed());
    written.await?;
    platform.counts.changed(Table::Robots);
    Ok(())
}

/// The nodes whose leases last, as far as lists need to know: asked at most once a second.
#[derive(Default)]
pub(crate) struct NodesAlive(Mutex<(i64, Vec<String>)>);

impl NodesAlive {
    /// Whether `node` is alive.
    pub(crate) async fn has(&self, store: &Store, node: &str, now: i64) -> Result<bool> {
        {
            let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if (0..1000).contains(&(now - kept.0)) && kept.1.iter().any(|alive| alive == node) {
                return Ok(true);
            }
        }
        let alive = nodes::alive(store, now).await?;
        let is_alive = alive.iter().any(|alive| alive == node);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (now, alive);
        Ok(is_alive)
    }

    /// How many nodes are alive beside `node`, as it was a second ago at the earliest.
    pub(crate) async fn others(&self, store: &Store, node: &str, now: i64) -> Result<usize> {
        let others = |alive: &[String]| alive.iter().filter(|alive| *alive != node).count();
        {
            let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if (0..1000).contains(&(now - kept.0)) {
                return Ok(others(&kept.1));
            }
        }
        let alive = nodes::alive(store, now).await?;
        let count = others(&alive);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (now, alive);
        Ok(count)
    }
}
