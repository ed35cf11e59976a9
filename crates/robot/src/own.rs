//! What the robot keeps and decides by itself, with or without a platform: its configuration, and the packages, processes, tasks
//! and files that were brought to it through its own interface. To the runs of its own tasks it is what the platform is to the
//! platform's: it assigns, grants, stores and acknowledges, in the same words, over a link of its own.

pub(crate) mod access;
mod answers;
mod artifacts;
mod claim;
pub(crate) mod configuration;
pub(crate) mod files;
mod lockout;
mod opening;
pub(crate) mod packages;
mod passwords;
pub(crate) mod processes;
mod retention;
mod sealing;
mod sightings;
pub(crate) mod tasks;
pub(crate) mod telling;
pub(crate) mod transport;

use std::sync::{Arc, Mutex, PoisonError};

use baigong_model::Secret;
use baigong_protocol::TaskRef;
use baigong_robot_store::RobotStore;
use tokio::sync::{Notify, mpsc, watch};

use crate::{link::Link, robot::Robot, triggers};
pub(crate) use artifacts::keep as keep_artifact;
pub(crate) use opening::ALONE;
pub(crate) use sightings::Sightings;

use access::Access;
use configuration::Configuration;
use files::FileFolder;
use lockout::Lockout;
use sealing::SealingKey;
use sightings::Sighting;

/// What the robot keeps and decides by itself.
pub(crate) struct Own {
    pub(crate) store: RobotStore,
    /// What runs of own tasks say goes here.
    pub(crate) link: Arc<Link>,
    /// What is seen of the platform's tasks.
    pub(crate) sightings: Sightings,
    pub(crate) configuration: watch::Sender<Configuration>,
    pub(crate) access: Access,
    /// The secret that was made because there was none, to be shown once.
    pub(crate) made_secret: Option<Secret<String>>,
    pub(crate) files: FileFolder,
    sealing: SealingKey,
    file_guesses: Lockout<i64>,
    nonces: transport::Nonces,
    /// Held while zips are put into their folder or taken out of it.
    zips: tokio::sync::Mutex<()>,
    /// Something may have become free, or may wait.
    wake: Notify,
    /// Rings when an own task has changed, and when the platform knows of it.
    telling: telling::Bells,
    unheard: Mutex<Option<Unheard>>,
}

/// What nobody has listened to yet.
struct Unheard {
    frames: mpsc::Receiver<String>,
    seen: mpsc::UnboundedReceiver<Sighting>,
}

/// Whether a lease was given by this robot to itself: those of a platform count from one up, its own from minus one down.
pub(crate) fn is_own(task: TaskRef) -> bool {
    task.fence < 0
}

/// Begins to serve the robot's own tasks, once what an earlier run of the agent left behind is settled.
pub(crate) async fn begin(robot: &Arc<Robot>) -> baigong_model::Result<()> {
    let unheard = robot.own.unheard.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(Unheard { frames, seen }) = unheard else { return Ok(()) };
    let never_began = opening::settle(robot).await?;
    let crew = &robot.crew;
    crew.spawn(answers::answer_runs(Arc::clone(robot), frames));
    let copy = (robot.own.store.clone(), robot.own.sightings.clone());
    crew.spawn(sightings::keep_writing(copy, Arc::clone(&robot.options.clock), seen));
    crew.spawn(opening::forget(Arc::clone(robot), never_began));
    crew.spawn(claim::keep_claiming(Arc::clone(robot)));
    crew.spawn(telling::keep_telling(Arc::clone(robot)));
    crew.spawn(retention::keep_tidy(Arc::clone(robot)));
    crew.spawn(triggers::keep_firing(Arc::clone(robot)));
    crew.spawn(triggers::keep_telling(Arc::clone(robot)));
    Ok(())
}

impl Own {
    /// Something may have become free, or may wait: it is looked again.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
        self.changed();
    }

    /// An own task has changed: the platform is told.
    pub(crate) fn changed(&self) {
        self.telling.changed.ring();
    }
}
