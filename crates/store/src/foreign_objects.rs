//! What is known of foreign platforms: their processes, robots and tasks, as they were seen last.

use baigong_model::{Page, Result, ids::BridgeId};
use sea_orm::{DatabaseTransaction as Tx, FromQueryResult};

use crate::{error::translate, sql, write::Store};

/// What a row is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something that can be run there.
    Process,
    /// A robot there.
    Robot,
    /// A task there.
    Task,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Robot => "robot",
            Self::Task => "task",
        }
    }
}

/// One row of `foreign_object`.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Object {
    /// Its id there.
    pub foreign_id: String,
    /// Its name there.
    pub name: String,
    /// Its state there; "gone" where it was not there any more.
    pub state: String,
    /// JSON, as the kind needs it.
    pub detail: String,
    /// What stands for it here: a process, or a task that was started from here.
    pub local_id: Option<i64>,
    /// When it was last seen there.
    pub seen_at: i64,
}

const COLUMNS: &str = "foreign_id, name, state, detail, local_id, seen_at";

/// Stores what was seen. What stands for it here stays as it is.
pub async fn put(tx: &Tx, bridge: BridgeId, kind: Kind, objects: &[Object]) -> Result<()> {
    for object in objects {
        let text = "INSERT INTO foreign_object (bridge_id, kind, foreign_id, name, state, detail, local_id, seen_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (bridge_id, kind, foreign_id) DO UPDATE SET name = excluded.name, state = excluded.state,
                detail = excluded.detail, local_id = COALESCE(foreign_object.local_id, excluded.local_id),
                seen_at = excluded.seen_at";
        let values = vec![
            bridge.into(),
            kind.as_str().into(),
            object.foreign_id.as_str().into(),
            object.name.as_str().into(),
            object.state.as_str().into(),
            object.detail.as_str().into(),
            object.local_id.into(),
            object.seen_at.into(),
        ];
        sql::run(tx, text, values).await?;
    }
    Ok(())
}

/// Says what stands here for an object there.
pub async fn stands_for(tx: &Tx, bridge: BridgeId, kind: Kind, foreign_id: &str, local_id: i64) -> Result<()> {
    let text = "UPDATE foreign_object SET local_id = $1 WHERE bridge_id = $2 AND kind = $3 AND foreign_id = $4";
    let values = vec![local_id.into(), bridge.into(), kind.as_str().into(), foreign_id.into()];
    sql::run(tx, text, values).await.map(drop)
}

/// Says of what was not seen since `since` that it is gone.
pub async fn gone(tx: &Tx, bridge: BridgeId, kind: Kind, since: i64) -> Result<u64> {
    let text = "UPDATE foreign_object SET state = 'gone' WHERE bridge_id = $1 AND kind = $2 AND seen_at < $3";
    sql::run(tx, text, vec![bridge.into(), kind.as_str().into(), since.into()]).await
}

/// Forgets tasks that were not seen since `since`: how they ended is known there.
pub async fn forget_tasks(tx: &Tx, bridge: BridgeId, since: i64) -> Result<u64> {
    let text = "DELETE FROM foreign_object WHERE bridge_id = $1 AND kind = 'task' AND seen_at < $2";
    sql::run(tx, text, vec![bridge.into(), since.into()]).await
}

/// A page of what is known, oldest first.
pub async fn list(store: &Store, bridge: BridgeId, kind: Kind, page: Page) -> Result<Vec<Object>> {
    let text = format!(
        "SELECT {COLUMNS} FROM foreign_object WHERE bridge_id = $1 AND kind = $2 ORDER BY id LIMIT {} OFFSET {}",
        page.size(),
        page.offset()
    );
    read(store, &text, vec![bridge.into(), kind.as_str().into()]).await
}

/// How much is known.
pub async fn count(store: &Store, bridge: BridgeId, kind: Kind) -> Result<u64> {
    let text = "SELECT COUNT(*) FROM foreign_object WHERE bridge_id = $1 AND kind = $2";
    let counts: Vec<i64> = sql::column(store.reader(), text, vec![bridge.into(), kind.as_str().into()]).await?;
    Ok(counts.first().copied().unwrap_or(0).unsigned_abs())
}

/// Everything of one kind.
pub async fn all(store: &Store, bridge: BridgeId, kind: Kind) -> Result<Vec<Object>> {
    let text = format!("SELECT {COLUMNS} FROM foreign_object WHERE bridge_id = $1 AND kind = $2 ORDER BY id");
    read(store, &text, vec![bridge.into(), kind.as_str().into()]).await
}

/// The process there that the process `local_id` stands for.
pub async fn process_of(store: &Store, bridge: BridgeId, local_id: i64) -> Result<Option<Object>> {
    let text =
        format!("SELECT {COLUMNS} FROM foreign_object WHERE local_id = $1 AND bridge_id = $2 AND kind = 'process'");
    Ok(read(store, &text, vec![local_id.into(), bridge.into()]).await?.into_iter().next())
}

async fn read(store: &Store, text: &str, values: Vec<sea_orm::Value>) -> Result<Vec<Object>> {
    let rows = sql::rows(store.reader(), text, values).await?;
    rows.iter().map(|row| Object::from_query_result(row, "").map_err(translate)).collect()
}
