//! Processes and their activated package versions.

use super::*;
use crate::{
    packages as operations,
    testing::{World, assert_not_found, on_both},
};

async fn activate(world: &World, process: i64, package: i64, given: &[(&str, &str)]) -> Result<()> {
    let given = given.iter().map(|(name, value)| Parameter::new(*name, *value)).collect();
    activate_package_version(&world.platform, &world.admin, process, package, given).await
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
        let mine = activate_package_version(&world.platform, &world.norths, process, foreign, Vec::new()).await;
        assert_not_found(mine, "activate another's package");
        let group = world.group(world.south, "g").await;
        let new = NewProcess {
            department_id: world.north,
            robot_group_id: group,
            name: "q".into(),
            remark: None,
            is_record: false,
        };
        assert_not_found(create(&world.platform, &world.norths, new.clone()).await, "a process on another's group");
        create(&world.platform, &world.admin, new.clone()).await.unwrap();
        let taken = create(&world.platform, &world.admin, new).await;
        assert!(matches!(taken, Err(Error::AlreadyExists { kind: "process", .. })), "{taken:?}");
    })
    .await;
}
