//! The start: the database is opened, and what an earlier run of the agent left half-done is finished or undone. The journal
//! tells which runs had begun.

use std::{
    collections::HashSet,
    io,
    sync::{Arc, Mutex},
};

use baigong_model::{Error, Result, TaskState, TaskStep};
use baigong_protocol::{RobotSecret, TaskRef};
use baigong_robot_store::{
    RobotStore, settings,
    tasks::{self as rows, Step},
};
use futures_util::FutureExt;
use tokio::sync::{Notify, watch};

use super::{
    Own, Unheard, access, access::Access, configuration, configuration::Configuration, files, files::FileFolder,
    is_own, lockout::Lockout, sealing::SealingKey, sightings, telling, transport,
};
use crate::{
    Options,
    data_folder::DataFolder,
    journal::{Entry, Stage},
    link::Link,
    robot::Robot,
};

/// The robot's id where no platform has given it one.
pub(crate) const ALONE: i64 = 1;

impl Own {
    /// Opens what lies in `folder`.
    pub(crate) async fn open(folder: &DataFolder, options: &Options) -> io::Result<Self> {
        Self::try_open(folder, options).await.map_err(|error| match std::error::Error::source(&error) {
            Some(cause) => io::Error::other(cause.to_string()),
            None => io::Error::other(error.to_string()),
        })
    }

    async fn try_open(folder: &DataFolder, options: &Options) -> Result<Self> {
        let store = RobotStore::open(&folder.database()).await?;
        let sealing = SealingKey::open(&folder.path().join("key.bin"), &*options.random)?;
        let (secret_hash, made) = secret(&store, options).await?;
        let link = Arc::new(Link::new());
        let (sightings, seen) = sightings::pair();
        let unheard = Unheard { frames: link.attach(), seen };
        Ok(Self {
            configuration: watch::Sender::new(configuration::read(&store).await?),
            access: Access::open(&store, secret_hash, &*options.clock).await?,
            files: FileFolder::open(&folder.files(), &folder.uploads())?,
            made_secret: made.map(|secret| secret.to_text()),
            file_guesses: Lockout::default(),
            nonces: transport::Nonces::default(),
            zips: tokio::sync::Mutex::default(),
            wake: Notify::new(),
            telling: telling::Bells::default(),
            unheard: Mutex::new(Some(unheard)),
            store,
            link,
            sightings,
            sealing,
        })
    }

    /// As it is set now.
    pub(crate) fn configuration(&self) -> Configuration {
        self.configuration.borrow().clone()
    }
}

/// The hash of the robot's secret: of the one it was started with, else of the one it knows, else of one that is made now.
async fn secret(store: &RobotStore, options: &Options) -> Result<(String, Option<RobotSecret>)> {
    let known = settings::find(store, access::SECRET).await?;
    let (secret, made) = match (&options.secret, known.clone()) {
        (Some(given), _) => (given.clone(), None),
        (None, Some(known)) => return Ok((known, None)),
        (None, None) => {
            let made = RobotSecret::generate(ALONE, &*options.random);
            (made.clone(), Some(made))
        }
    };
    let hash = access::hash(secret.key());
    if known.as_ref() != Some(&hash) {
        let kept = hash.clone();
        store.write(move |tx| async move { access::keep_secret(tx, kept).await }.boxed()).await?;
    }
    Ok((hash, made))
}

/// Settles what the last run of the agent left behind; answers the leases that are over because nothing of them had begun.
pub(super) async fn settle(robot: &Arc<Robot>) -> Result<Vec<TaskRef>> {
    let now = robot.options.clock.now();
    let (began, accepted, known) = robot.journal.look(|ledger| {
        let of = |wanted: fn(&Stage) -> bool| -> HashSet<TaskRef> {
            ledger.held().filter(|(_, held)| wanted(&held.stage)).map(|(task, _)| *task).collect()
        };
        (of(|stage| *stage != Stage::Accepted), of(|stage| *stage == Stage::Accepted), of(|_| true))
    });
    robot.desk.set_stopped(!configuration::accepts(&robot.own.store).await?);
    if let Some(size) = robot.own.configuration().set_screen() {
        robot.recordings.wants_screen(size, true).await;
    }
    files::recover(robot).await?;
    for task in rows::held(&robot.own.store).await? {
        let lease = TaskRef { task_id: task.id, fence: task.fence };
        if !began.contains(&lease) {
            put_back(&robot.own.store, &task, now).await?;
        }
    }
    let known: Vec<(i64, i64)> = known.iter().map(|task| (task.task_id, task.fence)).collect();
    robot.own.store.write(move |tx| async move { rows::lost_sight(tx, &known, now).await }.boxed()).await?;
    Ok(accepted.into_iter().filter(|task| is_own(*task)).collect())
}

/// A task whose run had certainly not begun waits again, unless a person wanted it to end.
async fn put_back(store: &RobotStore, task: &baigong_robot_store::entity::task::Model, now: i64) -> Result<()> {
    let state: TaskState = task.state.parse().map_err(|()| Error::internal("unknown task state"))?;
    let step = match state {
        TaskState::Assigned => TaskStep::Return,
        TaskState::Running | TaskState::Paused => TaskStep::RunAgain,
        TaskState::Stopping => TaskStep::Cancel,
        _ => return Ok(()),
    };
    let step = Step { id: task.id, fence: None, step, message: None, out_parameters: None, now };
    store.write(move |tx| async move { rows::step(tx, step).await.map(drop) }.boxed()).await
}

/// Nothing is left to do for these leases.
pub(super) async fn forget(robot: Arc<Robot>, leases: Vec<TaskRef>) {
    for task in leases {
        if let Err(error) = robot.journal.append(Entry::Ended { task }).await {
            tracing::warn!(%error, task = task.task_id, "the end of a lease is not in the journal");
        }
    }
    robot.own.wake();
}
