//! Imported licenses. There are few: they are read all at once.

use baigong_model::Result;
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ConnectionTrait, DatabaseTransaction as Tx, EntityTrait, QueryOrder,
};

use crate::{
    entity::license::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    write::Store,
};

/// Stores `row` (its id is ignored); its id. A license is imported once.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let serial = row.serial.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "license", &serial))?.id)
}

/// Every license, oldest first.
pub async fn all(store: &Store) -> Result<Vec<Model>> {
    read(store.reader()).await
}

/// The same inside a write.
pub async fn all_in(tx: &Tx) -> Result<Vec<Model>> {
    read(tx).await
}

async fn read(on: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Entity::find().order_by_asc(Column::Id).all(on).await.map_err(translate)
}
