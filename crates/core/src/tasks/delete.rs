//! Taking tasks that have ended out of the lists. What is known of them stays, and is answered by their id.

use baigong_model::{Error, Permission, Result, TaskState};
use baigong_store::{audits, tasks as rows};
use futures_util::FutureExt;
use serde_json::json;

use crate::{Caller, Platform};

/// Deletes a task that has ended.
pub async fn delete(platform: &Platform, caller: &Caller, id: i64) -> Result<()> {
    caller.need(Permission::TaskControl)?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            let task = rows::lock(tx, caller.scope(), id).await?;
            let task = task.filter(|task| task.deleted_at.is_none()).ok_or_else(|| Error::not_found("task", id))?;
            let state: TaskState = task.state.parse().map_err(|()| Error::internal("unknown task state"))?;
            if !state.is_final() {
                return Err(Error::conflict("the task has not ended: cancel it first"));
            }
            rows::delete(tx, id, now).await?;
            let audit = caller.audit(now, "delete", "task", Some(id), Some(task.department_id), &json!({}));
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    deleted.await?;
    platform.task_positions.forget();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        tasks::{self, Filter, NewTasks, list, query, retry},
        testing::on_both,
    };

    #[tokio::test(flavor = "multi_thread")]
    async fn an_ended_task_leaves_the_lists_and_can_be_run_again() {
        on_both(async |world| {
            let platform = &world.platform;
            let caller = &world.admin;
            let process = world.process(world.north, "p").await;
            let new = NewTasks { process_id: process, priority: 0, ..NewTasks::default() };
            let task = tasks::create(platform, caller, new).await.unwrap()[0];
            assert!(matches!(delete(platform, caller, task).await, Err(Error::Conflict(_))), "it waits");
            assert!(matches!(retry(platform, caller, task).await, Err(Error::Conflict(_))), "it waits");
            tasks::cancel(platform, caller, task).await.unwrap();
            let again = retry(platform, caller, task).await.unwrap();
            let (old, new) =
                (query(platform, caller, task).await.unwrap(), query(platform, caller, again).await.unwrap());
            assert_eq!((old.task.package_id, old.task.priority), (new.task.package_id, new.task.priority));
            let listed = async || {
                let page =
                    list(platform, caller, Filter::default(), baigong_model::Page::new(None, None).unwrap()).await;
                let page = page.unwrap();
                assert_eq!(page.total, page.rows.len() as u64);
                page.rows.into_iter().map(|row| row.task.id).collect::<Vec<_>>()
            };
            assert_eq!(listed().await, [again, task]);
            delete(platform, caller, task).await.unwrap();
            assert_eq!(listed().await, [again]);
            assert!(query(platform, caller, task).await.unwrap().task.deleted_at.is_some());
            assert!(matches!(delete(platform, caller, task).await, Err(Error::NotFound { .. })));
        })
        .await;
    }
}
