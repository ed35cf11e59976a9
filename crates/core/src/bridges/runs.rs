//! The journal of runs on the other side. What is written here before something is sent decides, after a crash, whether it may
//! be sent, must be looked for, or goes on.

use baigong_model::{
    Error, Result,
    ids::{BridgeId, ProcessId, TaskId},
};
use baigong_protocol::{Assign, TaskRef};
pub use baigong_store::foreign_runs::Run;
use baigong_store::{entity::bridge, foreign_objects, foreign_runs as rows};
use futures_util::FutureExt;
use serde_json::Value;

use super::mirror::Detail;
use crate::Platform;

/// The runs of a bridge that have not ended.
pub async fn open(platform: &Platform, bridge: BridgeId) -> Result<Vec<Run>> {
    rows::open(&platform.store, bridge).await
}

/// Writes down that a task was given to the bridge.
pub async fn accept(platform: &Platform, bridge: &bridge::Model, assign: &Assign, known: String) -> Result<()> {
    let id = bridge.id;
    let run = Run {
        task_id: assign.task_id,
        fence: assign.fence,
        phase: "accepted".into(),
        known,
        foreign_id: None,
        sent_at: None,
        lines: 0,
        stop_wanted: false,
    };
    platform.store.write(move |tx| async move { rows::insert(tx, id, &run).await }.boxed()).await
}

/// Writes down how far a run is.
pub async fn written(platform: &Platform, run: &Run) -> Result<()> {
    let run = run.clone();
    platform.store.write(move |tx| async move { rows::update(tx, &run).await }.boxed()).await
}

/// The tasks there that are runs of ours.
pub async fn taken(platform: &Platform, bridge: BridgeId) -> Result<Vec<(String, TaskId)>> {
    rows::taken(&platform.store, bridge).await
}

/// What is to be known to start the process there that a process here stands for; none where it stands for none.
pub async fn known_of(platform: &Platform, bridge: BridgeId, process: ProcessId) -> Result<Option<Value>> {
    let object = foreign_objects::process_of(&platform.store, bridge, process).await?;
    let object = object.filter(|object| object.state != "gone");
    let detail = object.map(|object| serde_json::from_str::<Detail>(&object.detail).map_err(Error::internal));
    Ok(detail.transpose()?.map(|detail| detail.known))
}

/// The task and lease of a run.
#[must_use]
pub fn task_of(run: &Run) -> TaskRef {
    TaskRef { task_id: run.task_id, fence: run.fence }
}
