//! Tokens of the robot's own interface, by the hash of their text.

use baigong_model::Result;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict};

use crate::{
    Tx,
    entity::token::{ActiveModel, Column, Entity, Model},
    error::translate,
    write::RobotStore,
};

/// The tokens that were used after `since`.
pub async fn used_after(store: &RobotStore, since: i64) -> Result<Vec<(String, i64)>> {
    let rows = Entity::find().filter(Column::UsedAt.gt(since)).all(store.reader()).await.map_err(translate)?;
    Ok(rows.into_iter().map(|row| (row.hash, row.used_at)).collect())
}

/// Keeps a token, or that it was used again.
pub async fn used(tx: &Tx, hash: &str, at: i64) -> Result<()> {
    let row = Model { hash: hash.to_owned(), used_at: at }.into_active_model().reset_all();
    let over = OnConflict::column(Column::Hash).update_column(Column::UsedAt).to_owned();
    Entity::insert::<ActiveModel>(row).on_conflict(over).exec_without_returning(tx).await.map(drop).map_err(translate)
}

/// Forgets the tokens that were not used after `since`.
pub async fn forget(tx: &Tx, since: i64) -> Result<()> {
    Entity::delete_many().filter(Column::UsedAt.lte(since)).exec(tx).await.map(drop).map_err(translate)
}

/// Forgets all tokens: the secret is another.
pub async fn forget_all(tx: &Tx) -> Result<()> {
    Entity::delete_many().exec(tx).await.map(drop).map_err(translate)
}
