//! Applications: API clients with a key pair.

use std::collections::HashMap;

use baigong_model::{Page, Result, ids::RobotId};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Unchanged},
    ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::{
    entity::application::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::ListFilter,
    scope::Scope,
    sql,
    write::Store,
};

/// Inserts `row` (its id is ignored); its id. The name must be free in its department.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let name = row.name.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "application", &name))?.id)
}

/// Writes `row` over the one with its id.
pub async fn update(tx: &Tx, row: Model) -> Result<()> {
    let (id, name) = (row.id, row.name.clone());
    let mut row = ActiveModel::from(row).reset_all();
    row.id = Unchanged(id);
    row.update(tx).await.map_err(|error| taken(error, "application", &name)).map(drop)
}

/// The application `id`, deleted or not, if the scope sees it.
pub async fn find(store: &Store, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id), store.reader()).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// The live application `id`, if the scope sees it, locked until the end of the write.
pub async fn find_live(tx: &Tx, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id).lock_exclusive(), tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none() && scope.sees(row.department_id, row.created_by)))
}

/// The application `id` inside a write, deleted or not.
pub async fn find_in(tx: &Tx, id: i64) -> Result<Option<Model>> {
    sql::unique(Entity::find_by_id(id), tx).await
}

/// The live application with this key.
pub async fn by_key(store: &Store, access_key_id: &str) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find().filter(Column::AccessKeyId.eq(access_key_id)), store.reader()).await?;
    Ok(row.filter(|row| row.deleted_at.is_none()))
}

/// A page of applications, oldest first.
pub async fn list(store: &Store, filter: &ListFilter, page: Page) -> Result<Vec<Model>> {
    sql::page(Entity::find().filter(condition(filter)).order_by_asc(Column::Id), page, store.reader()).await
}

/// How many applications a list holds.
pub async fn count(store: &Store, filter: &ListFilter) -> Result<u64> {
    Entity::find().filter(condition(filter)).count(store.reader()).await.map_err(translate)
}

fn condition(filter: &ListFilter) -> Condition {
    filter.condition(Column::DepartmentId, Column::CreatedBy, Column::Name, Column::DeletedAt)
}

/// What applications are called, deleted ones too, by id.
pub async fn names(store: &Store, ids: Vec<i64>) -> Result<HashMap<i64, String>> {
    let query = Entity::find().select_only().columns([Column::Id, Column::Name]).filter(Column::Id.is_in(ids));
    let rows: Vec<(i64, String)> = query.into_tuple().all(store.reader()).await.map_err(translate)?;
    Ok(rows.into_iter().collect())
}

/// Marks the application deleted, frees its name and takes its tokens back.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<()> {
    sql::soft_delete(tx, "application", &[id], now).await?;
    revoke_tokens(tx, id).await
}

/// Takes every token of the application back.
pub async fn revoke_tokens(tx: &Tx, id: i64) -> Result<()> {
    sql::run(tx, "DELETE FROM token WHERE application_id = $1", vec![id.into()]).await.map(drop)
}

/// A robot of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfApplication {
    /// The application.
    pub application_id: i64,
    /// The robot.
    pub robot_id: RobotId,
    /// Its name.
    pub name: String,
}

/// The live robots of the applications that the scope sees, in order.
pub async fn robots(store: &Store, scope: &Scope, ids: &[i64]) -> Result<Vec<OfApplication>> {
    let on = store.reader();
    let text = format!(
        "SELECT application_robot.application_id, robot.id, robot.name, robot.department_id, robot.created_by
         FROM application_robot JOIN robot ON robot.id = application_robot.robot_id
         WHERE robot.deleted_at IS NULL AND application_robot.application_id IN {} ORDER BY robot.id",
        sql::places(on, 1, ids.len(), 0)
    );
    let mut found = Vec::new();
    for row in sql::rows(on, &text, ids.iter().map(|id| (*id).into()).collect()).await? {
        if scope.sees(sql::get(&row, 3)?, sql::get(&row, 4)?) {
            let (application_id, robot_id, name) = (sql::get(&row, 0)?, sql::get(&row, 1)?, sql::get(&row, 2)?);
            found.push(OfApplication { application_id, robot_id, name });
        }
    }
    Ok(found)
}
