//! Recordings of tasks' screens and their chunks. The bytes lie among the blobs.

use baigong_model::{Result, ids::TaskId};
use sea_orm::{ColumnTrait, DatabaseTransaction as Tx, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    entity::{
        recording::{Column, Entity, Model},
        recording_chunk as chunk,
    },
    error::translate,
    sql,
    write::Store,
};

/// A recording that begins.
#[derive(Debug, Clone)]
pub struct NewRecording {
    /// The task.
    pub task_id: TaskId,
    /// Which run of it.
    pub fence: i64,
    /// Which file of the run, from 1.
    pub part: i32,
    /// The robot.
    pub robot_id: i64,
    /// When it begins.
    pub started_at: i64,
    /// The key of its chunks.
    pub sealed_key: String,
    /// The time now.
    pub now: i64,
}

/// Begins a recording; one that was begun already stays as it is.
pub async fn begin(tx: &Tx, new: NewRecording) -> Result<()> {
    let text = "INSERT INTO recording
        (task_id, fence, part, robot_id, started_at, ended_at, sealed_key, chunks, in_order, created_at)
        VALUES ($1, $2, $3, $4, $5, $5, $6, NULL, FALSE, $7) ON CONFLICT (task_id, fence, part) DO NOTHING";
    let values = vec![
        new.task_id.into(),
        new.fence.into(),
        new.part.into(),
        new.robot_id.into(),
        new.started_at.into(),
        new.sealed_key.into(),
        new.now.into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

/// A task of which there is a recording is one that is recorded, also where only its robot wanted that.
pub async fn is_of(tx: &Tx, task_id: TaskId) -> Result<()> {
    let text = "UPDATE task SET is_record = TRUE WHERE id = $1 AND is_record = FALSE";
    sql::run(tx, text, vec![task_id.into()]).await.map(drop)
}

/// Stores a chunk; one that is there already stays as it is. The recording lasts at least until its end.
pub async fn add_chunk(tx: &Tx, chunk: chunk::Model) -> Result<()> {
    let (id, ended_at) = (chunk.recording_id, chunk.ended_at);
    let text = "INSERT INTO recording_chunk (recording_id, number, started_at, ended_at, size, blob_key, lost)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (recording_id, number) DO NOTHING";
    let values = vec![
        id.into(),
        chunk.number.into(),
        chunk.started_at.into(),
        ended_at.into(),
        chunk.size.into(),
        chunk.blob_key.into(),
        chunk.lost.into(),
    ];
    sql::run(tx, text, values).await?;
    last(tx, id, ended_at).await
}

async fn last(tx: &Tx, id: i64, until: i64) -> Result<()> {
    let text = "UPDATE recording SET ended_at = $1 WHERE id = $2 AND ended_at < $1";
    sql::run(tx, text, vec![until.into(), id.into()]).await.map(drop)
}

/// Ends a recording of `chunks` chunks.
pub async fn end(tx: &Tx, id: i64, ended_at: i64, (chunks, in_order): (i32, bool)) -> Result<()> {
    let text = "UPDATE recording SET chunks = $1, in_order = $2 WHERE id = $3 AND chunks IS NULL";
    sql::run(tx, text, vec![chunks.into(), in_order.into(), id.into()]).await?;
    last(tx, id, ended_at).await
}

/// The recording `id`, whatever task it is of: whoever asks must check the task.
pub async fn find(store: &Store, id: i64) -> Result<Option<Model>> {
    sql::unique(Entity::find_by_id(id), store.reader()).await
}

/// A part of a run of a task.
pub async fn find_part(store: &Store, (task_id, fence): (TaskId, i64), part: i32) -> Result<Option<Model>> {
    let query = Entity::find().filter(Column::TaskId.eq(task_id)).filter(Column::Fence.eq(fence));
    sql::unique(query.filter(Column::Part.eq(part)), store.reader()).await
}

/// The recordings of a task, by run and part.
pub async fn of_task(store: &Store, task_id: TaskId) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::TaskId.eq(task_id));
    query.order_by_asc(Column::Fence).order_by_asc(Column::Part).all(store.reader()).await.map_err(translate)
}

/// The ids of them.
pub async fn ids_of_task(store: &Store, task_id: TaskId) -> Result<Vec<i64>> {
    let text = "SELECT id FROM recording WHERE task_id = $1 ORDER BY fence, part";
    sql::column(store.reader(), text, vec![task_id.into()]).await
}

/// Whether a chunk is here, or known to be lost.
pub async fn has_chunk(store: &Store, id: i64, number: i32) -> Result<bool> {
    let text = "SELECT number FROM recording_chunk WHERE recording_id = $1 AND number = $2";
    sql::exists(store.reader(), text, vec![id.into(), number.into()]).await
}

/// The chunks of a recording, in order.
pub async fn chunks(store: &Store, id: i64) -> Result<Vec<chunk::Model>> {
    let query = chunk::Entity::find().filter(chunk::Column::RecordingId.eq(id));
    query.order_by_asc(chunk::Column::Number).all(store.reader()).await.map_err(translate)
}

/// Recordings that ended before a time, a handful of them.
pub async fn ended_before(store: &Store, before: i64) -> Result<Vec<i64>> {
    let text = "SELECT id FROM recording WHERE ended_at < $1 ORDER BY ended_at LIMIT 50";
    sql::column(store.reader(), text, vec![before.into()]).await
}

/// Removes recordings with all their chunks.
pub async fn remove(tx: &Tx, ids: &[i64]) -> Result<()> {
    for (table, column) in [("recording_chunk", "recording_id"), ("recording", "id")] {
        let text = format!("DELETE FROM {table} WHERE {column} IN {}", sql::places(tx, 1, ids.len(), 0));
        sql::run(tx, &text, ids.iter().map(|id| (*id).into()).collect()).await?;
    }
    Ok(())
}
