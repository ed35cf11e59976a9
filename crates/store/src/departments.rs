//! Departments. All of them are read at once: the tree lives in memory above.

use baigong_model::Result;
use sea_orm::{ActiveModelTrait, ActiveValue::NotSet, DatabaseTransaction as Tx, EntityTrait, QueryOrder};

use crate::{
    entity::department::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
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
