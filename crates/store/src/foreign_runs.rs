//! Runs that were, or are to be, started on foreign platforms: the journal by which nothing is started twice.

use baigong_model::{
    Result,
    ids::{BridgeId, Fence, TaskId},
};
use sea_orm::{DatabaseTransaction as Tx, FromQueryResult};

use crate::{error::translate, sql, write::Store};

/// One row of `foreign_run`.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Run {
    /// The task here.
    pub task_id: TaskId,
    /// Its lease.
    pub fence: Fence,
    /// How far it is: "accepted", "granted", "sending", "sent" or "ended".
    pub phase: String,
    /// JSON: what to look for it by.
    pub known: String,
    /// Which task it is there.
    pub foreign_id: Option<String>,
    /// When its start was sent.
    pub sent_at: Option<i64>,
    /// How many lines of its log were taken.
    pub lines: i64,
    /// Whether it is to be stopped.
    pub stop_wanted: bool,
}

const COLUMNS: &str = "task_id, fence, phase, known, foreign_id, sent_at, lines, stop_wanted";

/// Writes a run down; the same again changes nothing.
pub async fn insert(tx: &Tx, bridge: BridgeId, run: &Run) -> Result<()> {
    let text = "INSERT INTO foreign_run (task_id, fence, bridge_id, phase, known, lines, stop_wanted)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (task_id, fence) DO NOTHING";
    let values = vec![
        run.task_id.into(),
        run.fence.into(),
        bridge.into(),
        run.phase.as_str().into(),
        run.known.as_str().into(),
        run.lines.into(),
        run.stop_wanted.into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

/// Writes down how far a run is.
pub async fn update(tx: &Tx, run: &Run) -> Result<()> {
    let text =
        "UPDATE foreign_run SET phase = $1, known = $2, foreign_id = $3, sent_at = $4, lines = $5, stop_wanted = $6
        WHERE task_id = $7 AND fence = $8";
    let values = vec![
        run.phase.as_str().into(),
        run.known.as_str().into(),
        run.foreign_id.clone().into(),
        run.sent_at.into(),
        run.lines.into(),
        run.stop_wanted.into(),
        run.task_id.into(),
        run.fence.into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

/// The runs of a bridge that have not ended.
pub async fn open(store: &Store, bridge: BridgeId) -> Result<Vec<Run>> {
    let text =
        format!("SELECT {COLUMNS} FROM foreign_run WHERE bridge_id = $1 AND phase <> 'ended' ORDER BY task_id, fence");
    let rows = sql::rows(store.reader(), &text, vec![bridge.into()]).await?;
    rows.iter().map(|row| Run::from_query_result(row, "").map_err(translate)).collect()
}

/// The tasks there that are runs of ours, with these.
pub async fn taken(store: &Store, bridge: BridgeId) -> Result<Vec<(String, TaskId)>> {
    let text = "SELECT foreign_id, task_id FROM foreign_run WHERE bridge_id = $1 AND foreign_id IS NOT NULL";
    let rows = sql::rows(store.reader(), text, vec![bridge.into()]).await?;
    rows.iter().map(|row| Ok((sql::get(row, 0)?, sql::get(row, 1)?))).collect()
}

/// Removes up to `limit` runs that have ended and whose tasks ended before `before`; how many.
pub async fn forget(tx: &Tx, before: i64, limit: usize) -> Result<u64> {
    let text = format!(
        "DELETE FROM foreign_run WHERE (task_id, fence) IN (
            SELECT r.task_id, r.fence FROM foreign_run r JOIN task t ON t.id = r.task_id
            WHERE r.phase = 'ended' AND t.ended_at < $1 LIMIT {limit})"
    );
    sql::run(tx, &text, vec![before.into()]).await
}
