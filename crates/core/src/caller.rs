//! Who asks. Made from a token, or for the platform itself; nowhere else.

use std::sync::Arc;

use baigong_model::{
    Error, Permission, PermissionSet, Result,
    ids::{ApplicationId, DepartmentId, UserId},
};
use baigong_store::{Scope, audits::NewAudit};

use crate::audits::KINDS;

/// Who asks, what they may do, and which rows they see. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The user; `None` for the platform itself.
    pub user_id: Option<UserId>,
    /// Their name in the audit.
    pub username: Arc<str>,
    /// The application that acts for the user.
    pub application_id: Option<ApplicationId>,
    /// From which address.
    pub address: Option<Arc<str>>,
    permissions: PermissionSet,
    scope: Scope,
}

impl Caller {
    /// A signed-in user. Only `accounts` calls this.
    pub(crate) fn user(id: UserId, username: Arc<str>, permissions: PermissionSet, scope: Scope) -> Self {
        Self { user_id: Some(id), username, application_id: None, address: None, permissions, scope }
    }

    /// The platform itself: background work and the uplink.
    #[must_use]
    pub fn platform() -> Self {
        Self {
            user_id: None,
            username: "platform".into(),
            application_id: None,
            address: None,
            permissions: PermissionSet::all(),
            scope: Scope::All,
        }
    }

    /// The same user, for whom this application acts; the audit names both. Only `accounts` calls this.
    pub(crate) fn through(mut self, id: ApplicationId, name: &str) -> Self {
        self.application_id = Some(id);
        self.username = format!("{} ({name})", self.username).into();
        self
    }

    /// The same caller with no more than this. Only `applications` calls this.
    pub(crate) fn limited_to(mut self, permissions: PermissionSet, scope: Scope) -> Self {
        (self.permissions, self.scope) = (permissions, scope);
        self
    }

    /// The application that acts; fails for a person's own token.
    pub fn need_application(&self) -> Result<ApplicationId> {
        self.application_id.ok_or_else(|| Error::Forbidden("a token of an application".into()))
    }

    /// Fails for an application: what gives power away is done by people.
    pub fn need_person(&self) -> Result<()> {
        match self.application_id {
            None => Ok(()),
            Some(_) => Err(Error::Forbidden("a person's own token".into())),
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
        debug_assert!(KINDS.contains(&kind), "\"{kind}\" needs a line in the kinds of core::audits");
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
