//! Departments. All of them are read at once: the tree lives in memory above.

mod contents;
mod lock;

pub use contents::{Held, what_is_in};
pub use lock::{For, hold, lock_all};

use baigong_model::Result;
use sea_orm::{ActiveModelTrait, ActiveValue::NotSet, DatabaseTransaction as Tx, EntityTrait, QueryOrder};

use crate::{
    entity::department::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    sql,
    write::Store,
};

/// Every department, deleted ones too, by id.
pub async fn all(store: &Store) -> Result<Vec<Model>> {
    Entity::find().order_by_asc(Column::Id).all(store.reader()).await.map_err(translate)
}

/// Inserts `row` (its id is ignored); its id. The name must be free among its siblings.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let name = row.name.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "department", &name))?.id)
}

/// Every department inside a write, deleted ones too, by id.
pub async fn all_in(tx: &Tx) -> Result<Vec<Model>> {
    Entity::find().order_by_asc(Column::Id).all(tx).await.map_err(translate)
}

/// Puts the department `id` under `parent_id` as `name`, which must be free among its siblings.
pub async fn update(tx: &Tx, id: i64, name: &str, parent_id: i64) -> Result<()> {
    let text = "UPDATE department SET name = $1, parent_id = $2, live_name = $3 WHERE id = $4";
    let values = vec![name.into(), parent_id.into(), format!("{parent_id}/{name}").into(), id.into()];
    sql::run_naming(tx, text, values, ("department", Some(name))).await.map(drop)
}

/// What else is known of a department; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// Its own code.
    pub code: Option<String>,
    /// Its place among its siblings.
    pub position: Option<i64>,
    /// A remark; an empty one takes it away.
    pub remark: Option<String>,
}

/// Changes what is given of the department's details.
pub async fn describe(tx: &Tx, id: i64, details: &Details) -> Result<()> {
    let text = "UPDATE department SET code = COALESCE($1, code), position = COALESCE($2, position),
        remark = NULLIF(COALESCE($3, remark), '') WHERE id = $4";
    let values = vec![details.code.clone().into(), details.position.into(), details.remark.clone().into(), id.into()];
    sql::run(tx, text, values).await.map(drop)
}

/// Marks departments deleted and frees their names.
pub async fn delete(tx: &Tx, ids: &[i64], now: i64) -> Result<()> {
    sql::soft_delete(tx, "department", ids, now).await.map(drop)
}
