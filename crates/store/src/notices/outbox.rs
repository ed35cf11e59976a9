//! How notices leave: each gets its channel, those close to one another are put into one message, and whoever sends one
//! holds it until a time. What is not settled by then is tried again, so a message is sent at least once.

use baigong_model::{NoticeState, Result};
use sea_orm::{DatabaseTransaction as Tx, FromQueryResult, QueryResult, Value};

use crate::{
    entity::notice::{Entity, Model},
    error::translate,
    sql,
    write::{Store, row_lock},
};

/// Notices whose channels are not known yet, oldest first; other nodes leave them alone meanwhile.
pub async fn take_new(tx: &Tx, limit: usize) -> Result<Vec<Model>> {
    let lock = row_lock(tx, " FOR UPDATE SKIP LOCKED");
    let columns = sql::columns::<Entity>();
    let text = format!("SELECT {columns} FROM notice WHERE state = 'new' ORDER BY id LIMIT {limit}{lock}");
    sql::rows(tx, &text, vec![]).await?.iter().map(from_row).collect()
}

fn from_row(row: &QueryResult) -> Result<Model> {
    Model::from_query_result(row, "").map_err(translate)
}

/// Counts one more into the message of `storm_key` that is still held back; which notice that is, if there is one.
pub async fn join_held(tx: &Tx, storm_key: &str, now: i64) -> Result<Option<i64>> {
    let text = "UPDATE notice SET occurrences = occurrences + 1 WHERE state = 'waiting' AND attempts = 0 AND id =
                (SELECT MAX(id) FROM notice WHERE storm_key = $1 AND state = 'waiting' AND attempts = 0 AND next_try > $2)
                RETURNING id";
    Ok(sql::column(tx, text, vec![storm_key.into(), now.into()]).await?.first().copied())
}

/// When the latest message of `storm_key` was or will be sent.
pub async fn last_told(tx: &Tx, storm_key: &str) -> Result<Option<i64>> {
    let text = "SELECT MAX(COALESCE(sent_at, next_try, created_at)) FROM notice
                WHERE storm_key = $1 AND state IN ('waiting', 'sent', 'failed')";
    let found: Vec<Option<i64>> = sql::column(tx, text, vec![storm_key.into()]).await?;
    Ok(found.first().copied().flatten())
}

/// Where a new notice goes.
#[derive(Debug, Clone)]
pub struct Route {
    /// The notice.
    pub id: i64,
    /// What becomes of it.
    pub state: NoticeState,
    /// Its channel.
    pub channel_id: Option<i64>,
    /// What it is told together with.
    pub storm_key: Option<String>,
    /// When it is sent.
    pub next_try: Option<i64>,
    /// The notice whose message tells of it.
    pub merged_into: Option<i64>,
}

/// Writes down where a notice goes.
pub async fn route(tx: &Tx, route: &Route) -> Result<()> {
    let text =
        "UPDATE notice SET state = $1, channel_id = $2, storm_key = $3, next_try = $4, merged_into = $5 WHERE id = $6";
    let values: Vec<Value> = vec![
        route.state.as_str().into(),
        route.channel_id.into(),
        route.storm_key.as_deref().into(),
        route.next_try.into(),
        route.merged_into.into(),
        route.id.into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}

/// The same notice once more, for another channel.
pub async fn copy(tx: &Tx, notice: &Model, channel: i64) -> Result<Option<i64>> {
    let text = "INSERT INTO notice (idempotency_key, kind, level, department_id, object_id, process_id, detail, warn_type,
                created_by, state, occurrences, attempts, created_at)
                SELECT idempotency_key || '.' || $1, kind, level, department_id, object_id, process_id, detail, warn_type,
                created_by, state, occurrences, attempts, created_at FROM notice WHERE id = $2
                ON CONFLICT (idempotency_key) DO NOTHING RETURNING id";
    Ok(sql::column(tx, text, vec![channel.to_string().into(), notice.id.into()]).await?.first().copied())
}

/// Takes up to `limit` notices that are due, for whoever sends them until `until`.
pub async fn claim(tx: &Tx, now: i64, until: i64, limit: usize) -> Result<Vec<Model>> {
    let lock = row_lock(tx, " FOR UPDATE SKIP LOCKED");
    let columns = sql::columns::<Entity>();
    let text = format!(
        "UPDATE notice SET next_try = $1, attempts = attempts + 1 WHERE id IN
         (SELECT id FROM notice WHERE state = 'waiting' AND next_try <= $2 ORDER BY next_try, id LIMIT {limit}{lock})
         RETURNING {columns}"
    );
    let rows = sql::rows(tx, &text, vec![until.into(), now.into()]).await?;
    // What RETURNING answers has no order of its own.
    let mut claimed = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
    claimed.sort_unstable_by_key(|notice| notice.id);
    Ok(claimed)
}

/// How a try went.
#[derive(Debug, Clone)]
pub struct Settled {
    /// The notice.
    pub id: i64,
    /// Which try: a later one is not overwritten by an earlier one that took too long.
    pub attempts: i32,
    /// What has become of it.
    pub state: NoticeState,
    /// When it is tried next, if it is.
    pub next_try: Option<i64>,
    /// Why it failed, if it did.
    pub error: Option<String>,
    /// When it was taken, if it was.
    pub sent_at: Option<i64>,
}

/// Writes down how a try went.
pub async fn settle(tx: &Tx, settled: &Settled) -> Result<bool> {
    let text = "UPDATE notice SET state = $1, next_try = $2, last_error = $3, sent_at = $4
                WHERE id = $5 AND attempts = $6 AND state = 'waiting'";
    let values: Vec<Value> = vec![
        settled.state.as_str().into(),
        settled.next_try.into(),
        settled.error.as_deref().into(),
        settled.sent_at.into(),
        settled.id.into(),
        settled.attempts.into(),
    ];
    Ok(sql::run(tx, text, values).await? > 0)
}

/// Whether anything is to be routed or sent: a look that costs no transaction.
pub async fn is_due(store: &Store, now: i64) -> Result<bool> {
    let text = "SELECT 1 WHERE EXISTS (SELECT 1 FROM notice WHERE state = 'new')
                OR EXISTS (SELECT 1 FROM notice WHERE state = 'waiting' AND next_try <= $1)";
    sql::exists(store.reader(), text, vec![now.into()]).await
}

/// Removes up to `limit` notices from before `before` with which nothing more will happen; how many.
pub async fn forget(tx: &Tx, before: i64, limit: usize) -> Result<u64> {
    let text = format!(
        "DELETE FROM notice WHERE id IN (SELECT id FROM notice WHERE created_at < $1
         AND state IN ('sent', 'merged', 'failed', 'no-channel') ORDER BY id LIMIT {limit})"
    );
    sql::run(tx, &text, vec![before.into()]).await
}
