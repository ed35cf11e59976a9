//! Robot groups. Their robots are the members of their pool.

use baigong_model::{Page, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::{
    entity::robot_group::{ActiveModel, Column, Entity, Model},
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
    Ok(row.insert(tx).await.map_err(|error| taken(error, "robot group", &name))?.id)
}

/// The group `id`, deleted or not, if the scope sees it.
pub async fn find(store: &Store, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = crate::sql::unique(Entity::find_by_id(id), store.reader()).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// The live group `id`, if the scope sees it, locked until the end of the write.
pub async fn find_live(tx: &Tx, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = crate::sql::unique(Entity::find_by_id(id).lock_exclusive(), tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none() && scope.sees(row.department_id, row.created_by)))
}

/// Changes what is given: the name, with the same behind its department, and the remark. The name must be free.
pub async fn update(tx: &Tx, id: i64, name: Option<(String, String)>, remark: Option<String>) -> Result<()> {
    let text = "UPDATE robot_group SET name = COALESCE($1, name), live_name = COALESCE($2, live_name),
            remark = COALESCE($3, remark) WHERE id = $4";
    let (name, live_name) = name.unzip();
    let values = vec![name.clone().into(), live_name.into(), remark.into(), id.into()];
    sql::run_naming(tx, text, values, ("robot group", name.as_deref())).await.map(drop)
}

/// Marks the group deleted and frees its name; `false` when it was already.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<bool> {
    Ok(sql::soft_delete(tx, "robot_group", &[id], now).await? > 0)
}

/// A page of groups, oldest first.
pub async fn list(store: &Store, filter: &ListFilter, page: Page) -> Result<Vec<Model>> {
    let query = Entity::find().filter(filter.condition(
        Column::DepartmentId,
        Column::CreatedBy,
        Column::Name,
        Column::DeletedAt,
    ));
    crate::sql::page(query.order_by_asc(Column::Id), page, store.reader()).await
}

/// How many groups a list holds.
pub async fn count(store: &Store, filter: &ListFilter) -> Result<u64> {
    let query = Entity::find().filter(filter.condition(
        Column::DepartmentId,
        Column::CreatedBy,
        Column::Name,
        Column::DeletedAt,
    ));
    query.count(store.reader()).await.map_err(translate)
}
