//! The roles of applications, and the menus that they open.

use baigong_model::{Page, Result};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Unchanged},
    ColumnTrait, ConnectionTrait, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    Select,
};

use crate::{
    entity::application_role::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    sql,
    write::Store,
};

fn of(application: i64) -> Select<Entity> {
    Entity::find().filter(Column::ApplicationId.eq(application)).filter(Column::DeletedAt.is_null())
}

/// A page of the live roles of an application, in the order they are shown in.
pub async fn list(store: &Store, application: i64, page: Page) -> Result<Vec<Model>> {
    let query = of(application).order_by_asc(Column::Position).order_by_asc(Column::Id);
    sql::page(query, page, store.reader()).await
}

/// How many live roles an application has.
pub async fn count(store: &Store, application: i64) -> Result<u64> {
    of(application).count(store.reader()).await.map_err(translate)
}

/// The live role `id` of an application.
pub async fn find(store: &Store, application: i64, id: i64) -> Result<Option<Model>> {
    sql::unique(of(application).filter(Column::Id.eq(id)), store.reader()).await
}

/// The live role of an application that programs know by `key`.
pub async fn by_key(store: &Store, application: i64, key: &str) -> Result<Option<Model>> {
    sql::unique(of(application).filter(Column::RoleKey.eq(key)), store.reader()).await
}

/// Those of `ids` that are live roles of the application.
pub async fn some(on: &impl ConnectionTrait, application: i64, ids: &[i64]) -> Result<Vec<Model>> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(1000) {
        let query = of(application).filter(Column::Id.is_in(ids.iter().copied()));
        found.extend(query.all(on).await.map_err(translate)?);
    }
    Ok(found)
}

/// [`some`] for readers outside a write.
pub async fn by_ids(store: &Store, application: i64, ids: &[i64]) -> Result<Vec<Model>> {
    some(store.reader(), application, ids).await
}

/// Inserts `row` (its id is ignored); its id. The key must be free in its application.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let key = row.role_key.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "role", &key))?.id)
}

/// Writes `row` over the one with its id.
pub async fn update(tx: &Tx, row: Model) -> Result<()> {
    let (id, key) = (row.id, row.role_key.clone());
    let mut row = ActiveModel::from(row).reset_all();
    row.id = Unchanged(id);
    row.update(tx).await.map_err(|error| taken(error, "role", &key)).map(drop)
}

/// Has the role open exactly these menus.
pub async fn set_menus(tx: &Tx, id: i64, menus: &[i64]) -> Result<()> {
    sql::run(tx, "DELETE FROM application_role_menu WHERE role_id = $1", vec![id.into()]).await?;
    for menus in menus.chunks(1000) {
        let rows = sql::places(tx, menus.len(), 2, 0);
        let text = format!("INSERT INTO application_role_menu (role_id, menu_id) VALUES {rows}");
        sql::run(tx, &text, menus.iter().flat_map(|menu| [id.into(), (*menu).into()]).collect()).await?;
    }
    Ok(())
}

/// The menus that the roles open: role and menu.
pub async fn menus(store: &Store, ids: &[i64]) -> Result<Vec<(i64, i64)>> {
    let (on, mut found) = (store.reader(), Vec::new());
    for ids in ids.chunks(1000) {
        let places = sql::places(on, 1, ids.len(), 0);
        let text = format!("SELECT role_id, menu_id FROM application_role_menu WHERE role_id IN {places}");
        for row in sql::rows(on, &text, ids.iter().map(|id| (*id).into()).collect()).await? {
            found.push((sql::get(&row, 0)?, sql::get(&row, 1)?));
        }
    }
    Ok(found)
}

/// Those of `ids` that a live user has.
pub async fn held(tx: &Tx, ids: &[i64]) -> Result<Vec<i64>> {
    let mut found = Vec::new();
    for ids in ids.chunks(1000) {
        let text = format!(
            "SELECT DISTINCT held.role_id FROM application_user held JOIN app_user ON app_user.id = held.user_id
             WHERE app_user.deleted_at IS NULL AND held.role_id IN {} ORDER BY held.role_id",
            sql::places(tx, 1, ids.len(), 0)
        );
        found.extend(sql::column::<i64>(tx, &text, ids.iter().map(|id| (*id).into()).collect()).await?);
    }
    Ok(found)
}

/// Marks roles deleted, frees their keys, and takes them from their menus and from users who are gone.
pub async fn delete(tx: &Tx, ids: &[i64], now: i64) -> Result<()> {
    for table in ["application_role_menu", "application_user"] {
        for ids in ids.chunks(1000) {
            let text = format!("DELETE FROM {table} WHERE role_id IN {}", sql::places(tx, 1, ids.len(), 0));
            sql::run(tx, &text, ids.iter().map(|id| (*id).into()).collect()).await?;
        }
    }
    sql::soft_delete(tx, "application_role", ids, now).await.map(drop)
}
