//! What a firing makes, and why it makes nothing.

use baigong_model::{Error, Parameter};
use baigong_store::{audits, pools};

use super::*;
use crate::{
    packages, processes, robot_groups, robots,
    testing::{MANIFEST, on_both, pack},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_as_the_trigger_says() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let change = Change {
            priority: Some(0),
            in_parameters: Some(vec![Parameter::new("rows", "7")]),
            is_record: Some(true),
            is_warn: Some(true),
            warn_type: Some(2),
            max_run_time: Some(30),
            max_waiting_time: Some(5),
            ..each("0 * * * * ?", process)
        };
        let id = make(world, change).await;
        after(world, 59).await;
        assert!(rows(world, id).await.is_empty(), "nothing before its time");
        after(world, 1).await;
        assert_eq!(outcomes(world, id).await, [fired(60)]);
        after(world, 0).await;
        let made = all_tasks(world).await;
        assert_eq!(made.len(), 1, "and not again");
        let task = tasks::query(&world.platform, &world.norths, made[0].id).await.unwrap().task;
        assert_eq!(
            (task.trigger_id, task.create_mode, task.created_by, task.priority),
            (Some(id), 0, world.norths.id(), 0)
        );
        assert_eq!(task.in_parameters, r#"[{"name":"file","value":"a.xlsx"},{"name":"rows","value":"7"}]"#);
        assert_eq!((task.is_record, task.is_warn, task.warn_type), (true, true, Some(2)));
        assert_eq!((task.max_run_minutes, task.max_wait_minutes), (30, 5));
        assert_eq!(task.wait_until, Some(world.platform.now() + 300_000));
        assert_eq!(
            query(&world.platform, &world.norths, id).await.unwrap().trigger.next_fire_at,
            Some(START + 120_000)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_are_those_of_the_assign_type() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let group = world.group(world.north, "g").await;
        let (one, two) = (world.robot(world.north, "one").await.id, world.robot(world.north, "two").await.id);
        robot_groups::append(&world.platform, &world.admin, group, &[one, two]).await.unwrap();
        let of = |name: &str, kind| Change {
            name: Some(name.into()),
            assign_type: Some(kind),
            robot_group_id: Some(group),
            ..each("0 * * * * ?", process)
        };
        let every = make(world, of("every", 0)).await;
        let any = make(world, of("any", 1)).await;
        let listed = make(world, Change { robot_ids: Some(vec![two]), ..of("listed", 2) }).await;
        let nobody = Change { robot_group_id: None, ..of("nobody", 0) };
        let nobody = make(world, nobody).await;
        after(world, 60).await;
        let pool = |row: &robots::RobotDetails| row.robot.pool_id;
        let of_robot = async |id| pool(&robots::query(&world.platform, &world.admin, id).await.unwrap());
        let group_pool = robot_groups::pool_of(&world.platform, &world.admin, group).await.unwrap();
        let pools_of = async |trigger| {
            let tasks = all_tasks(world).await;
            tasks.into_iter().filter(|task| task.trigger_id == Some(trigger)).map(|it| it.pool_id).collect::<Vec<_>>()
        };
        assert_eq!(pools_of(every).await, [of_robot(one).await, of_robot(two).await]);
        assert_eq!(pools_of(any).await, [group_pool]);
        let list = pools_of(listed).await;
        assert_eq!(pools::members(&world.platform.store, list[0]).await.unwrap(), [two]);
        assert_eq!(outcomes(world, nobody).await, [skipped(60, "noRobots")], "the process's group is empty");
        let row = query(&world.platform, &world.norths, listed).await.unwrap();
        assert_eq!((row.robot_ids, row.trigger.robot_group_id), (vec![two], Some(group)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_run_is_skipped_and_says_why() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let group = world.group(world.north, "bare").await;
        let bare = processes::NewProcess {
            department_id: world.north,
            robot_group_id: group,
            name: "bare".into(),
            remark: None,
            is_record: false,
            fail_try_times: 0,
        };
        let bare = processes::create(&world.platform, &world.admin, bare).await.unwrap();
        let without_package = make(world, each("0 * * * * ?", bare)).await;
        let parameters = make(world, each("0 * * * * ?", process)).await;
        let file = world.folder().join("strict.zip");
        pack(
            &file,
            &MANIFEST.replace("name: rows, type: integer, default: 10", "name: limit, type: integer, required: true"),
        );
        let new = packages::NewPackage { department_id: world.north, name: "strict".into(), version: "1".into(), file };
        let package = packages::create(&world.platform, &world.admin, new).await.unwrap();
        let given = vec![Parameter::new("file", "a.csv")];
        processes::activate_package_version(&world.platform, &world.admin, process, package, given, None)
            .await
            .unwrap();
        after(world, 60).await;
        assert_eq!(outcomes(world, without_package).await, [skipped(60, "noActivatedPackage")]);
        assert_eq!(outcomes(world, parameters).await, [skipped(60, "invalidParameters")]);
        let detail = rows(world, parameters).await[0].detail.clone().unwrap();
        assert_eq!(detail, "inParameters: \"limit\" is required by the package and not given");
        assert!(all_tasks(world).await.is_empty());
        let refused = create(&world.platform, &world.norths, world.north, each("0 0 * * * ?", process)).await;
        assert!(matches!(&refused, Err(Error::Invalid { field, .. }) if field == "inParameters"), "{refused:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_deleted_takes_its_triggers_out_of_service() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let id = make(world, each("0 * * * * ?", process)).await;
        let queued = Change {
            name: Some("in a row".into()),
            overlap_policy: Some("queue".into()),
            ..each("0 * * * * ?", process)
        };
        let queued = make(world, queued).await;
        let resting = Change { name: Some("rests".into()), is_activated: Some(false), ..each("0 * * * * ?", process) };
        let resting = make(world, resting).await;
        after(world, 60).await;
        after(world, 60).await;
        world.clock.advance(60_000);
        let affected = processes::delete(&world.platform, &world.admin, process).await.unwrap();
        assert_eq!(affected, [id, queued, resting]);
        let ended = [fired(60), fired(120), skipped(180, "processDeleted")];
        for _ in 0..2 {
            assert_eq!(outcomes(world, id).await, ended, "what was due is told, and nothing comes after");
            let row = query(&world.platform, &world.norths, id).await.unwrap().trigger;
            assert_eq!((row.is_activated, row.next_fire_at), (false, None));
            after(world, 60).await;
        }
        let waited = [fired(60), skipped(120, "processDeleted"), skipped(180, "processDeleted")];
        assert_eq!(outcomes(world, queued).await, waited, "nor does a firing wait for ever");
        let told = audits::of_object(&world.platform.store, "trigger", id).await.unwrap();
        let told = told.last().unwrap();
        assert_eq!((told.action.as_str(), told.username.as_str()), ("update", "admin"));
        assert!(told.detail.contains("its process was deleted"), "{told:?}");
        let told = audits::of_object(&world.platform.store, "trigger", resting).await.unwrap();
        assert_eq!(told.len(), 1, "one that was out of service is not touched");

        let on = Change { is_activated: Some(true), ..Default::default() };
        let refused = update(&world.platform, &world.norths, id, on.clone()).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        let rename = Change { name: Some("still rests".into()), ..Default::default() };
        update(&world.platform, &world.norths, id, rename).await.expect("what rests needs no process");
        let other = world.process(world.north, "q").await;
        let change = Change { process_id: Some(other), ..on };
        update(&world.platform, &world.norths, id, change).await.unwrap();
        after(world, 60).await;
        assert_eq!(outcomes(world, id).await.last(), Some(&fired(360)), "until it is given another");
    })
    .await;
}
