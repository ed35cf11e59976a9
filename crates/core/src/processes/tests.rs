//! Processes and their activated package versions.

use super::*;
use crate::{
    packages as operations,
    tasks::{self, NewTasks},
    testing::{World, assert_not_found, on_both},
};

async fn activate(world: &World, process: i64, package: i64, given: &[(&str, &str)]) -> Result<()> {
    let given = given.iter().map(|(name, value)| Parameter::new(*name, *value)).collect();
    activate_package_version(&world.platform, &world.admin, process, package, given, None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn in_parameters_are_checked_against_the_package() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let package = world.package(world.north, "other").await;
        for given in [&[("fiel", "a")][..], &[("file", "a"), ("file", "b")]] {
            let refused = activate(world, process, package, given).await;
            assert!(matches!(&refused, Err(Error::Invalid { field, .. }) if field == "inParameters"), "{refused:?}");
        }
        activate(world, process, package, &[]).await.expect("what is required may be left to the tasks");
        activate(world, process, package, &[("file", "a.csv"), ("rows", "5")]).await.unwrap();
        let row = query(&world.platform, &world.norths, process).await.unwrap();
        assert_eq!(row.package_id, Some(package));
        assert_eq!(row.in_parameters, r#"[{"name":"file","value":"a.csv"},{"name":"rows","value":"5"}]"#);
        let audits = audits::of_object(&world.platform.store, "process", process).await.unwrap();
        assert!(audits.iter().all(|audit| !audit.detail.contains("a.csv")), "values are not told");
        assert_eq!(audits.last().unwrap().action, "activate");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_live_visible_things_are_put_together() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let foreign = world.package(world.south, "theirs").await;
        let gone = world.package(world.north, "gone").await;
        operations::delete(&world.platform, &world.admin, gone).await.unwrap();
        assert_not_found(activate(world, process, gone, &[]).await, "activate a deleted package");
        assert_not_found(activate(world, process, 999, &[]).await, "activate nothing");
        assert_not_found(activate(world, 999, foreign, &[]).await, "activate for nothing");
        let mine = activate_package_version(&world.platform, &world.norths, process, foreign, Vec::new(), None).await;
        assert_not_found(mine, "activate another's package");
        let group = world.group(world.south, "g").await;
        let new = NewProcess {
            department_id: world.north,
            robot_group_id: group,
            name: "q".into(),
            remark: None,
            is_record: false,
            fail_try_times: 0,
        };
        assert_not_found(create(&world.platform, &world.norths, new.clone()).await, "a process on another's group");
        create(&world.platform, &world.admin, new.clone()).await.unwrap();
        let taken = create(&world.platform, &world.admin, new).await;
        assert!(matches!(taken, Err(Error::AlreadyExists { kind: "process", .. })), "{taken:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_tasks_one_is_run() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("robot.yaml"), "tasks:\n  Zoll: {shell: a}\n  Abgleich: {shell: b}\n")
            .unwrap();
        let file = world.folder().join("several.zip");
        baigong_package::pack(folder.path(), &file, &baigong_package::Limits::default()).unwrap();
        let new =
            operations::NewPackage { department_id: world.north, name: "several".into(), version: "1".into(), file };
        let package = operations::create(&world.platform, &world.admin, new).await.unwrap();
        let activate = async |package, name: Option<&str>| {
            let name = name.map(str::to_owned);
            activate_package_version(&world.platform, &world.admin, process, package, Vec::new(), name).await
        };
        let shown = async || query(&world.platform, &world.norths, process).await.unwrap().task_name;
        let started = async |name: Option<&str>| {
            let new = NewTasks {
                process_id: process,
                priority: 1,
                task_name: name.map(str::to_owned),
                in_parameters: Vec::new(),
                ..Default::default()
            };
            let ids = tasks::create(&world.platform, &world.norths, new).await?;
            Ok::<_, Error>(tasks::query(&world.platform, &world.norths, ids[0]).await?.task.task_name)
        };
        for name in [None, Some("")] {
            activate(package, name).await.unwrap();
            assert_eq!(shown().await.as_deref(), Some("Zoll"), "the first of the file");
        }
        assert_eq!(started(None).await.unwrap().as_deref(), Some("Zoll"));
        activate(package, Some("Abgleich")).await.unwrap();
        assert_eq!(started(None).await.unwrap().as_deref(), Some("Abgleich"), "the process's");
        assert_eq!(started(Some("Zoll")).await.unwrap().as_deref(), Some("Zoll"), "over the process's");
        let reason = "taskName: \"zoll\" is not a task of the package; it has Zoll, Abgleich";
        assert_eq!(started(Some("zoll")).await.unwrap_err().to_string(), reason);
        assert_eq!(activate(package, Some("zoll")).await.unwrap_err().to_string(), reason);
        activate(world.package(world.north, "one").await, None).await.unwrap();
        assert_eq!(shown().await, None, "a package with one task needs no name");
    })
    .await;
}
