//! Recordings of tasks' screens, for people (T/TSAC 002-2025, 5.4 and 6.2.11.2). Robots bring them in `robot_sessions`; they
//! lie here sealed and are opened for whoever was given an address, which is written into the audit.

mod gaps;
mod playback;
mod retention;

use baigong_model::{Error, Permission, Result, ids::TaskId};
use baigong_protocol::{RecordingKey, RecordingRef};
use baigong_store::{
    audits,
    entity::{recording, task},
    recordings as rows, tasks,
};
use futures_util::FutureExt;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

pub use gaps::Gap;
pub(crate) use playback::open;
pub use retention::remove_old;

use crate::{Caller, Platform};

/// Where the bytes of all recordings lie among the blobs.
const PREFIX: &str = "recording";

/// A recording as people see it.
#[derive(Debug, Clone)]
pub struct Recording {
    /// Its row.
    pub row: recording::Model,
    /// In bytes, what is here of it.
    pub size: i64,
    /// What is lost of it.
    pub gaps: Vec<Gap>,
}

impl Recording {
    /// Whether it was ended in order and nothing of it is lost.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.row.in_order && self.row.chunks.is_some() && self.gaps.is_empty()
    }
}

/// The recordings of a task that the caller sees, by run and part. That they were given is in the audit.
pub async fn list(platform: &Platform, caller: &Caller, task_id: TaskId) -> Result<Vec<Recording>> {
    caller.need(Permission::VideoRead)?;
    let task = tasks::find(&platform.store, caller.scope(), task_id).await?;
    let task = task.ok_or_else(|| Error::not_found("task", task_id))?;
    let mut recordings = Vec::new();
    for row in rows::of_task(&platform.store, task_id).await? {
        let chunks = rows::chunks(&platform.store, row.id).await?;
        let (size, gaps) = (playback::size_of(&chunks), gaps::of(&row, &chunks));
        recordings.push(Recording { row, size, gaps });
    }
    if !recordings.is_empty() {
        let ids: Vec<i64> = recordings.iter().map(|recording| recording.row.id).collect();
        let (now, detail) = (platform.now(), json!({ "recordFileIds": ids }));
        let audit = caller.audit(now, "watch", "recording", Some(task_id), Some(task.department_id), &detail);
        platform.store.write(move |tx| async move { audits::insert_many(tx, &[audit]).await }.boxed()).await?;
    }
    Ok(recordings)
}

/// The ids of the recordings of a task that the caller was given, by run and part. Nothing of their content: that is
/// [`list`]'s to give, and to audit.
pub async fn ids_of(platform: &Platform, task: &task::Model) -> Result<Vec<i64>> {
    // Of one that is not recorded there are none: what is asked most often asks the database once.
    if task.is_record { rows::ids_of_task(&platform.store, task.id).await } else { Ok(Vec::new()) }
}

/// What a robot proves with that a run was its own: `(robot, task, fence)`.
pub(crate) fn ticket(platform: &Platform, holder: (i64, i64, i64)) -> String {
    hex::encode(signed(platform, holder).finalize().into_bytes())
}

/// Whether it is the ticket of this run.
pub(crate) fn is_ticket(platform: &Platform, holder: (i64, i64, i64), ticket: &str) -> bool {
    hex::decode(ticket).is_ok_and(|bytes| signed(platform, holder).verify_slice(&bytes).is_ok())
}

fn signed(platform: &Platform, (robot, task, fence): (i64, i64, i64)) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(platform.keys.download_key()).expect("HMAC takes keys of any length");
    // No address is signed as a text of this beginning.
    mac.update(format!("recording-ticket\n{robot}\n{task}\n{fence}").as_bytes());
    mac
}

/// The key of a recording's chunks.
pub(crate) fn key_of(platform: &Platform, row: &recording::Model) -> Result<RecordingKey> {
    let key = RecordingKey::open_from(platform.keys.recorder(), name_of(row), &row.sealed_key);
    key.ok_or_else(|| Error::internal("the key of a recording does not open with our key"))
}

/// How its robot calls a recording.
pub(crate) fn name_of(row: &recording::Model) -> RecordingRef {
    RecordingRef { robot_id: row.robot_id, task_id: row.task_id, fence: row.fence, part: row.part }
}

/// Where a chunk lies among the blobs.
pub(crate) fn blob_key(recording: i64, number: i32) -> String {
    format!("{PREFIX}/{recording}/{number}")
}

#[cfg(test)]
mod tests;
