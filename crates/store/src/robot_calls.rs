//! Calls that a task made through its robot and what they were answered: a call that comes again after a lost answer
//! gets the first answer and does nothing.

use baigong_model::Result;
use sea_orm::DatabaseTransaction as Tx;

use crate::sql;

/// Takes the call for this transaction; false when it was made before. Where two come at once, the second waits here
/// for the end of the first.
pub async fn reserve(tx: &Tx, task_id: i64, fence: i64, call_id: i64, now: i64) -> Result<bool> {
    let text = "INSERT INTO robot_call (task_id, fence, call_id, reply, created_at) VALUES ($1, $2, $3, '', $4)
        ON CONFLICT DO NOTHING";
    Ok(sql::run(tx, text, vec![task_id.into(), fence.into(), call_id.into(), now.into()]).await? == 1)
}

/// The answer given before.
pub async fn find(tx: &Tx, task_id: i64, fence: i64, call_id: i64) -> Result<Option<String>> {
    let text = "SELECT reply FROM robot_call WHERE task_id = $1 AND fence = $2 AND call_id = $3";
    let replies = sql::column(tx, text, vec![task_id.into(), fence.into(), call_id.into()]).await?;
    Ok(replies.into_iter().next())
}

/// Writes the answer of a call that was reserved, in the transaction of what it answers.
pub async fn answer(tx: &Tx, task_id: i64, fence: i64, call_id: i64, reply: &str) -> Result<()> {
    let text = "UPDATE robot_call SET reply = $4 WHERE task_id = $1 AND fence = $2 AND call_id = $3";
    sql::run(tx, text, vec![task_id.into(), fence.into(), call_id.into(), reply.into()]).await.map(drop)
}

/// Forgets up to 5,000 calls made before `before`: their tasks ended long ago. Answers how many.
pub async fn forget(tx: &Tx, before: i64) -> Result<u64> {
    let text = "DELETE FROM robot_call WHERE (task_id, fence, call_id) IN
        (SELECT task_id, fence, call_id FROM robot_call WHERE created_at < $1 LIMIT 5000)";
    sql::run(tx, text, vec![before.into()]).await
}
