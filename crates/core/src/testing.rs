//! What the tests of the operations stand on: a platform over a fresh database of each engine, with a clock that they drive,
//! two departments and a caller of each.

use std::{path::Path, sync::Arc};

use baigong_flow::ActionTable;
use baigong_model::{ManualClock, Page, Parameter, Permission, PermissionSet, Secret, SeededRandom, ids::DepartmentId};
use baigong_store::{Scope, Settings, Store, Synchronous};
use baigong_testkit::TestDatabase;

use crate::{
    Caller, Config, ListInput, Platform, bootstrap, departments, licenses, machines, packages, processes, robot_groups,
    robots,
};

/// The clock's first time.
pub(crate) const START: i64 = 1_800_000_000_000;
/// The administrator's password.
pub(crate) const PASSWORD: &str = "correct horse 电池";

/// A platform and what is in it from the start.
pub(crate) struct World {
    pub(crate) platform: Platform,
    pub(crate) clock: Arc<ManualClock>,
    /// The administrator: sees and may do everything.
    pub(crate) admin: Caller,
    pub(crate) root: DepartmentId,
    /// Two departments below the root and an operator of each.
    pub(crate) north: DepartmentId,
    pub(crate) south: DepartmentId,
    pub(crate) norths: Caller,
    pub(crate) souths: Caller,
    folder: tempfile::TempDir,
    database: TestDatabase,
}

/// Runs `test` in a fresh world on each engine.
pub(crate) async fn on_both(test: impl AsyncFn(&World)) {
    for database in [TestDatabase::sqlite(), migrated_postgres().await] {
        test(&World::new(database.unwrap()).await).await;
    }
}

/// Runs `test` in a fresh world on PostgreSQL: for what several nodes do.
pub(crate) async fn migrated_world(test: impl AsyncFn(&World)) {
    test(&World::new(migrated_postgres().await.unwrap()).await).await;
}

/// Runs `test` in a fresh world on SQLite: for what does not touch the database.
pub(crate) async fn on_one(test: impl AsyncFn(&World)) {
    test(&World::new(TestDatabase::sqlite().unwrap()).await).await;
}

async fn migrated_postgres() -> anyhow::Result<TestDatabase> {
    let migrate = async |url: String| {
        let settings = Settings { connections: 1, ..Settings::new(url) };
        Store::open(&settings).await.map(drop).map_err(Into::into)
    };
    TestDatabase::postgres_from("core", migrate).await
}

impl World {
    async fn new(database: TestDatabase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let platform = open(folder.path(), &database, clock.clone()).await;
        let made = bootstrap::bootstrap(&platform, Some(Secret::new(PASSWORD.into()))).await.unwrap();
        assert!(made.is_none(), "a password that was given is not shown");
        let admin = Caller::user(1, "admin".into(), PermissionSet::all(), Scope::All);
        let root = departments::tree(&platform).await.unwrap().parents_first().next().unwrap().id;
        let below = async |name: &str| {
            let new = departments::NewDepartment { name: name.into(), parent_id: root };
            departments::create(&platform, &admin, new).await.unwrap()
        };
        let (north, south) = (below("north").await, below("south").await);
        let (norths, souths) = (operator_of(north), operator_of(south));
        Self { platform, clock, admin, root, north, south, norths, souths, folder, database }
    }

    /// A second platform over the same data, as after a restart, or as another node.
    pub(crate) async fn another(&self) -> Platform {
        open(self.folder.path(), &self.database, self.clock.clone()).await
    }

    /// The same, but passwords may not come in plain text.
    pub(crate) async fn strict(&self) -> Platform {
        self.configured(|config| config.allow_plain_passwords = false).await
    }

    /// The same, but with a mail server of the platform's own.
    pub(crate) async fn posting(&self, smtp: crate::smtp::Smtp) -> Platform {
        self.configured(|config| config.smtp = Some(smtp)).await
    }

    /// The same, but licenses are believed by `key`.
    pub(crate) async fn believing(&self, key: &licenses::SigningKey) -> Platform {
        let key = licenses::VerifyingKey::parse(&key.public()).unwrap();
        self.configured(|config| config.license_public_key = Some(key)).await
    }

    /// The same, but recordings are kept for so many milliseconds only.
    pub(crate) async fn keeping_recordings(&self, milliseconds: i64) -> Platform {
        self.configured(|config| config.keep_recordings = Some(milliseconds)).await
    }

    /// The same, but set up in another way.
    pub(crate) async fn configured(&self, change: impl FnOnce(&mut Config)) -> Platform {
        let mut config = config(self.folder.path(), &self.database);
        change(&mut config);
        opened(config, self.clock.clone()).await
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file of the database, where it is one.
    pub(crate) fn database_folder(&self) -> Option<&Path> {
        self.database.folder()
    }

    /// A robot of `department` that the administrator makes.
    pub(crate) async fn robot(&self, department: DepartmentId, name: &str) -> robots::CreatedRobot {
        let machine = machines::NewMachine { name: format!("machine of {department} {name}"), remark: None };
        let machine_id = machines::create(&self.platform, &self.admin, machine).await.unwrap();
        robots::create(&self.platform, &self.admin, new_robot(department, machine_id, name)).await.unwrap()
    }

    /// An empty group of `department`.
    pub(crate) async fn group(&self, department: DepartmentId, name: &str) -> i64 {
        let new = robot_groups::NewRobotGroup { department_id: department, name: name.into(), remark: None };
        robot_groups::create(&self.platform, &self.admin, new).await.unwrap()
    }

    /// A command package of `department`, whose one parameter `file` is required.
    pub(crate) async fn package(&self, department: DepartmentId, name: &str) -> i64 {
        let file = self.folder().join(format!("{name}.zip"));
        pack(&file, MANIFEST);
        let new = packages::NewPackage { department_id: department, name: name.into(), version: "1.0".into(), file };
        packages::create(&self.platform, &self.admin, new).await.unwrap()
    }

    /// A process of `department` with a group of its own and an activated package.
    pub(crate) async fn process(&self, department: DepartmentId, name: &str) -> i64 {
        let robot_group_id = self.group(department, name).await;
        let package = self.package(department, name).await;
        let new = processes::NewProcess {
            department_id: department,
            robot_group_id,
            name: name.into(),
            remark: None,
            is_record: false,
            fail_try_times: 0,
        };
        let id = processes::create(&self.platform, &self.admin, new).await.unwrap();
        let parameters = vec![Parameter::new("file", "a.xlsx")];
        processes::activate_package_version(&self.platform, &self.admin, id, package, parameters, None).await.unwrap();
        id
    }
}

fn config(folder: &Path, database: &TestDatabase) -> Config {
    let mut config = Config::new(folder.to_owned());
    config.database = Settings { synchronous: Synchronous::Off, connections: 4, ..Settings::new(database.url()) };
    config
}

async fn open(folder: &Path, database: &TestDatabase, clock: Arc<ManualClock>) -> Platform {
    opened(config(folder, database), clock).await
}

async fn opened(config: Config, clock: Arc<ManualClock>) -> Platform {
    // Two platforms must not draw the same tokens and node ids.
    static SEED: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(7);
    let random = SeededRandom::new(SEED.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    Platform::open(config, clock, Arc::new(random), Arc::new(ActionTable::new())).await.unwrap()
}

/// A caller with every permission in one department.
pub(crate) fn operator_of(department: DepartmentId) -> Caller {
    with_permissions(department, PermissionSet::all())
}

/// A caller of one department with these permissions.
pub(crate) fn with_permissions(department: DepartmentId, permissions: PermissionSet) -> Caller {
    let scope = Scope::Departments(Arc::new([department].into()));
    Caller::user(1000 + department, format!("operator {department}").into(), permissions, scope)
}

/// A caller of one department who may do everything but one thing.
pub(crate) fn without(department: DepartmentId, missing: Permission) -> Caller {
    let others = Permission::ALL.iter().copied().filter(|permission| *permission != missing);
    with_permissions(department, others.collect())
}

/// A robot with nothing unusual about it.
pub(crate) fn new_robot(department_id: DepartmentId, machine_id: i64, name: &str) -> robots::NewRobot {
    robots::NewRobot {
        department_id,
        name: name.into(),
        robot_type: 0,
        machine_id,
        machine_name: "PC-01".into(),
        machine_username: "robot".into(),
        machine_password: None,
        remark: None,
        desktop_type: None,
        resolution_width: None,
        resolution_height: None,
        resolution_depth: None,
        is_auto_unlock_enabled: None,
        log_level: None,
        max_tasks: None,
    }
}

/// A command package with a required and an optional parameter.
pub(crate) const MANIFEST: &str = "kind: command\nname: test\ncommand: [\"true\"]\nretrySafe: true\nparameters:\n  in:\n  \
    - {name: file, type: file, required: true}\n  - {name: rows, type: integer, default: 10}\n";

/// Zips a package of one manifest.
pub(crate) fn pack(file: &Path, manifest: &str) {
    let source = tempfile::tempdir().unwrap();
    std::fs::write(source.path().join("baigong.yaml"), manifest).unwrap();
    baigong_package::pack(source.path(), file, &baigong_package::Limits::default()).unwrap();
}

/// A connection that takes everything and says nothing.
struct Silent;

impl crate::RobotLink for Silent {
    fn send(&self, _: baigong_protocol::ToRobot) -> bool {
        true
    }
}

/// A way to a robot that takes everything and says nothing.
pub(crate) fn silent() -> Arc<dyn crate::RobotLink> {
    Arc::new(Silent)
}

/// The first page of everything live.
pub(crate) fn all() -> ListInput {
    ListInput::all(Page::new(None, None).unwrap())
}

/// Whether the operation answered as if there were no such thing.
#[track_caller]
pub(crate) fn assert_not_found<T>(result: baigong_model::Result<T>, operation: &str) {
    match result {
        Err(baigong_model::Error::NotFound { .. }) => {}
        Err(other) => panic!("{operation} must answer NotFound, not {other:?}"),
        Ok(_) => panic!("{operation} must answer NotFound, but it was done"),
    }
}
