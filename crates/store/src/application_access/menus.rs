//! The menus of applications. All of one application are read at once: there are a few hundred.

use baigong_model::Result;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Unchanged},
    ColumnTrait, ConnectionTrait, DatabaseTransaction as Tx, EntityTrait, QueryFilter, QueryOrder,
};

use crate::{
    entity::application_menu::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    sql,
    write::Store,
};

/// The live menus of an application, in the order they are shown in.
pub async fn all(store: &Store, application: i64) -> Result<Vec<Model>> {
    all_on(store.reader(), application).await
}

/// The same inside a write.
pub async fn all_in(tx: &Tx, application: i64) -> Result<Vec<Model>> {
    all_on(tx, application).await
}

async fn all_on(on: &impl ConnectionTrait, application: i64) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::ApplicationId.eq(application)).filter(Column::DeletedAt.is_null());
    query.order_by_asc(Column::Position).order_by_asc(Column::Id).all(on).await.map_err(translate)
}

/// Inserts `row` (its id is ignored); its id. The route key must be free in its application.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let key = row.route_key.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "menu", &key))?.id)
}

/// Writes `row` over the one with its id.
pub async fn update(tx: &Tx, row: Model) -> Result<()> {
    let (id, key) = (row.id, row.route_key.clone());
    let mut row = ActiveModel::from(row).reset_all();
    row.id = Unchanged(id);
    row.update(tx).await.map_err(|error| taken(error, "menu", &key)).map(drop)
}

/// Marks menus deleted, frees their route keys and takes them from every role.
pub async fn delete(tx: &Tx, ids: &[i64], now: i64) -> Result<()> {
    for ids in ids.chunks(1000) {
        let text = format!("DELETE FROM application_role_menu WHERE menu_id IN {}", sql::places(tx, 1, ids.len(), 0));
        sql::run(tx, &text, ids.iter().map(|id| (*id).into()).collect()).await?;
    }
    sql::soft_delete(tx, "application_menu", ids, now).await.map(drop)
}
