//! Recordings that lie on this robot. Whoever records writes them; the interface lists them.

use baigong_model::Result;
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};

use crate::{
    Tx,
    entity::recording::{ActiveModel, Column, Entity, Model},
    error::translate,
    write::RobotStore,
};

/// Stores `row` (its id is ignored); its id.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(translate)?.id)
}

/// How a recording stands now.
pub async fn change(tx: &Tx, id: i64, ended_at: Option<i64>, size: i64, state: &str) -> Result<()> {
    let change = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(ended_at))
        .col_expr(Column::Size, Expr::value(size))
        .col_expr(Column::State, Expr::value(state))
        .filter(Column::Id.eq(id));
    change.exec(tx).await.map(drop).map_err(translate)
}

/// How the recording that lies, or lay, at `path` stands now.
pub async fn moved(tx: &Tx, path: &str, state: &str) -> Result<()> {
    let change = Entity::update_many().col_expr(Column::State, Expr::value(state)).filter(Column::Path.eq(path));
    change.exec(tx).await.map(drop).map_err(translate)
}

/// The recording is gone from this robot.
pub async fn delete(tx: &Tx, id: i64) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await.map(drop).map_err(translate)
}

/// The recordings of these tasks, oldest first.
pub async fn of_tasks(store: &RobotStore, tasks: &[i64]) -> Result<Vec<Model>> {
    if tasks.is_empty() {
        return Ok(Vec::new());
    }
    let query = Entity::find().filter(Column::TaskId.is_in(tasks.to_vec())).order_by_asc(Column::Id);
    query.all(store.reader()).await.map_err(translate)
}
