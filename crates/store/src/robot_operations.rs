//! What robots are asked to do with themselves. An operation is planned (its wave has not come), waiting (the robot is
//! asked until it answers), accepted, and then over.

use baigong_model::{Page, Result, ids::RobotId};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Value,
};

use crate::{
    entity::robot_operation::{Column, Entity, Model},
    error::translate,
    scope::Scope,
    sql,
    write::{Store, next_ids},
};

/// Which operations of a list.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Only those that this sees.
    pub scope: Scope,
    /// Only of this robot.
    pub robot_id: Option<RobotId>,
    /// Only of this rolling upgrade.
    pub rollout_id: Option<i64>,
}

/// Inserts `rows` (their ids are ignored); their ids.
pub async fn insert_many(tx: &Tx, rows: Vec<Model>) -> Result<Vec<i64>> {
    let ids = next_ids(tx, "robot_operation", rows.len()).await?;
    let columns = "id, department_id, robot_id, kind, state, detail, drain_seconds, rollout_id, version_id, wave,
        version_before, created_by, created_at, asked_at, ended_at";
    let rows: Vec<(i64, Model)> = ids.iter().copied().zip(rows).collect();
    for rows in rows.chunks(500) {
        let places = sql::places(tx, rows.len(), 15, 0);
        let values = rows.iter().flat_map(|(id, row)| -> [Value; 15] {
            [
                (*id).into(),
                row.department_id.into(),
                row.robot_id.into(),
                row.kind.as_str().into(),
                row.state.as_str().into(),
                row.detail.as_str().into(),
                row.drain_seconds.into(),
                row.rollout_id.into(),
                row.version_id.into(),
                row.wave.into(),
                row.version_before.as_deref().into(),
                row.created_by.into(),
                row.created_at.into(),
                row.asked_at.into(),
                row.ended_at.into(),
            ]
        });
        sql::run(tx, &format!("INSERT INTO robot_operation ({columns}) VALUES {places}"), values.collect()).await?;
    }
    Ok(ids)
}

/// The operation `id`, locked until the end of the write.
pub async fn lock(tx: &Tx, id: i64) -> Result<Option<Model>> {
    sql::unique(Entity::find_by_id(id).lock_exclusive(), tx).await
}

/// Whether the robot has an operation of this kind that is not over.
pub async fn is_open(tx: &Tx, robot: RobotId, kind: &str) -> Result<bool> {
    let text = "SELECT 1 FROM robot_operation
        WHERE robot_id = $1 AND kind = $2 AND state IN ('planned', 'waiting', 'accepted') LIMIT 1";
    sql::exists(tx, text, vec![robot.into(), kind.into()]).await
}

/// The operations that robots have been asked for and that are not over, oldest first.
pub async fn open(store: &Store) -> Result<Vec<Model>> {
    let open = Entity::find().filter(Column::State.is_in(["waiting", "accepted"])).order_by_asc(Column::Id);
    open.all(store.reader()).await.map_err(translate)
}

/// All operations of a rolling upgrade, wave by wave.
pub async fn of_rollout(store: &Store, rollout: i64) -> Result<Vec<Model>> {
    let all = Entity::find().filter(Column::RolloutId.eq(rollout));
    all.order_by_asc(Column::Wave).order_by_asc(Column::Id).all(store.reader()).await.map_err(translate)
}

/// Moves an operation on, if it still is in one of the states `from`; whether it was. `ended` is when it was over.
pub async fn step(tx: &Tx, id: i64, from: &[&str], to: &str, detail: &str, ended: Option<i64>) -> Result<bool> {
    let text = format!(
        "UPDATE robot_operation SET state = $1, detail = $2, ended_at = $3 WHERE id = $4 AND state IN {}",
        sql::places(tx, 1, from.len(), 4)
    );
    let mut values: Vec<Value> = vec![to.into(), detail.into(), ended.into(), id.into()];
    values.extend(from.iter().map(|state| (*state).into()));
    Ok(sql::run(tx, &text, values).await? > 0)
}

/// A planned operation's turn has come: the robot is asked from `now` on. Whether it was planned.
pub async fn ask(tx: &Tx, id: i64, now: i64) -> Result<bool> {
    let text = "UPDATE robot_operation SET state = 'waiting', asked_at = $1,
            version_before = (SELECT agent_version FROM robot WHERE robot.id = robot_operation.robot_id)
        WHERE id = $2 AND state = 'planned'";
    Ok(sql::run(tx, text, vec![now.into(), id.into()]).await? > 0)
}

/// Takes back what is planned in a rolling upgrade; how many.
pub async fn cancel_planned(tx: &Tx, rollout: i64, now: i64) -> Result<u64> {
    let text = "UPDATE robot_operation SET state = 'cancelled', ended_at = $1
        WHERE rollout_id = $2 AND state = 'planned'";
    sql::run(tx, text, vec![now.into(), rollout.into()]).await
}

/// A page of operations, the latest first.
pub async fn list(store: &Store, filter: &Filter, page: Page) -> Result<Vec<Model>> {
    sql::page(Entity::find().filter(condition(filter)).order_by_desc(Column::Id), page, store.reader()).await
}

/// How many operations a list holds.
pub async fn count(store: &Store, filter: &Filter) -> Result<u64> {
    Entity::find().filter(condition(filter)).count(store.reader()).await.map_err(translate)
}

fn condition(filter: &Filter) -> Condition {
    Condition::all()
        .add(filter.scope.condition(Column::DepartmentId, Column::CreatedBy))
        .add_option(filter.robot_id.map(|robot| Column::RobotId.eq(robot)))
        .add_option(filter.rollout_id.map(|rollout| Column::RolloutId.eq(rollout)))
}
