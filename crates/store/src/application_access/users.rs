//! Which users have which roles of an application where, and which departments an application knows.

use std::collections::BTreeSet;

use baigong_model::{Page, Result};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

use crate::{
    entity::{application_user as held, user},
    error::translate,
    filter::ListFilter,
    sql,
    write::Store,
};

/// Gives a user a role in a department; whether they did not have it there.
pub async fn add(tx: &Tx, row: &held::Model) -> Result<bool> {
    let text = "INSERT INTO application_user (role_id, user_id, department_id, application_id, created_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    let values = vec![
        row.role_id.into(),
        row.user_id.into(),
        row.department_id.into(),
        row.application_id.into(),
        row.created_at.into(),
    ];
    Ok(sql::run(tx, text, values).await? > 0)
}

/// Takes a role in a department from a user; whether they had it there.
pub async fn remove(tx: &Tx, application: i64, role: i64, user: i64, department: i64) -> Result<bool> {
    let text = "DELETE FROM application_user
        WHERE application_id = $1 AND role_id = $2 AND user_id = $3 AND department_id = $4";
    Ok(sql::run(tx, text, vec![application.into(), role.into(), user.into(), department.into()]).await? > 0)
}

/// Takes every role that anybody has in these departments, which are going to be deleted.
pub async fn leave_departments(tx: &Tx, departments: &[i64]) -> Result<()> {
    for departments in departments.chunks(1000) {
        let places = sql::places(tx, 1, departments.len(), 0);
        let text = format!("DELETE FROM application_user WHERE department_id IN {places}");
        sql::run(tx, &text, departments.iter().map(|id| (*id).into()).collect()).await?;
    }
    Ok(())
}

/// What a user has in an application, by role and department.
pub async fn of_user(store: &Store, application: i64, user: i64) -> Result<Vec<held::Model>> {
    use held::Column;
    let query = held::Entity::find().filter(Column::ApplicationId.eq(application)).filter(Column::UserId.eq(user));
    let query = query.order_by_asc(Column::RoleId).order_by_asc(Column::DepartmentId);
    query.all(store.reader()).await.map_err(translate)
}

/// Those of `users` who have a role in the application.
pub async fn among(store: &Store, application: i64, users: &[i64]) -> Result<BTreeSet<i64>> {
    let (on, mut found) = (store.reader(), BTreeSet::new());
    for users in users.chunks(1000) {
        let text = format!(
            "SELECT DISTINCT user_id FROM application_user WHERE application_id = $1 AND user_id IN {}",
            sql::places(on, 1, users.len(), 1)
        );
        let values = [application].iter().chain(users).map(|value| (*value).into()).collect();
        found.extend(sql::column::<i64>(on, &text, values).await?);
    }
    Ok(found)
}

/// A page of the users who have a role in the application, oldest first.
pub async fn list(store: &Store, filter: &ListFilter, application: i64, page: Page) -> Result<Vec<user::Model>> {
    let query = user::Entity::find().filter(condition(filter, application));
    sql::page(query.order_by_asc(user::Column::Id), page, store.reader()).await
}

/// How many such users there are.
pub async fn count(store: &Store, filter: &ListFilter, application: i64) -> Result<u64> {
    user::Entity::find().filter(condition(filter, application)).count(store.reader()).await.map_err(translate)
}

fn condition(filter: &ListFilter, application: i64) -> Condition {
    use user::Column;
    let holders = held::Entity::find().select_only().column(held::Column::UserId);
    let holders = holders.filter(held::Column::ApplicationId.eq(application)).into_query();
    filter
        .condition(Column::DepartmentId, Column::Id, Column::Name, Column::DeletedAt)
        .add(Column::Id.in_subquery(holders))
}

/// The departments that an application has made, or in which somebody has a role of it; deleted ones too.
pub async fn departments(store: &Store, application: i64) -> Result<BTreeSet<i64>> {
    let text = "SELECT department_id FROM application_department WHERE application_id = $1
        UNION SELECT department_id FROM application_user WHERE application_id = $1";
    let found: Vec<i64> = sql::column(store.reader(), text, vec![application.into()]).await?;
    Ok(found.into_iter().collect())
}

/// Says that the application has made the department.
pub async fn made_department(tx: &Tx, application: i64, department: i64) -> Result<()> {
    let text = "INSERT INTO application_department (application_id, department_id) VALUES ($1, $2)";
    sql::run(tx, text, vec![application.into(), department.into()]).await.map(drop)
}
