//! Live views: pictures of a robot's screen for people who may see recordings, while they watch and no longer. The robot
//! brings the pictures over a connection of its own; nobody reaches into it. Only the last picture is kept, in memory, so that
//! a slow viewer misses pictures instead of holding anything up.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use baigong_model::{Error, Permission, Result, ids::RobotId};
use baigong_protocol::{ToRobot, Watch};
use baigong_store::{audits, entity::robot, robots};
use bytes::Bytes;
use futures_util::FutureExt;
use serde_json::json;
use tokio::sync::watch;

use crate::{Caller, Platform, accounts};

/// What viewers get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// Nothing came yet.
    Awaited,
    /// The screen, as JPEG.
    Screen(Bytes),
    /// Why there is none, in the robot's words.
    None(String),
}

/// The screens that are watched on this node.
#[derive(Default)]
pub(crate) struct LiveViews(Mutex<HashMap<RobotId, View>>);

/// A screen that is watched. It is over when nobody listens to `pictures`.
struct View {
    name: String,
    pictures: Arc<watch::Sender<Picture>>,
    /// Whether a robot brings pictures.
    is_served: bool,
}

impl LiveViews {
    fn table(&self) -> MutexGuard<'_, HashMap<RobotId, View>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who watches.
pub struct Viewer {
    platform: Platform,
    robot_id: RobotId,
    name: String,
    pictures: watch::Receiver<Picture>,
}

/// Begins to watch the screen of a robot that `caller` sees and that is connected to this node. It is in the audit.
pub async fn watch(platform: &Platform, caller: &Caller, robot_id: RobotId) -> Result<Viewer> {
    let robot = allowed(platform, caller, robot_id).await?;
    if platform.links.look(robot_id, |_| ()).is_none() {
        return Err(Error::conflict("the robot is not connected, or to another node of the platform"));
    }
    let (now, detail) = (platform.now(), json!({ "robotName": robot.name }));
    let audit = caller.audit(now, "watch", "robot", Some(robot_id), Some(robot.department_id), &detail);
    platform.store.write(move |tx| async move { audits::insert_many(tx, &[audit]).await }.boxed()).await?;
    let mut table = platform.live_views.table();
    let view = table.entry(robot_id).or_insert_with(|| new_view(platform));
    if view.pictures.is_closed() {
        *view = new_view(platform);
    }
    let (name, pictures) = (view.name.clone(), view.pictures.subscribe());
    drop(table);
    let viewer = Viewer { platform: platform.clone(), robot_id, name, pictures };
    viewer.ask();
    Ok(viewer)
}

fn new_view(platform: &Platform) -> View {
    let mut name = [0; 16];
    platform.random.fill(&mut name);
    View { name: hex::encode(name), pictures: Arc::new(watch::Sender::new(Picture::Awaited)), is_served: false }
}

/// The robot, if the caller may watch it.
async fn allowed(platform: &Platform, caller: &Caller, robot_id: RobotId) -> Result<robot::Model> {
    caller.need(Permission::VideoRead)?;
    let robot = robots::find(&platform.store, caller.scope(), robot_id).await?;
    robot.filter(|robot| robot.deleted_at.is_none()).ok_or_else(|| Error::not_found("robot", robot_id))
}

impl Viewer {
    /// The next picture that is another than the last. Can be dropped and called again without missing the newest.
    pub async fn next(&mut self) -> Option<Picture> {
        self.pictures.changed().await.ok()?;
        Some(self.pictures.borrow_and_update().clone())
    }

    /// Whether whoever holds `token`, at that address, may go on watching; to be asked now and then. Asks the robot again where it brings
    /// nothing.
    pub async fn check(&self, token: &str, from: Option<IpAddr>) -> Result<()> {
        let caller = accounts::authenticate(&self.platform, token, from).await?;
        allowed(&self.platform, &caller, self.robot_id).await?;
        self.ask();
        Ok(())
    }

    fn ask(&self) {
        let is_served = self.platform.live_views.table().get(&self.robot_id).is_some_and(|view| view.is_served);
        if !is_served {
            self.platform.links.send(self.robot_id, ToRobot::Watch(Watch { view: self.name.clone() }));
        }
    }
}

/// A robot that brings pictures. Dropped, the view is unserved again.
pub struct Source {
    platform: Platform,
    robot_id: RobotId,
    name: String,
    pictures: Arc<watch::Sender<Picture>>,
}

/// Takes the pictures of a view that was asked of `robot_id`.
pub fn serve(platform: &Platform, robot_id: RobotId, name: &str) -> Result<Source> {
    let mut table = platform.live_views.table();
    let view = table.get_mut(&robot_id).filter(|view| view.name == name && !view.pictures.is_closed());
    let view = view.ok_or_else(|| Error::not_found("live view", name))?;
    if view.is_served {
        return Err(Error::conflict("the view is served already"));
    }
    view.is_served = true;
    Ok(Source { platform: platform.clone(), robot_id, name: name.to_owned(), pictures: view.pictures.clone() })
}

impl Source {
    /// Shows a picture to everybody who watches.
    pub fn show(&self, picture: Picture) {
        self.pictures.send_replace(picture);
    }

    /// Waits until nobody watches any more.
    pub async fn nobody_watches(&self) {
        self.pictures.closed().await;
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        let mut table = self.platform.live_views.table();
        if let Some(view) = table.get_mut(&self.robot_id).filter(|view| view.name == self.name) {
            view.is_served = false;
            if view.pictures.is_closed() {
                table.remove(&self.robot_id);
            }
        }
    }
}

#[cfg(test)]
mod tests;
