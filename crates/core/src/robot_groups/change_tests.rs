//! Changing and deleting groups.

use baigong_model::TaskState;

use super::*;
use crate::{
    processes,
    tasks::{self as operations, NewTasks},
    testing::{World, all, assert_not_found, on_both},
};

async fn members(world: &World, id: i64) -> Vec<i64> {
    let page = list(&world.platform, &world.admin, &all()).await.unwrap();
    page.rows.into_iter().find(|row| row.group.id == id).unwrap().robot_ids
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_are_taken_out_all_or_none() {
    on_both(async |world| {
        let group = world.group(world.north, "g").await;
        let (a, b) = (world.robot(world.north, "a").await.id, world.robot(world.north, "b").await.id);
        let (c, foreign) = (world.robot(world.north, "c").await.id, world.robot(world.south, "d").await.id);
        append(&world.platform, &world.norths, group, &[a, b]).await.unwrap();
        for robots in [vec![a, 999], vec![a, foreign]] {
            assert_not_found(remove(&world.platform, &world.norths, group, &robots).await, "remove");
        }
        assert_not_found(remove(&world.platform, &world.souths, group, &[foreign]).await, "remove");
        assert!(matches!(remove(&world.platform, &world.norths, group, &[]).await, Err(Error::Invalid { .. })));
        assert_eq!(members(world, group).await, [a, b], "nothing was removed");
        remove(&world.platform, &world.norths, group, &[a, c, a]).await.unwrap();
        assert_eq!(members(world, group).await, [b], "one that was not in it stays out");
        append(&world.platform, &world.norths, group, &[a]).await.unwrap();
        crate::robots::delete(&world.platform, &world.norths, a).await.unwrap();
        assert_eq!(members(world, group).await, [b]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_changed() {
    on_both(async |world| {
        let (id, _) = (world.group(world.north, "g").await, world.group(world.north, "h").await);
        let change = Change { name: Some("夜间".into()), remark: Some("x".into()) };
        update(&world.platform, &world.norths, id, change).await.unwrap();
        update(&world.platform, &world.norths, id, Change::default()).await.unwrap();
        let shown = list(&world.platform, &world.norths, &all()).await.unwrap().rows.remove(0).group;
        assert_eq!((shown.name.as_str(), shown.remark.as_deref()), ("夜间", Some("x")));
        let rename = |name: &str| Change { name: Some(name.into()), remark: None };
        let taken = update(&world.platform, &world.norths, id, rename("h")).await;
        assert!(matches!(taken, Err(Error::AlreadyExists { kind: "robot group", .. })), "{taken:?}");
        assert_not_found(update(&world.platform, &world.souths, id, rename("x")).await, "update");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_group_tells_what_has_no_robots_any_more() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let id = processes::query(&world.platform, &world.admin, process).await.unwrap().robot_group_id;
        let robot = world.robot(world.north, "r").await.id;
        append(&world.platform, &world.admin, id, &[robot]).await.unwrap();
        let new = || NewTasks { process_id: process, priority: 1, ..NewTasks::default() };
        let task = operations::create(&world.platform, &world.admin, new()).await.unwrap()[0];
        assert_not_found(delete(&world.platform, &world.souths, id).await, "delete");
        let affected = delete(&world.platform, &world.norths, id).await.unwrap();
        assert_eq!(affected, Affected { process_ids: vec![process], trigger_ids: vec![] });
        let state = operations::query(&world.platform, &world.admin, task).await.unwrap().task.state;
        assert_eq!(state, TaskState::Cancelled.as_str());
        assert_not_found(append(&world.platform, &world.admin, id, &[robot]).await, "append");
        assert_not_found(delete(&world.platform, &world.admin, id).await, "delete again");
        let none = operations::create(&world.platform, &world.admin, new()).await;
        assert!(matches!(none, Err(Error::Conflict(_))), "a task for robots that are not there: {none:?}");
        let other = world.group(world.north, "other").await;
        let change = processes::Change { robot_group_id: Some(other), ..processes::Change::default() };
        processes::update(&world.platform, &world.admin, process, change).await.unwrap();
        operations::create(&world.platform, &world.admin, new()).await.unwrap();
        let everything = ListInput { include_deleted: true, ..all() };
        assert_eq!(list(&world.platform, &world.admin, &everything).await.unwrap().total, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_deletes_is_told_of_what_they_see_only_and_the_audit_of_all() {
    on_both(async |world| {
        let id = world.group(world.north, "g").await;
        let change = || processes::Change { robot_group_id: Some(id), ..processes::Change::default() };
        let (own, foreign) = (world.process(world.north, "p").await, world.process(world.south, "p").await);
        for process in [own, foreign] {
            processes::update(&world.platform, &world.admin, process, change()).await.unwrap();
        }
        let affected = delete(&world.platform, &world.norths, id).await.unwrap();
        assert_eq!(affected.process_ids, [own]);
        let query = crate::audits::AuditQuery { kind: Some("robot group".into()), ..Default::default() };
        let audit = crate::audits::list(&world.platform, &world.admin, query).await.unwrap();
        let all = format!("[{own},{foreign}]");
        assert!(audit.iter().any(|row| row.action == "delete" && row.detail.contains(&all)), "{audit:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_free_after_its_group_or_process_is_deleted_while_it_is_changed() {
    on_both(async |world| {
        for round in 0..6 {
            let (id, name) = (world.group(world.north, &format!("g{round}")).await, format!("new{round}"));
            let rename = Change { name: Some(name.clone()), remark: None };
            let (_, deleted) = tokio::join!(
                update(&world.platform, &world.admin, id, rename),
                delete(&world.platform, &world.admin, id)
            );
            deleted.unwrap();
            world.group(world.north, &name).await;
            let process = world.process(world.north, &format!("p{round}")).await;
            let again = processes::query(&world.platform, &world.admin, process).await.unwrap().robot_group_id;
            let rename = processes::Change { name: Some(name.clone()), ..processes::Change::default() };
            let (_, deleted) = tokio::join!(
                processes::update(&world.platform, &world.admin, process, rename),
                processes::delete(&world.platform, &world.admin, process)
            );
            deleted.unwrap();
            let new = processes::NewProcess {
                department_id: world.north,
                robot_group_id: again,
                name,
                remark: None,
                is_record: false,
                fail_try_times: 0,
            };
            processes::create(&world.platform, &world.admin, new).await.expect("the name is free");
        }
    })
    .await;
}
