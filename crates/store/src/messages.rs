//! Messages of applications, and whom they are for.

use std::collections::BTreeSet;

use baigong_model::{Page, PageOf, Result};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::NotSet,
    ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::{Alias, Expr, ExprTrait, Query},
};

use crate::{
    entity::message::{ActiveModel, Column, Entity, Model},
    error::translate,
    sql,
    write::Store,
};

/// Inserts `row` (its id is ignored) for these people; its id.
pub async fn insert(tx: &Tx, row: Model, recipients: &[i64]) -> Result<i64> {
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    let id = row.insert(tx).await.map_err(translate)?.id;
    for recipients in recipients.chunks(1000) {
        let rows = sql::places(tx, recipients.len(), 2, 0);
        let text = format!("INSERT INTO message_recipient (message_id, user_id) VALUES {rows}");
        sql::run(tx, &text, recipients.iter().flat_map(|user| [id.into(), (*user).into()]).collect()).await?;
    }
    Ok(id)
}

/// Those of `ids` that are live messages of the application and of this kind.
pub async fn some(tx: &Tx, application: i64, is_announcement: bool, ids: &[i64]) -> Result<Vec<Model>> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(1000) {
        let query = Entity::find().filter(Column::ApplicationId.eq(application)).filter(Column::DeletedAt.is_null());
        let query =
            query.filter(Column::IsAnnouncement.eq(is_announcement)).filter(Column::Id.is_in(ids.iter().copied()));
        found.extend(query.all(tx).await.map_err(translate)?);
    }
    Ok(found)
}

/// Marks messages deleted.
pub async fn delete(tx: &Tx, ids: &[i64], now: i64) -> Result<()> {
    for ids in ids.chunks(1000) {
        let places = sql::places(tx, 1, ids.len(), 1);
        let text = format!("UPDATE message SET deleted_at = $1 WHERE deleted_at IS NULL AND id IN {places}");
        sql::run(tx, &text, [now].iter().chain(ids).map(|value| (*value).into()).collect()).await?;
    }
    Ok(())
}

/// Removes up to `limit` messages from before `before` that nobody was to be shown any more by then, with the list of those
/// they were for; how many.
pub async fn forget(tx: &Tx, before: i64, limit: usize) -> Result<u64> {
    let text = format!(
        "SELECT id FROM message WHERE (valid_until < $1 OR deleted_at < $1) AND created_at < $1 ORDER BY id LIMIT {limit}"
    );
    let over: Vec<i64> = sql::column(tx, &text, vec![before.into()]).await?;
    let mut removed = 0;
    for ids in over.chunks(1000) {
        let (places, ids) = (sql::places(tx, 1, ids.len(), 0), || ids.iter().map(|id| (*id).into()).collect());
        sql::run(tx, &format!("DELETE FROM message_recipient WHERE message_id IN {places}"), ids()).await?;
        removed += sql::run(tx, &format!("DELETE FROM message WHERE id IN {places}"), ids()).await?;
    }
    Ok(removed)
}

/// A page of what is shown to a user at `now`, newest first: notices to them, and announcements of applications in which
/// they have a role.
pub async fn shown_to(store: &Store, user: i64, now: i64, page: Page) -> Result<PageOf<Model>> {
    let of_user = |table: &'static str, column: &'static str| {
        let mut ids = Query::select();
        ids.column(Alias::new(column)).from(Alias::new(table)).and_where(Expr::col(Alias::new("user_id")).eq(user));
        ids
    };
    let announced = Condition::all()
        .add(Column::IsAnnouncement.eq(true))
        .add(Column::ApplicationId.in_subquery(of_user("application_user", "application_id")));
    let told = Column::Id.in_subquery(of_user("message_recipient", "message_id"));
    let which = Condition::any().add(told).add(announced);
    let query = Entity::find().filter(Column::DeletedAt.is_null()).filter(which);
    let query = query.filter(Column::ValidFrom.lte(now)).filter(Column::ValidUntil.gt(now));
    let total = query.clone().count(store.reader()).await.map_err(translate)?;
    Ok(PageOf { rows: sql::page(query.order_by_desc(Column::Id), page, store.reader()).await?, total })
}

/// Somebody who is told something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    /// The user.
    pub id: i64,
    /// Their department.
    pub department_id: i64,
    /// Their e-mail.
    pub email: Option<String>,
    /// Their phone.
    pub mobile: Option<String>,
}

/// Whom a message is for.
#[derive(Debug, Clone, Default)]
pub struct Audience {
    /// These users.
    pub users: Vec<i64>,
    /// Whoever has one of these roles of the application.
    pub roles: Vec<i64>,
    /// Whoever belongs to one of these departments.
    pub departments: Vec<i64>,
}

/// The live users of an audience, each once.
pub async fn people(tx: &Tx, audience: &Audience) -> Result<BTreeSet<Person>> {
    let mut found = BTreeSet::new();
    for (which, ids) in [
        ("id", &audience.users),
        ("id IN (SELECT user_id FROM application_user WHERE role_id", &audience.roles),
        ("department_id", &audience.departments),
    ] {
        for ids in ids.chunks(1000) {
            let close = if which.contains('(') { ")" } else { "" };
            let text = format!(
                "SELECT id, department_id, email, mobile FROM app_user WHERE deleted_at IS NULL AND {which} IN {}{close}",
                sql::places(tx, 1, ids.len(), 0)
            );
            for row in sql::rows(tx, &text, ids.iter().map(|id| (*id).into()).collect()).await? {
                let (id, department_id) = (sql::get(&row, 0)?, sql::get(&row, 1)?);
                found.insert(Person { id, department_id, email: sql::get(&row, 2)?, mobile: sql::get(&row, 3)? });
            }
        }
    }
    Ok(found)
}
