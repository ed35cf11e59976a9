//! Running a task that has ended once more: as a new task, with the package version, the parameters and the robots of the old
//! one. The old one stays as it ended.

use std::sync::Arc;

use baigong_model::{Error, Permission, Result, TaskState, ids::TaskId};
use baigong_store::{own_tasks::MADE_ON_ROBOT, tasks as rows};
use serde_json::json;

use super::control::its_robots;
use crate::{Caller, Platform};

/// Queues another task like the ended task `id`; its id.
pub async fn retry(platform: &Platform, caller: &Caller, id: TaskId) -> Result<TaskId> {
    caller.need(Permission::TaskRun)?;
    let old = rows::find(&platform.store, caller.scope(), id).await?;
    let old = old.filter(|task| task.deleted_at.is_none()).ok_or_else(|| Error::not_found("task", id))?;
    let state: TaskState = old.state.parse().map_err(|()| Error::internal("unknown task state"))?;
    if !state.is_final() {
        return Err(Error::conflict("the task has not ended: it cannot be run again yet"));
    }
    if old.create_mode == MADE_ON_ROBOT {
        return Err(its_robots(&old));
    }
    let now = platform.now();
    let detail = json!({ "processId": old.process_id, "count": 1, "again": id });
    let again = rows::NewTasks {
        department_id: old.department_id,
        process_id: old.process_id,
        package_id: old.package_id,
        trigger_id: None,
        pools: vec![old.pool_id],
        priority: old.priority,
        create_mode: 2,
        created_by: caller.id(),
        is_record: old.is_record,
        is_warn: old.is_warn,
        warn_type: old.warn_type,
        in_parameters: Arc::from(old.in_parameters),
        task_name: old.task_name,
        max_run_minutes: old.max_run_minutes,
        max_wait_minutes: old.max_wait_minutes,
        retry_safe: old.retry_safe,
        fail_try_times: old.fail_try_times,
        now,
        audit: caller.audit(now, "create", "task", None, Some(old.department_id), &detail),
    };
    let ids = platform.hot.create.submit(again).await?;
    platform.dispatch.wake(old.pool_id);
    ids.into_iter().next().ok_or_else(|| Error::internal("a task got no id"))
}
