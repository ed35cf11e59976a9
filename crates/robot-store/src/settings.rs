//! What is kept once: the configuration, whether tasks are accepted, the hash of the robot's own secret.

use baigong_model::Result;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, sea_query::OnConflict};

use crate::{
    Tx,
    entity::setting::{ActiveModel, Column, Entity, Model},
    error::translate,
    write::RobotStore,
};

/// The value called `name`.
pub async fn find(store: &RobotStore, name: &str) -> Result<Option<String>> {
    let found = Entity::find_by_id(name).one(store.reader()).await.map_err(translate)?;
    Ok(found.map(|row| row.value))
}

/// Keeps `value` under `name`.
pub async fn put(tx: &Tx, name: &str, value: String) -> Result<()> {
    let row = Model { name: name.to_owned(), value }.into_active_model().reset_all();
    let over = OnConflict::column(Column::Name).update_column(Column::Value).to_owned();
    Entity::insert::<ActiveModel>(row).on_conflict(over).exec_without_returning(tx).await.map(drop).map_err(translate)
}
