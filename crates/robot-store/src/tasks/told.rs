//! What the platform has not been told of the robot's own tasks and their logs.

use baigong_model::Result;
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, SimpleExpr},
};

use crate::{
    Tx,
    entity::{
        task::{Column, Entity, Model},
        task_log,
    },
    error::translate,
    write::RobotStore,
};

/// Own tasks that have changed since the platform was told of them, oldest first; at most `most`.
pub async fn untold(store: &RobotStore, most: u64) -> Result<Vec<Model>> {
    // As the index of them says it.
    let changed: SimpleExpr = Expr::cust("is_own AND revision > told_revision");
    let query = Entity::find().filter(changed).order_by_asc(Column::Id).limit(most);
    query.all(store.reader()).await.map_err(translate)
}

/// The platform knows the task `id` up to `revision`, under an id of its own.
pub async fn told(tx: &Tx, (id, revision): (i64, i64), platform_id: i64) -> Result<()> {
    let told = Entity::update_many()
        .col_expr(Column::ToldRevision, Expr::value(revision))
        .col_expr(Column::PlatformId, Expr::value(platform_id))
        .filter(Column::Id.eq(id))
        .filter(Column::IsOwn.eq(true))
        .filter(Column::ToldRevision.lt(revision));
    told.exec(tx).await.map(drop).map_err(translate)
}

/// The first lines that the platform has not been told of, of a task that it knows.
pub async fn untold_log(store: &RobotStore) -> Result<Option<task_log::Model>> {
    let known = Entity::find().select_only().column(Column::Id).filter(Column::PlatformId.is_not_null());
    let untold: SimpleExpr = Expr::cust("NOT is_told");
    let query =
        task_log::Entity::find().filter(untold).filter(task_log::Column::TaskId.in_subquery(known.into_query()));
    query.order_by_asc(task_log::Column::Id).one(store.reader()).await.map_err(translate)
}

/// The platform has the lines of the run `fence` of the task it knows as `platform_id`, up to this one.
pub async fn told_log(tx: &Tx, platform_id: i64, fence: i64, up_to: i64) -> Result<bool> {
    let task = Entity::find().select_only().column(Column::Id).filter(Column::PlatformId.eq(platform_id));
    let Some(task) = task.into_tuple::<i64>().one(tx).await.map_err(translate)? else { return Ok(false) };
    let told = task_log::Entity::update_many()
        .col_expr(task_log::Column::IsTold, Expr::value(true))
        .filter(task_log::Column::TaskId.eq(task))
        .filter(task_log::Column::Fence.eq(fence))
        .filter(task_log::Column::FirstSequence.lte(up_to))
        .filter(Expr::cust("NOT is_told"));
    Ok(told.exec(tx).await.map_err(translate)?.rows_affected > 0)
}
