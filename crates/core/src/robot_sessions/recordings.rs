//! Recordings of tasks' screens, brought by their robots: the beginning, the chunks in any order and as often as it takes,
//! the end. What is stored here is sealed as it came.

use baigong_model::{Error, Result, ids::RobotId};
use baigong_protocol::{
    ChunkNote, RecordingEnd, RecordingHead, RecordingKey, RecordingRef,
    recording::{MAX_CHUNK_BYTES, MAX_CHUNKS, MAX_PARTS},
};
use baigong_store::{
    entity::{recording, recording_chunk},
    recordings as rows,
};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};

use super::storable;
use crate::{Platform, recordings};

/// The longest reason of a loss.
const LONGEST_REASON: usize = 500;
/// No moment that a robot tells lies after this: the year 9999.
const LATEST: i64 = 253_402_300_799_999;

/// Begins a recording of a run that was given to `robot`, as its ticket proves, whatever has become of the run since.
pub async fn begin_recording(platform: &Platform, robot: RobotId, head: RecordingHead) -> Result<()> {
    let RecordingRef { robot_id, task_id, fence, part } = head.recording;
    if robot_id != robot || !recordings::is_ticket(platform, (robot, task_id, fence), &head.ticket) {
        return Err(Error::StaleFence { given: fence, current: 0 });
    }
    if !(1..=MAX_PARTS).contains(&part) || !(0..=LATEST).contains(&head.started_at) {
        return Err(Error::invalid("recording", format!("must have a part from 1 to {MAX_PARTS} and a time")));
    }
    if RecordingKey::open_from(platform.keys.recorder(), head.recording, &head.sealed_key).is_none() {
        return Err(Error::invalid("sealedKey", "is not sealed to this platform for this recording"));
    }
    let (started_at, sealed_key, now) = (head.started_at, head.sealed_key, platform.now());
    let new = rows::NewRecording { task_id, fence, part, robot_id, started_at, sealed_key, now };
    let begun = platform.store.write(move |tx| {
        async move {
            rows::begin(tx, new).await?;
            rows::is_of(tx, task_id).await
        }
        .boxed()
    });
    begun.await
}

/// Stores the chunk `number` of a recording that was begun, or that it is lost. One that is there stays as it is.
pub async fn put_chunk(
    platform: &Platform,
    recording: RecordingRef,
    number: i32,
    note: ChunkNote,
    body: Bytes,
) -> Result<()> {
    let row = begun(platform, recording).await?;
    if !(0..MAX_CHUNKS).contains(&number) || body.len() > MAX_CHUNK_BYTES {
        return Err(Error::invalid(
            "chunk",
            format!("must have a number below {MAX_CHUNKS} and at most {MAX_CHUNK_BYTES} bytes"),
        ));
    }
    if !(0..=LATEST).contains(&note.started_at) || !(note.started_at..=LATEST).contains(&note.ended_at) {
        return Err(Error::invalid("chunk", "must end after it begins"));
    }
    if rows::has_chunk(&platform.store, row.id, number).await? {
        return Ok(());
    }
    let blob_key = match note.lost {
        Some(_) => None,
        None => Some(keep(platform, &row, number, &body).await?),
    };
    let chunk = recording_chunk::Model {
        recording_id: row.id,
        number,
        started_at: note.started_at,
        ended_at: note.ended_at,
        size: blob_key.as_ref().map_or(0, |_| i64::try_from(body.len()).unwrap_or(i64::MAX)),
        blob_key,
        lost: note.lost.map(|reason| storable(&reason.chars().take(LONGEST_REASON).collect::<String>())),
    };
    platform.store.write(move |tx| async move { rows::add_chunk(tx, chunk).await }.boxed()).await
}

/// Keeps the bytes of a chunk that opens. The key is the chunk's own: what is kept again is the same.
async fn keep(platform: &Platform, row: &recording::Model, number: i32, body: &Bytes) -> Result<String> {
    if recordings::key_of(platform, row)?.open(recordings::name_of(row), number, body).is_none() {
        return Err(Error::invalid("chunk", "does not open: it was changed on the way or on the robot's disk"));
    }
    let key = recordings::blob_key(row.id, number);
    platform.blobs.put(&key, stream::iter([Ok(body.clone())]).boxed()).await?;
    Ok(key)
}

/// Ends a recording. An end that is there already stays.
pub async fn end_recording(platform: &Platform, recording: RecordingRef, end: RecordingEnd) -> Result<()> {
    let row = begun(platform, recording).await?;
    if !(0..=MAX_CHUNKS).contains(&end.chunks) || !(row.started_at..=LATEST).contains(&end.ended_at) {
        return Err(Error::invalid("end", format!("must come after the beginning, with at most {MAX_CHUNKS} chunks")));
    }
    let of = (end.chunks, end.in_order);
    platform.store.write(move |tx| async move { rows::end(tx, row.id, end.ended_at, of).await }.boxed()).await
}

async fn begun(platform: &Platform, recording: RecordingRef) -> Result<recording::Model> {
    let RecordingRef { robot_id, task_id, fence, part } = recording;
    let row = rows::find_part(&platform.store, (task_id, fence), part).await?;
    row.filter(|row| row.robot_id == robot_id).ok_or_else(|| Error::conflict("the recording was not begun"))
}
