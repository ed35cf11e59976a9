//! Reading the audit (T/TSAC 002-2025, 5.7 审计日志管理). It is written by every operation, with what it changes.

use baigong_model::{Error, Permission, Result, ids::DepartmentId};
use baigong_store::{audits as rows, entity::audit};

use crate::{Caller, Platform, departments};

/// The most rows of one answer.
const MOST_ROWS: i64 = 1000;

/// What things are called in the audit.
pub const KINDS: &[&str] = &[
    "agenda item",
    "agent rollout",
    "agent version",
    "application",
    "application menu",
    "application role",
    "asset",
    "bridge",
    "calendar",
    "credential",
    "data queue",
    "department",
    "employee",
    "file",
    "folder",
    "license",
    "license seat",
    "machine",
    "maintenance window",
    "message",
    "open api token",
    "operation log",
    "package",
    "platform",
    "process",
    "queue item",
    "recording",
    "robot",
    "robot group",
    "robot operation",
    "role",
    "scene",
    "task",
    "trigger",
    "warn channel",
];

/// Which rows are wanted.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// Only of this department and all below.
    pub department_id: Option<DepartmentId>,
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
    /// How many at most; 100 unless said.
    pub limit: Option<i64>,
}

/// Rows of the audit, newest first; the next ones come before the id of the last.
pub async fn list(platform: &Platform, caller: &Caller, query: AuditQuery) -> Result<Vec<audit::Model>> {
    caller.need(Permission::AuditRead)?;
    let limit = query.limit.unwrap_or(100);
    if !(1..=MOST_ROWS).contains(&limit) {
        return Err(Error::invalid("pageSize", format!("must be between 1 and {MOST_ROWS}")));
    }
    let kind = query.kind.filter(|text| !text.is_empty());
    if kind.as_deref().is_some_and(|kind| !KINDS.contains(&kind)) {
        return Err(Error::invalid("kind", format!("must be one of {}", KINDS.join(", "))));
    }
    let filter = rows::Filter {
        scope: departments::scope_of(platform, caller, query.department_id).await?,
        user_id: query.user_id,
        kind,
        object_id: query.object_id,
        action: query.action.filter(|text| !text.is_empty()),
        from: query.from,
        to: query.to,
        before: query.before,
        limit: limit.unsigned_abs(),
    };
    rows::list(&platform.store, &filter).await
}

#[cfg(test)]
mod tests {
    use baigong_model::Permission;

    use super::*;
    use crate::testing::{on_both, without};

    #[tokio::test(flavor = "multi_thread")]
    async fn the_audit_is_read_by_key_and_in_the_callers_scope() {
        on_both(async |world| {
            for name in ["a", "b", "c"] {
                world.group(world.north, name).await;
            }
            world.group(world.south, "d").await;
            let of = |query: AuditQuery| list(&world.platform, &world.norths, query);
            let groups = || AuditQuery { kind: Some("robot group".into()), ..AuditQuery::default() };
            let rows = of(groups()).await.unwrap();
            assert_eq!(rows.len(), 3, "{rows:?}");
            assert!(rows.iter().all(|row| row.department_id == Some(world.north) && row.username == "admin"));
            let first = of(AuditQuery { limit: Some(2), ..groups() }).await.unwrap();
            let second = of(AuditQuery { before: Some(first[1].id), ..groups() }).await.unwrap();
            assert_eq!([&first[..], &second[..]].concat(), rows);
            let one = of(AuditQuery { object_id: rows[0].object_id, ..groups() }).await.unwrap();
            assert_eq!(one, rows[..1]);
            let now = world.platform.now();
            assert_eq!(of(AuditQuery { from: Some(now), to: Some(now), ..groups() }).await.unwrap(), []);
            assert_eq!(of(AuditQuery { user_id: Some(999), ..groups() }).await.unwrap(), []);
            let unknown = of(AuditQuery { kind: Some("robots".into()), ..AuditQuery::default() }).await;
            assert!(matches!(&unknown, Err(Error::Invalid { field, .. }) if field == "kind"), "{unknown:?}");
            let blind = without(world.north, Permission::AuditRead);
            assert!(matches!(list(&world.platform, &blind, groups()).await, Err(Error::Forbidden(_))));
        })
        .await;
    }
}
