//! Calls that a task made through its robot and what they were answered: a call that comes again after a lost answer
//! gets the first answer and does nothing.

use baigong_model::Result;
use sea_orm::DatabaseTransaction as Tx;

use crate::sql;

/// The answer given before, if the call was made before.
pub async fn find(tx: &Tx, task_id: i64, fence: i64, call_id: i64) -> Result<Option<String>> {
    let text = "SELECT reply FROM robot_call WHERE task_id = $1 AND fence = $2 AND call_id = $3";
    let replies = sql::column(tx, text, vec![task_id.into(), fence.into(), call_id.into()]).await?;
    Ok(replies.into_iter().next())
}

/// Remembers the answer, in the transaction of what it answers.
pub async fn insert(tx: &Tx, task_id: i64, fence: i64, call_id: i64, reply: &str, now: i64) -> Result<()> {
    let text = "INSERT INTO robot_call (task_id, fence, call_id, reply, created_at) VALUES ($1, $2, $3, $4, $5)";
    let values = vec![task_id.into(), fence.into(), call_id.into(), reply.into(), now.into()];
    sql::run(tx, text, values).await.map(drop)
}

/// Forgets calls made before `before`: their tasks ended long ago.
pub async fn forget(tx: &Tx, before: i64) -> Result<u64> {
    sql::run(tx, "DELETE FROM robot_call WHERE created_at < $1", vec![before.into()]).await
}
