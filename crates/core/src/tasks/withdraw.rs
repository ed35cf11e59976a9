//! Cancelling what waits for something that is being deleted: it could never run.

use std::sync::Arc;

use baigong_model::{Result, TaskState, TaskStep};
use baigong_protocol::{TaskNotice, ToRobot};
use baigong_store::{
    Tx,
    entity::task,
    tasks::{self as rows, Of, StepRequest},
};

use crate::{Caller, Platform};

/// How many are cancelled by one statement.
const AT_ONCE: usize = 1000;

/// Tasks that were cancelled together, for [`tell`].
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Withdrawn {
    /// How many.
    count: usize,
    /// Those of them that were on their way to a robot, as they were.
    on_their_way: Vec<task::Model>,
}

/// Cancels every task that has not been started and needs `of`, in the transaction that deletes it. Tasks that run go on
/// to their end.
pub(crate) async fn withdraw(tx: &Tx, of: &Of, why: &str, now: i64) -> Result<Withdrawn> {
    let mut withdrawn = Withdrawn::default();
    loop {
        let waiting = rows::unstarted(tx, of, AT_ONCE).await?;
        if waiting.is_empty() {
            return Ok(withdrawn);
        }
        let requests = waiting.iter().map(|row| StepRequest {
            fence: Some(row.fence),
            message: Some(why.to_owned()),
            audit: Some(cancelled(row, why, now)),
            ..StepRequest::new(row.id, TaskStep::Cancel, now)
        });
        for answer in rows::step(tx, Arc::new(requests.collect())).await? {
            let before = answer?.before;
            withdrawn.count += 1;
            withdrawn.on_their_way.extend(Some(before).filter(|row| row.state == TaskState::Assigned.as_str()));
        }
    }
}

fn cancelled(row: &task::Model, why: &str, now: i64) -> baigong_store::audits::NewAudit {
    let detail = serde_json::json!({ "because": why });
    Caller::platform().audit(now, "cancel", "task", Some(row.id), Some(row.department_id), &detail)
}

/// Counts tasks that were withdrawn and tells the robots of those on their way, after the commit.
pub(crate) fn tell(platform: &Platform, withdrawn: &Withdrawn) {
    platform.counted.ended(TaskState::Cancelled, withdrawn.count);
    for row in &withdrawn.on_their_way {
        let Some(robot) = row.robot_id else { continue };
        let reason = "what the task needs was deleted".into();
        platform.links.send(robot, ToRobot::Cancel(TaskNotice { task_id: row.id, fence: row.fence, reason }));
        platform.links.update(robot, |linked| linked.held.remove(&row.id));
        platform.dispatch.wake_robot(robot);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::testing::on_both;

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_to_do_is_done_on_both_engines() {
        on_both(async |world| {
            let store = &world.platform.store;
            let steps = store.write(|tx| rows::step(tx, Arc::default()).boxed()).await.unwrap();
            assert!(steps.is_empty());
            assert!(rows::states(store, &[]).await.unwrap().is_empty());
            assert!(baigong_store::pools::of_robots(store, &[]).await.unwrap().is_empty());
            let none = store.write(move |tx| async move { withdraw(tx, &Of::Pools(Vec::new()), "x", 1).await }.boxed());
            assert_eq!(none.await.unwrap(), Withdrawn::default());
        })
        .await;
    }
}
