//! Users: who may sign in, and the count of their wrong passwords.

use std::collections::HashMap;

use baigong_model::{Page, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::{
    entity::user::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::{ListFilter, contains},
    scope::Scope,
    sql,
    write::Store,
};

/// Inserts `row` (its id is ignored); its id. The username must be free.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let name = row.username.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "user", &name))?.id)
}

/// The user `id`, deleted or not, if the scope sees it: everybody counts as made by themselves.
pub async fn find(store: &Store, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = crate::sql::unique(Entity::find_by_id(id), store.reader()).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.id)))
}

/// The live user who signs in as `username`.
pub async fn find_by_username(store: &Store, username: &str) -> Result<Option<Model>> {
    crate::sql::unique(Entity::find().filter(Column::LiveUsername.eq(username)), store.reader()).await
}

/// A page of users, oldest first.
pub async fn list(store: &Store, filter: &ListFilter, page: Page) -> Result<Vec<Model>> {
    let query = Entity::find().filter(condition(filter));
    crate::sql::page(query.order_by_asc(Column::Id), page, store.reader()).await
}

/// How many users a list holds.
pub async fn count(store: &Store, filter: &ListFilter) -> Result<u64> {
    Entity::find().filter(condition(filter)).count(store.reader()).await.map_err(translate)
}

/// The word is looked for in their name and in what they sign in with.
fn condition(filter: &ListFilter) -> Condition {
    let all = ListFilter { keyword: None, ..filter.clone() };
    let named = filter
        .keyword
        .as_deref()
        .map(|word| Condition::any().add(contains(Column::Name, word)).add(contains(Column::Username, word)));
    all.condition(Column::DepartmentId, Column::Id, Column::Name, Column::DeletedAt).add_option(named)
}

/// The live users who have this e-mail or this phone.
pub async fn find_by_address(store: &Store, address: &str) -> Result<Vec<Model>> {
    let which = Condition::any().add(Column::Email.eq(address)).add(Column::Mobile.eq(address));
    let query = Entity::find().filter(which).filter(Column::DeletedAt.is_null());
    query.all(store.reader()).await.map_err(translate)
}

/// What the users sign in with, deleted ones too, by id.
pub async fn usernames(store: &Store, ids: &[i64]) -> Result<HashMap<i64, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let query = Entity::find().select_only().columns([Column::Id, Column::Username]);
    let query = query.filter(Column::Id.is_in(ids.iter().copied()));
    let rows: Vec<(i64, String)> = query.into_tuple().all(store.reader()).await.map_err(translate)?;
    Ok(rows.into_iter().collect())
}

/// Counts a wrong password; how many there were since `window_start`, this one included, or none when the user is locked
/// already. One statement, so that attempts at the same time are all counted.
pub async fn count_failure(tx: &Tx, id: i64, now: i64, window_start: i64) -> Result<Option<i32>> {
    let text = "UPDATE app_user SET
            failures = CASE WHEN failures_since IS NULL OR failures_since <= $1 THEN 1 ELSE failures + 1 END,
            failures_since = CASE WHEN failures_since IS NULL OR failures_since <= $1 THEN $2 ELSE failures_since END
        WHERE id = $3 AND (locked_until IS NULL OR locked_until <= $2) RETURNING failures";
    let counts = sql::column(tx, text, vec![window_start.into(), now.into(), id.into()]).await?;
    Ok(counts.into_iter().next())
}

/// No sign-in before `until`; the count begins anew after it.
pub async fn lock(tx: &Tx, id: i64, until: i64) -> Result<()> {
    let text = "UPDATE app_user SET locked_until = $1, failures = 0, failures_since = NULL WHERE id = $2";
    sql::run(tx, text, vec![until.into(), id.into()]).await.map(drop)
}

/// Forgets wrong passwords, as after a right one; whether the user is live and not locked at `now`.
pub async fn clear_failures(tx: &Tx, id: i64, now: i64) -> Result<bool> {
    let text = "UPDATE app_user SET failures = 0, failures_since = NULL, locked_until = NULL
        WHERE id = $1 AND deleted_at IS NULL AND (locked_until IS NULL OR locked_until <= $2)";
    Ok(sql::run(tx, text, vec![id.into(), now.into()]).await? > 0)
}

/// Gives the user a new password and unlocks them.
pub async fn set_password(tx: &Tx, id: i64, password_hash: &str) -> Result<()> {
    let text = "UPDATE app_user SET password_hash = $1, failures = 0, failures_since = NULL, locked_until = NULL
        WHERE id = $2";
    sql::run(tx, text, vec![password_hash.into(), id.into()]).await.map(drop)
}

/// Gives the user another role.
pub async fn set_role(tx: &Tx, id: i64, role_id: i64) -> Result<()> {
    sql::run(tx, "UPDATE app_user SET role_id = $1 WHERE id = $2", vec![role_id.into(), id.into()]).await.map(drop)
}

/// The live user `id`, if the scope sees it, locked until the end of the write.
pub async fn find_live(tx: &Tx, scope: &Scope, id: i64) -> Result<Option<Model>> {
    let row = crate::sql::unique(Entity::find_by_id(id).lock_exclusive(), tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none() && scope.sees(row.department_id, row.id)))
}

/// The live users who may do everything everywhere.
pub async fn administrators(tx: &Tx) -> Result<Vec<i64>> {
    let text = "SELECT u.id FROM app_user u JOIN role r ON r.id = u.role_id
        WHERE u.deleted_at IS NULL AND r.permissions = '*' AND r.data_scope = 'all' ORDER BY u.id";
    sql::column(tx, text, vec![]).await
}

/// Marks the user deleted and frees the username.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<()> {
    let text = "UPDATE app_user SET deleted_at = $1, live_username = NULL WHERE id = $2 AND deleted_at IS NULL";
    sql::run(tx, text, vec![now.into(), id.into()]).await.map(drop)
}

/// What is to be changed of a user; what is absent stays. An empty e-mail or phone is taken away.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Their name.
    pub name: Option<String>,
    /// What they sign in with.
    pub username: Option<String>,
    /// Their e-mail.
    pub email: Option<String>,
    /// Their phone.
    pub mobile: Option<String>,
    /// A remark; an empty one takes it away.
    pub remark: Option<String>,
    /// Their role.
    pub role_id: Option<i64>,
    /// Their department.
    pub department_id: Option<i64>,
}

/// Changes what is given. The username must be free.
pub async fn update(tx: &Tx, id: i64, change: Change) -> Result<()> {
    let text = "UPDATE app_user SET name = COALESCE($1, name), username = COALESCE($2, username),
            live_username = COALESCE($2, live_username), email = NULLIF(COALESCE($3, email), ''),
            mobile = NULLIF(COALESCE($4, mobile), ''), remark = NULLIF(COALESCE($5, remark), ''),
            role_id = COALESCE($6, role_id), department_id = COALESCE($7, department_id) WHERE id = $8";
    let name = change.username.clone();
    let values = vec![
        change.name.into(),
        change.username.into(),
        change.email.into(),
        change.mobile.into(),
        change.remark.into(),
        change.role_id.into(),
        change.department_id.into(),
        id.into(),
    ];
    sql::run_naming(tx, text, values, ("user", name.as_deref())).await.map(drop)
}

/// How many users there are, deleted ones too: none in a fresh database.
pub async fn count_all(tx: &Tx) -> Result<u64> {
    Entity::find().count(tx).await.map_err(translate)
}
