//! The permissions an operation may ask for. The tables of the dialects name one per endpoint; roles are sets of them.

use std::{fmt, str::FromStr};

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The right to do one kind of thing to one kind of resource.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Permission { $($(#[$doc])* $name,)* }

        impl Permission {
            /// Every permission.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word that is stored and shown: `resource:verb`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

permissions! {
    /// See departments.
    DepartmentRead = "department:read",
    /// Create, change and delete departments.
    DepartmentWrite = "department:write",
    /// See users.
    EmployeeRead = "employee:read",
    /// Create, change and delete users.
    EmployeeWrite = "employee:write",
    /// See machines.
    MachineRead = "machine:read",
    /// Create, change and delete machines.
    MachineWrite = "machine:write",
    /// See robots and robot groups.
    RobotRead = "robot:read",
    /// Create, change and delete robots and robot groups.
    RobotWrite = "robot:write",
    /// See and download process packages.
    PackageRead = "package:read",
    /// Upload and delete process packages.
    PackageWrite = "package:write",
    /// See processes.
    ProcessRead = "process:read",
    /// Create, change and delete processes, and activate package versions.
    ProcessWrite = "process:write",
    /// See tasks, their logs and their artifacts.
    TaskRead = "task:read",
    /// Start tasks.
    TaskRun = "task:run",
    /// Cancel, pause and resume tasks.
    TaskControl = "task:control",
    /// See data queues and their items.
    QueueRead = "queue:read",
    /// Create, change and delete data queues.
    QueueWrite = "queue:write",
    /// Push, pop and finish queue items.
    QueueUse = "queue:use",
    /// See assets.
    AssetRead = "asset:read",
    /// Create, change and delete assets.
    AssetWrite = "asset:write",
    /// See credentials; their passwords stay hidden.
    CredentialRead = "credential:read",
    /// Create, change and delete credentials.
    CredentialWrite = "credential:write",
    /// Get a credential's password, encrypted to one's own registered key.
    CredentialReveal = "credential:reveal",
    /// See and download files and folders.
    FileRead = "file:read",
    /// Upload, change and delete files and folders.
    FileWrite = "file:write",
    /// See calendars.
    CalendarRead = "calendar:read",
    /// Create, change, import and delete calendars.
    CalendarWrite = "calendar:write",
    /// See triggers, their firings and their previews.
    TriggerRead = "trigger:read",
    /// Create, change and delete triggers.
    TriggerWrite = "trigger:write",
    /// Start, pause, resume and stop robots.
    RobotControl = "robot:control",
    /// Restart agents, reboot and shut down machines, run other agent versions.
    RobotOperate = "robot:operate",
    /// See agent versions and how they are rolled out.
    AgentVersionRead = "agent-version:read",
    /// Upload and delete agent versions.
    AgentVersionWrite = "agent-version:write",
    /// See maintenance windows.
    MaintenanceRead = "maintenance:read",
    /// Create, change and delete maintenance windows.
    MaintenanceWrite = "maintenance:write",
    /// See and download recordings.
    VideoRead = "video:read",
    /// See licenses and their seats.
    LicenseRead = "license:read",
    /// Import licenses, allocate and reclaim seats.
    LicenseWrite = "license:write",
    /// See roles and who holds them.
    RoleRead = "role:read",
    /// Create, change and delete roles, and give them to users.
    RoleWrite = "role:write",
    /// See warn channels and what was sent.
    WarnRead = "warn:read",
    /// Create, change and delete warn channels.
    WarnWrite = "warn:write",
    /// See the audit.
    AuditRead = "audit:read",
    /// See applications: API clients with a key pair.
    ApplicationRead = "application:read",
    /// Create, change, rotate and delete applications.
    ApplicationWrite = "application:write",
    /// See the menus and roles of the application one comes through, and who has which.
    AccessRead = "access:read",
    /// Change the menus and roles of the application one comes through, and who has which.
    AccessWrite = "access:write",
    /// Write into the operation log of the application one comes through.
    LogWrite = "operation-log:write",
    /// Send messages, notices and announcements to people, and take back what was sent.
    MessageSend = "message:send",
    /// See the agendas of people.
    AgendaRead = "agenda:read",
    /// Put things on the agendas of people, change and delete them.
    AgendaWrite = "agenda:write",
    /// See foreign platforms and what runs there.
    BridgeRead = "bridge:read",
    /// Register, change and remove foreign platforms.
    BridgeWrite = "bridge:write",
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Permission {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|permission| permission.as_str() == text).ok_or(())
    }
}

/// A set of permissions, as small as two machine words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PermissionSet(u128);

impl PermissionSet {
    /// Every permission there is: an administrator's.
    #[must_use]
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    /// Whether `permission` is in it.
    #[must_use]
    pub fn has(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u32) != 0
    }

    /// What is in both.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The first permission in it that `other` has not.
    #[must_use]
    pub fn beyond(self, other: Self) -> Option<Permission> {
        self.iter().find(|permission| !other.has(*permission))
    }

    /// The permissions in it, in their order.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.has(*permission))
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |set, permission| set | 1 << permission as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let set: PermissionSet = [Permission::TaskRun, Permission::AssetWrite].into_iter().collect();
        assert!(set.has(Permission::TaskRun) && set.has(Permission::AssetWrite) && !set.has(Permission::TaskRead));
        assert_eq!(set.iter().collect::<Vec<_>>(), [Permission::TaskRun, Permission::AssetWrite]);
        assert_eq!(PermissionSet::all().beyond(set), Some(Permission::ALL[0]));
        assert_eq!(set.beyond(PermissionSet::all()), None);
        assert_eq!(set.within([Permission::TaskRun, Permission::TaskRead].into_iter().collect()).iter().count(), 1);
        assert_eq!(PermissionSet::all().iter().count(), Permission::ALL.len());
    }

    #[test]
    fn every_permission_is_found_by_its_word() {
        for permission in Permission::ALL {
            assert_eq!(permission.as_str().parse(), Ok(*permission));
        }
    }
}
