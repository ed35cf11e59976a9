//! Who asks. Made from a token, or for the platform itself; nowhere else.

use std::sync::Arc;

use baigong_model::{
    Error, Permission, PermissionSet, Result,
    ids::{DepartmentId, UserId},
};
use baigong_store::{Scope, audits::NewAudit};

/// Who asks, what they may do, and which rows they see. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The user; `None` for the platform itself.
    pub user_id: Option<UserId>,
    /// Their name in the audit.
    pub username: Arc<str>,
    /// From which address.
    pub address: Option<Arc<str>>,
    permissions: PermissionSet,
    scope: Scope,
}

impl Caller {
    /// A signed-in user. Only `accounts` calls this.
    pub(crate) fn user(id: UserId, username: Arc<str>, permissions: PermissionSet, scope: Scope) -> Self {
        Self { user_id: Some(id), username, address: None, permissions, scope }
    }

    /// The platform itself: background work and the uplink.
    #[must_use]
    pub fn platform() -> Self {
        Self {
            user_id: None,
            username: "platform".into(),
            address: None,
            permissions: PermissionSet::all(),
            scope: Scope::All,
        }
    }

    /// The same caller, with the address the request came from.
    #[must_use]
    pub fn from_address(mut self, address: Option<Arc<str>>) -> Self {
        self.address = address;
        self
    }

    /// What they may do.
    #[must_use]
    pub fn permissions(&self) -> PermissionSet {
        self.permissions
    }

    /// Their id as it is written beside what they make; 0 for the platform.
    #[must_use]
    pub fn id(&self) -> UserId {
        self.user_id.unwrap_or(0)
    }

    /// Which rows they see.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Fails unless they hold `permission`.
    pub fn need(&self, permission: Permission) -> Result<()> {
        if self.permissions.has(permission) { Ok(()) } else { Err(Error::Forbidden(permission.to_string())) }
    }

    /// Fails, as if there were no such department, unless they see `department`.
    pub fn need_department(&self, department: DepartmentId) -> Result<()> {
        if self.scope.covers(department) { Ok(()) } else { Err(Error::not_found("department", department)) }
    }

    /// An audit row of something they do to an object of a department. `detail` holds no secrets.
    #[must_use]
    pub fn audit(
        &self,
        at: i64,
        action: &'static str,
        kind: &'static str,
        object_id: Option<i64>,
        department_id: Option<DepartmentId>,
        detail: &serde_json::Value,
    ) -> NewAudit {
        NewAudit {
            at,
            user_id: self.user_id,
            username: self.username.clone(),
            address: self.address.clone(),
            action,
            kind,
            object_id,
            department_id,
            detail: detail.to_string(),
        }
    }
}
