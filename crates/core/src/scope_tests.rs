//! The walls between departments: for every operation, what a stranger asks for does not exist, and what a caller may see
//! but not do is forbidden.

use baigong_model::{Error, Parameter, Permission, Secret};
use futures_util::{FutureExt, stream};

use crate::{
    artifacts, assets, departments, employees, machines, packages, processes, queues, robot_groups, robots,
    testing::{MANIFEST, World, all, assert_not_found, new_robot, on_both, pack, without},
};

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn employee(department_id: i64) -> employees::NewEmployee {
    employees::NewEmployee {
        name: "李四".into(),
        username: format!("li{department_id}"),
        password: secret("password"),
        department_id,
        email: None,
        mobile: None,
        role_id: None,
        remark: None,
    }
}

fn queue(department_id: i64) -> queues::NewQueue {
    queues::NewQueue { department_id, name: "q".into(), ..Default::default() }
}

fn asset(department_id: i64) -> assets::NewAsset {
    assets::NewAsset {
        department_id,
        name: "a".into(),
        kind: assets::AssetKind::Text,
        value: secret("v"),
        is_global: true,
        robot_ids: vec![],
        remark: None,
        is_expression: false,
        is_client_editable: false,
    }
}

fn package(world: &World, department_id: i64) -> packages::NewPackage {
    let file = world.folder().join("scope.zip");
    pack(&file, MANIFEST);
    packages::NewPackage { department_id, name: "scope".into(), version: "1".into(), file }
}

/// A task of the process, with an artifact: their ids.
async fn task_with_artifact(world: &World, process_id: i64) -> (i64, i64) {
    let new = crate::tasks::NewTasks { process_id, priority: 1, ..Default::default() };
    let task = crate::tasks::create(&world.platform, &world.admin, new).await.unwrap()[0];
    let body = stream::iter([Ok(bytes::Bytes::from_static(b"rows"))]);
    world.platform.blobs.put("artifact/test", Box::pin(body)).await.unwrap();
    let row = baigong_store::artifacts::NewArtifact {
        task_id: task,
        fence: 1,
        name: "out/差异.xlsx".into(),
        size: 4,
        sha256: "00".into(),
        blob_key: "artifact/test".into(),
        created_at: 1,
    };
    let stored =
        world.platform.store.write(move |tx| async move { baigong_store::artifacts::upsert(tx, row).await }.boxed());
    assert_eq!(stored.await.unwrap(), None);
    let artifact = artifacts::list(&world.platform, &world.admin, task).await.unwrap().remove(0).id;
    (task, artifact)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_department_has_does_not_exist() {
    on_both(async |world| {
        let (platform, stranger) = (&world.platform, &world.souths);
        let process = world.process(world.north, "p").await;
        let robot = world.robot(world.north, "r").await.id;
        let group = world.group(world.north, "g").await;
        let package_id = packages::list(platform, &world.admin, &all()).await.unwrap().rows[0].id;
        let user = employees::create(platform, &world.admin, employee(world.north)).await.unwrap();
        let queue_id = queues::create(platform, &world.admin, queue(world.north)).await.unwrap();
        let asset_id = assets::create(platform, &world.admin, asset(world.north)).await.unwrap();
        let (task, artifact) = task_with_artifact(world, process).await;
        let machine = robots::query(platform, &world.admin, robot).await.unwrap().robot.machine_id;
        let own_group = world.group(world.south, "own").await;

        assert_not_found(employees::query(platform, stranger, user).await, "employee/query");
        assert_not_found(robots::query(platform, stranger, robot).await, "robot/query");
        assert_not_found(robot_groups::append(platform, stranger, group, &[robot]).await, "robot-group/append to");
        assert_not_found(robot_groups::append(platform, stranger, own_group, &[robot]).await, "robot-group/append of");
        assert_not_found(robot_groups::pool_of(platform, stranger, group).await, "pool of a group");
        assert_not_found(robots::pool_of(platform, stranger, &[robot]).await, "pool of a list");
        assert_not_found(packages::delete(platform, stranger, package_id).await, "package/delete");
        assert_not_found(processes::query(platform, stranger, process).await, "process/query");
        let given = vec![Parameter::new("file", "x")];
        let activated = processes::activate_package_version(platform, stranger, process, package_id, given, None).await;
        assert_not_found(activated, "process/activate-package-version");
        assert_not_found(queues::query(platform, stranger, queue_id).await, "data-queue/query");
        assert_not_found(assets::query(platform, stranger, asset_id).await, "asset/query");
        assert_not_found(artifacts::list(platform, stranger, task).await, "artifacts of a task");
        assert_not_found(artifacts::download(platform, stranger, artifact).await.map(drop), "artifact");
        assert_eq!(artifacts::download(platform, &world.norths, artifact).await.unwrap().name, "差异.xlsx");

        let there = world.north;
        assert_not_found(employees::create(platform, stranger, employee(there)).await, "employee/create");
        assert_not_found(robots::create(platform, stranger, new_robot(there, machine, "x")).await, "robot/create");
        let new = robot_groups::NewRobotGroup { department_id: there, name: "x".into(), remark: None };
        assert_not_found(robot_groups::create(platform, stranger, new).await, "robot-group/create");
        assert_not_found(packages::create(platform, stranger, package(world, there)).await, "package/create");
        let new = processes::NewProcess {
            department_id: there,
            robot_group_id: own_group,
            name: "x".into(),
            remark: None,
            is_record: false,
            fail_try_times: 0,
        };
        assert_not_found(processes::create(platform, stranger, new).await, "process/create");
        assert_not_found(queues::create(platform, stranger, queue(there)).await, "data-queue/create");
        assert_not_found(assets::create(platform, stranger, asset(there)).await, "asset/create");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_show_nothing_of_another_department_and_do_not_say_that_it_exists() {
    on_both(async |world| {
        let platform = &world.platform;
        world.process(world.north, "p").await;
        world.robot(world.north, "r").await;
        employees::create(platform, &world.admin, employee(world.north)).await.unwrap();
        queues::create(platform, &world.admin, queue(world.north)).await.unwrap();
        assets::create(platform, &world.admin, asset(world.north)).await.unwrap();
        let there = crate::ListInput { department_id: Some(world.north), include_deleted: true, ..all() };
        macro_rules! walled {
            ($($list:path),*) => {$(
                let mine = $list(platform, &world.souths, &all()).await.unwrap();
                assert_eq!((mine.total, mine.rows.len()), (0, 0), stringify!($list));
                assert_not_found($list(platform, &world.souths, &there).await, stringify!($list));
                let theirs = $list(platform, &world.norths, &there).await.unwrap();
                assert_eq!((theirs.total, theirs.rows.len()), (1, 1), stringify!($list));
            )*};
        }
        walled!(
            employees::list,
            robot_groups::list,
            packages::list,
            processes::list,
            queues::list,
            assets::list,
            list_robots
        );
        assert_not_found(departments::list(platform, &world.souths, &there).await, "department/list");
        assert_eq!(departments::list(platform, &world.souths, &all()).await.unwrap().total, 1);
    })
    .await;
}

async fn list_robots(
    platform: &crate::Platform,
    caller: &crate::Caller,
    input: &crate::ListInput,
) -> baigong_model::Result<baigong_model::PageOf<robots::ListedRobot>> {
    robots::list(platform, caller, &robots::Filter::all(input.clone())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_asks_for_its_own_permission() {
    on_both(async |world| {
        let platform = &world.platform;
        let process = world.process(world.north, "p").await;
        let package_id = packages::list(platform, &world.admin, &all()).await.unwrap().rows[0].id;
        let robot = world.robot(world.north, "r").await.id;
        let group = world.group(world.north, "g").await;
        let (task, artifact) = task_with_artifact(world, process).await;
        macro_rules! needs {
            ($($permission:ident: $operation:path, $($argument:expr),*;)*) => {$(
                let caller = without(world.north, Permission::$permission);
                let outcome = $operation(platform, &caller, $($argument),*).await.map(drop);
                let needed = Permission::$permission.as_str();
                assert!(
                    matches!(&outcome, Err(Error::Forbidden(text)) if text == needed),
                    "{} must ask for {needed}: {outcome:?}", stringify!($operation)
                );
            )*};
        }
        let there = world.north;
        needs! {
            DepartmentRead: departments::list, &all();
            DepartmentWrite: departments::create, departments::NewDepartment { name: "x".into(), parent_id: there };
            EmployeeRead: employees::list, &all();
            EmployeeRead: employees::query, 1;
            EmployeeWrite: employees::create, employee(there);
            MachineRead: machines::list, &all();
            MachineRead: machines::query, 1;
            MachineWrite: machines::create, machines::NewMachine { name: "x".into(), remark: None };
            RobotRead: list_robots, &all();
            RobotRead: robots::query, robot;
            RobotRead: robot_groups::list, &all();
            RobotWrite: robots::create, new_robot(there, 1, "x");
            RobotWrite: robot_groups::create,
                robot_groups::NewRobotGroup { department_id: there, name: "x".into(), remark: None };
            RobotWrite: robot_groups::append, group, &[robot];
            PackageRead: packages::list, &all();
            PackageWrite: packages::create, package(world, there);
            PackageWrite: packages::delete, package_id;
            ProcessRead: processes::list, &all();
            ProcessRead: processes::query, process;
            ProcessWrite: processes::activate_package_version, process, package_id, Vec::new(), None;
            QueueRead: queues::list, &all();
            QueueRead: queues::query, 1;
            QueueWrite: queues::create, queue(there);
            AssetRead: assets::list, &all();
            AssetRead: assets::query, 1;
            AssetWrite: assets::create, asset(there);
            TaskRead: artifacts::list, task;
            TaskRead: artifacts::download, artifact;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_leaves_one_row_in_the_audit_without_secrets() {
    on_both(async |world| {
        let platform = &world.platform;
        let caller = world.admin.clone().from_address(Some("10.1.2.3".into()));
        let user = employees::create(platform, &caller, employee(world.north)).await.unwrap();
        let queue_id = queues::create(platform, &caller, queue(world.north)).await.unwrap();
        let asset_id = assets::create(platform, &caller, asset(world.north)).await.unwrap();
        let robot = world.robot(world.north, "r").await.id;
        let group = world.group(world.north, "g").await;
        let package_id = world.package(world.north, "pkg").await;
        for (kind, id) in [
            ("employee", user),
            ("data queue", queue_id),
            ("asset", asset_id),
            ("robot", robot),
            ("robot group", group),
            ("package", package_id),
            ("department", world.north),
        ] {
            let rows = baigong_store::audits::of_object(&platform.store, kind, id).await.unwrap();
            let [row] = &rows[..] else { panic!("{kind}: {rows:?}") };
            assert_eq!((row.action.as_str(), row.username.as_str()), ("create", "admin"), "{kind}");
            assert_eq!(row.department_id, Some(world.north), "{kind}");
            assert!(!row.detail.contains("password"), "{}", row.detail);
        }
        let row = baigong_store::audits::of_object(&platform.store, "employee", user).await.unwrap().remove(0);
        assert_eq!(row.address.as_deref(), Some("10.1.2.3"));
    })
    .await;
}
