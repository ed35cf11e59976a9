//! The audit: who changed what, in the transaction of the change. What cannot be audited does not happen.

use std::collections::HashMap;

use baigong_model::{Page, Result};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait, QueryFilter, QueryOrder};

use crate::{entity::audit, error::translate, scope::Scope, sql, write::Store};

/// An audit row to be written.
#[derive(Debug, Clone)]
pub struct NewAudit {
    /// When.
    pub at: i64,
    /// Who.
    pub user_id: Option<i64>,
    /// Their name: a username, "platform", or "robot 7".
    pub username: std::sync::Arc<str>,
    /// From where.
    pub address: Option<std::sync::Arc<str>>,
    /// What was done.
    pub action: &'static str,
    /// To what kind of thing.
    pub kind: &'static str,
    /// To which.
    pub object_id: Option<i64>,
    /// In which department.
    pub department_id: Option<i64>,
    /// JSON, without secrets.
    pub detail: String,
}

/// Writes audit rows.
pub async fn insert_many(tx: &Tx, rows: &[NewAudit]) -> Result<()> {
    for rows in rows.chunks(1000) {
        let text = format!(
            "INSERT INTO audit (at, user_id, username, address, action, kind, object_id, department_id, detail) VALUES {}",
            sql::places(tx, rows.len(), 9, 0)
        );
        let mut values = Vec::with_capacity(rows.len() * 9);
        for row in rows {
            values.extend([
                row.at.into(),
                row.user_id.into(),
                (*row.username).into(),
                row.address.as_deref().into(),
                row.action.into(),
                row.kind.into(),
                row.object_id.into(),
                row.department_id.into(),
                row.detail.as_str().into(),
            ]);
        }
        sql::run(tx, &text, values).await?;
    }
    Ok(())
}

/// What was done to an object, oldest first.
pub async fn of_object(store: &Store, kind: &str, object_id: i64) -> Result<Vec<audit::Model>> {
    let query =
        audit::Entity::find().filter(audit::Column::Kind.eq(kind)).filter(audit::Column::ObjectId.eq(object_id));
    query.order_by_asc(audit::Column::Id).all(store.reader()).await.map_err(translate)
}

/// When something was last done to each of the objects of `kind`, as far as the audit goes back: what changed it, or with
/// `action` only that.
pub async fn last(store: &Store, kind: &str, action: Option<&str>, ids: &[i64]) -> Result<HashMap<i64, i64>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let reader = store.reader();
    let which = match action {
        Some(_) => "action = $2",
        None => "action NOT IN ('sign-in', 'sign-in-failed', 'lock', $2)",
    };
    let text = format!(
        "SELECT object_id, MAX(at) FROM audit WHERE kind = $1 AND {which} AND object_id IN {} GROUP BY object_id",
        sql::places(reader, 1, ids.len(), 2)
    );
    let mut values = vec![kind.into(), action.unwrap_or("fetch").into()];
    values.extend(ids.iter().map(|id| sea_orm::Value::from(*id)));
    let rows = sql::rows(reader, &text, values).await?;
    rows.iter().map(|row| Ok((sql::get(row, 0)?, sql::get(row, 1)?))).collect()
}

/// Which rows of the audit are wanted, newest first.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Only what this sees; rows of no department are seen only by who sees everything.
    pub scope: Scope,
    /// Only what this user did.
    pub user_id: Option<i64>,
    /// Only what was done to this kind of thing.
    pub kind: Option<String>,
    /// Only what was done to this one.
    pub object_id: Option<i64>,
    /// Only this.
    pub action: Option<String>,
    /// From this time on.
    pub from: Option<i64>,
    /// Before this time.
    pub to: Option<i64>,
    /// Only rows before this one.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: u64,
}

/// The newest rows of `filter`. They are found by key, however deep: times never run against ids by more than the clocks
/// of nodes differ.
pub async fn list(store: &Store, filter: &Filter) -> Result<Vec<audit::Model>> {
    use audit::Column;
    let mut rows = Condition::all().add(filter.scope.condition(Column::DepartmentId, Column::UserId));
    rows = rows.add_option(filter.user_id.map(|user| Column::UserId.eq(user)));
    rows = rows.add_option(filter.kind.as_deref().map(|kind| Column::Kind.eq(kind)));
    rows = rows.add_option(filter.object_id.map(|object| Column::ObjectId.eq(object)));
    rows = rows.add_option(filter.action.as_deref().map(|action| Column::Action.eq(action)));
    rows = rows.add_option(filter.from.map(|from| Column::At.gte(from)));
    rows = rows.add_option(filter.to.map(|to| Column::At.lt(to)));
    rows = rows.add_option(filter.before.map(|before| Column::Id.lt(before)));
    let query = audit::Entity::find().filter(rows).order_by_desc(Column::Id);
    sql::page(query, Page::new(None, i64::try_from(filter.limit).ok())?, store.reader()).await
}
