//! The audit: who changed what, in the transaction of the change. What cannot be audited does not happen.

use baigong_model::Result;
use sea_orm::{ColumnTrait, DatabaseTransaction as Tx, EntityTrait, QueryFilter, QueryOrder};

use crate::{entity::audit, error::translate, sql, write::Store};

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
