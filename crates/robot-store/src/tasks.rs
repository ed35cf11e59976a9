//! Tasks: those made on this robot, whose every step is decided here, and those of its platform, which are only written down.

mod list;
mod seen;
mod step;
mod told;

pub use list::{Filter, list};
pub use seen::{Seen, lost_sight, seen};
pub use step::{Step, step};
pub use told::{told, told_log, untold, untold_log};

use baigong_model::{Result, TaskState};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    sea_query::Expr,
};

use crate::{
    OWN_IDS_ABOVE, Tx,
    entity::task::{ActiveModel, Column, Entity, Model},
    error::translate,
    task_logs,
    write::RobotStore,
};

/// Rows of one statement.
const TOGETHER: usize = 500;

/// Stores `count` tasks like `row` (its id is ignored); their ids, in order.
pub async fn insert(tx: &Tx, row: &Model, count: usize) -> Result<Vec<i64>> {
    let last = Statement::from_string(tx.get_database_backend(), "SELECT seq FROM sqlite_sequence WHERE name = 'task'");
    let last = tx.query_one_raw(last).await.map_err(translate)?;
    let last: i64 = last.map_or(Ok(OWN_IDS_ABOVE), |row| row.try_get_by_index(0)).map_err(translate)?;
    let ids: Vec<i64> = (last + 1..).take(count).collect();
    for ids in ids.chunks(TOGETHER) {
        let rows = ids.iter().map(|id| ActiveModel::from(Model { id: *id, ..row.clone() }).reset_all());
        Entity::insert_many(rows).exec_without_returning(tx).await.map_err(translate)?;
    }
    Ok(ids)
}

/// The task `id`.
pub async fn find(store: &RobotStore, id: i64) -> Result<Option<Model>> {
    Entity::find_by_id(id).one(store.reader()).await.map_err(translate)
}

/// Gives the `most` most urgent waiting tasks to the runner: by priority, then age. Each gets a new lease.
pub async fn claim(tx: &Tx, most: u64) -> Result<Vec<Model>> {
    let waiting = Entity::find().filter(Column::IsOwn.eq(true)).filter(Column::State.eq(TaskState::Queued.as_str()));
    let waiting = waiting.order_by_asc(Column::Priority).order_by_asc(Column::Id).limit(most);
    let mut claimed = waiting.all(tx).await.map_err(translate)?;
    for task in &mut claimed {
        task.state = TaskState::Assigned.to_string();
        (task.is_held, task.fence, task.revision) = (true, task.fence - 1, task.revision + 1);
        let change = Entity::update_many()
            .col_expr(Column::State, Expr::value(task.state.clone()))
            .col_expr(Column::IsHeld, Expr::value(true))
            .col_expr(Column::Fence, Expr::value(task.fence))
            .col_expr(Column::Revision, Expr::value(task.revision))
            .filter(Column::Id.eq(task.id));
        change.exec(tx).await.map_err(translate)?;
    }
    Ok(claimed)
}

/// The own tasks that a run is, or may be, under way of.
pub async fn held(store: &RobotStore) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::IsOwn.eq(true)).filter(Column::IsHeld.eq(true));
    query.all(store.reader()).await.map_err(translate)
}

/// Whether an own task waits.
pub async fn is_any_waiting(store: &RobotStore) -> Result<bool> {
    let query = Entity::find().filter(Column::IsOwn.eq(true)).filter(Column::State.eq(TaskState::Queued.as_str()));
    Ok(query.one(store.reader()).await.map_err(translate)?.is_some())
}

/// The state of the own task `id` while a run holds it under the lease `fence`.
pub async fn held_under(tx: &Tx, id: i64, fence: i64) -> Result<Option<TaskState>> {
    let found = Entity::find_by_id(id).one(tx).await.map_err(translate)?;
    found
        .filter(|task| task.is_own && task.is_held && task.fence == fence)
        .map(|task| step::state_of(&task))
        .transpose()
}

/// Whether the package of the own task `id` may run again after a run that was broken off.
pub async fn is_retry_safe(tx: &Tx, id: i64) -> Result<bool> {
    let found = Entity::find_by_id(id).one(tx).await.map_err(translate)?;
    Ok(found.is_some_and(|task| task.is_own && task.retry_safe))
}

/// The own tasks that have waited too long at `now`.
pub async fn waited_too_long(store: &RobotStore, now: i64) -> Result<Vec<i64>> {
    let query = Entity::find().select_only().column(Column::Id).filter(Column::IsOwn.eq(true));
    let query = query.filter(Column::State.eq(TaskState::Queued.as_str())).filter(Column::WaitUntil.lte(now));
    query.into_tuple().all(store.reader()).await.map_err(translate)
}

/// When the next waiting task will have waited too long.
pub async fn next_deadline(store: &RobotStore) -> Result<Option<i64>> {
    let query = Entity::find().select_only().column_as(Column::WaitUntil.min(), "next").filter(Column::IsOwn.eq(true));
    let query = query.filter(Column::State.eq(TaskState::Queued.as_str()));
    Ok(query.into_tuple::<Option<i64>>().one(store.reader()).await.map_err(translate)?.flatten())
}

/// A task that has not ended and runs the package `id`.
pub async fn running_package(tx: &Tx, package: i64) -> Result<Option<i64>> {
    let query = Entity::find().select_only().column(Column::Id).filter(Column::PackageId.eq(package));
    query.filter(Column::EndedAt.is_null()).limit(1).into_tuple().one(tx).await.map_err(translate)
}

/// A task that has not ended and runs the process `id`.
pub async fn running_process(tx: &Tx, process: i64) -> Result<Option<i64>> {
    let query = Entity::find().select_only().column(Column::Id).filter(Column::ProcessId.eq(process));
    let query = query.filter(Column::IsOwn.eq(true)).filter(Column::EndedAt.is_null());
    query.limit(1).into_tuple().one(tx).await.map_err(translate)
}

/// Deletes tasks that ended before `before`, with their logs; at most `most`. Answers which.
pub async fn delete_old(tx: &Tx, before: i64, most: u64) -> Result<Vec<i64>> {
    let old = Entity::find().select_only().column(Column::Id).filter(Column::EndedAt.lt(before)).limit(most);
    delete(tx, old.into_tuple().all(tx).await.map_err(translate)?).await
}

/// Deletes the tasks of the platform that ended first, with what is known of their logs here; at most `most`. Answers which.
pub async fn delete_first_seen(tx: &Tx, most: u64) -> Result<Vec<i64>> {
    let seen = Entity::find().select_only().column(Column::Id).filter(Column::IsOwn.eq(false));
    let seen = seen.filter(Column::EndedAt.is_not_null()).order_by_asc(Column::EndedAt).limit(most);
    delete(tx, seen.into_tuple().all(tx).await.map_err(translate)?).await
}

async fn delete(tx: &Tx, ids: Vec<i64>) -> Result<Vec<i64>> {
    if !ids.is_empty() {
        task_logs::delete_of(tx, &ids).await?;
        Entity::delete_many().filter(Column::Id.is_in(ids.clone())).exec(tx).await.map_err(translate)?;
    }
    Ok(ids)
}
