//! What stands here for the other side: made, found again, taken up by one node, and removed.

use baigong_model::{Permission, Secret, TaskState};
use baigong_protocol::{Assign, ToRobot};
use serde_json::json;

use super::*;
use crate::{
    dispatch, processes, retention, robot_sessions,
    tasks::{self, NewTasks},
    testing::{World, all, assert_not_found, on_both, without},
};

fn new(world: &World, name: &str) -> NewBridge {
    NewBridge {
        department_id: world.north,
        name: name.into(),
        kind: "tsac".into(),
        url: "https://east.example:8600/".into(),
        username: "rpa".into(),
        secret: Secret::new("correct horse".into()),
    }
}

fn seen(processes: &[(&str, &str)]) -> Seen {
    let process =
        |(id, name): &(&str, &str)| SeenProcess { id: (*id).into(), name: (*name).into(), known: json!({ "id": id }) };
    Seen {
        processes: processes.iter().map(process).collect(),
        robots: vec![("4".into(), "eastern".into(), "idle".into())],
        tasks: vec![("9".into(), "7".into(), "open".into(), ("".into(), "".into()))],
    }
}

async fn made(world: &World) -> bridge::Model {
    let id = create(&world.platform, &world.admin, new(world, "east")).await.unwrap();
    all_of(world).await.into_iter().find(|row| row.id == id).unwrap()
}

async fn all_of(world: &World) -> Vec<bridge::Model> {
    super::all(&world.platform).await.unwrap()
}

async fn process(world: &World, bridge: &bridge::Model, foreign_id: &str) -> i64 {
    let known = objects(&world.platform, &world.admin, bridge.id, Kind::Process, all().page).await.unwrap();
    known.rows.into_iter().find(|row| row.foreign_id == foreign_id).unwrap().local_id.unwrap()
}

/// The bridge's other side answers, and this node works it.
async fn reachable(world: &World, bridge: &bridge::Model) -> std::sync::Arc<Here> {
    found(&world.platform, bridge, Ok(())).await.unwrap();
    let held = hold(&world.platform, &all_of(world).await).await.unwrap();
    held.into_iter().find(|(row, _)| row.id == bridge.id).unwrap().1
}

async fn given(world: &World, process_id: i64, here: &Here) -> (i64, Assign) {
    let task = NewTasks { process_id, ..NewTasks::default() };
    let task = tasks::create(&world.platform, &world.admin, task).await.unwrap()[0];
    dispatch::run_once(&world.platform).await.unwrap();
    let assign = here.take().into_iter().find_map(|message| match message {
        ToRobot::Assign(assign) => Some(assign),
        _ => None,
    });
    (task, assign.expect("the bridge's robot is given the task"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_is_made_shown_without_its_secret_and_removed_with_what_stands_for_it() {
    on_both(async |world| {
        let row = made(world).await;
        assert_eq!((row.url.as_str(), row.state.as_str()), ("https://east.example:8600", "new"));
        assert_eq!(secret(&world.platform, &row).unwrap().expose(), "correct horse");
        let shown = query(&world.platform, &world.norths, row.id).await.unwrap();
        assert_eq!((shown.sealed.as_str(), shown.username.as_str()), ("", "rpa"));
        assert_not_found(query(&world.platform, &world.souths, row.id).await, "query");
        let again = create(&world.platform, &world.admin, new(world, "east")).await;
        assert!(matches!(again, Err(Error::AlreadyExists { .. })), "{again:?}");
        let refused = create(&world.platform, &without(world.north, Permission::BridgeWrite), new(world, "b")).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        put(&world.platform, &row, seen(&[("7", "对账")])).await.unwrap();
        let process = process(world, &row, "7").await;
        delete(&world.platform, &world.norths, row.id).await.unwrap();
        assert!(processes::query(&world.platform, &world.admin, process).await.unwrap().deleted_at.is_some());
        let robot = crate::robots::query(&world.platform, &world.admin, row.robot_id).await.unwrap();
        assert!(robot.robot.deleted_at.is_some());
        made(world).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_secret_is_not_sent_to_another_address() {
    on_both(async |world| {
        let row = made(world).await;
        let elsewhere = |secret: Option<&str>| BridgeChange {
            url: Some("https://elsewhere.example".into()),
            secret: secret.map(|text| Secret::new(text.to_owned())),
            ..BridgeChange::default()
        };
        for hidden in [None, Some("******")] {
            let refused = update(&world.platform, &world.admin, row.id, elsewhere(hidden)).await;
            assert!(matches!(&refused, Err(Error::Invalid { field, .. }) if field == "secret"), "{refused:?}");
        }
        let same = BridgeChange { url: Some(row.url.clone()), ..BridgeChange::default() };
        update(&world.platform, &world.admin, row.id, same).await.unwrap();
        update(&world.platform, &world.admin, row.id, elsewhere(Some("another"))).await.unwrap();
        let now = query(&world.platform, &world.admin, row.id).await.unwrap();
        assert_eq!(now.url, "https://elsewhere.example");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_stands_here_once_and_says_when_it_is_gone() {
    on_both(async |world| {
        let row = made(world).await;
        put(&world.platform, &row, seen(&[("7", "对账"), ("8", "对账")])).await.unwrap();
        let (first, second) = (process(world, &row, "7").await, process(world, &row, "8").await);
        let name = async |id| processes::query(&world.platform, &world.admin, id).await.unwrap().name;
        assert_eq!((name(first).await, name(second).await), ("对账 @east".into(), "对账 @east #8".into()));
        world.clock.advance(60_000);
        put(&world.platform, &row, seen(&[("7", "对账")])).await.unwrap();
        assert_eq!(process(world, &row, "7").await, first, "the same stands for it");
        let known = objects(&world.platform, &world.norths, row.id, Kind::Process, all().page).await.unwrap();
        let states: Vec<_> = known.rows.iter().map(|row| row.state.as_str()).collect();
        assert_eq!(states, ["", "gone"]);
        assert!(known_of(&world.platform, row.id, second).await.unwrap().is_none());
        assert_eq!(known_of(&world.platform, row.id, first).await.unwrap(), Some(json!({ "id": "7" })));
        for (kind, count) in [(Kind::Robot, 1), (Kind::Task, 1)] {
            let found = objects(&world.platform, &world.norths, row.id, kind, all().page).await.unwrap();
            assert_eq!(found.total, count, "{kind:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_goes_to_the_bridges_robot_and_its_run_is_written_down() {
    on_both(async |world| {
        let row = made(world).await;
        put(&world.platform, &row, seen(&[("7", "对账")])).await.unwrap();
        let here = reachable(world, &row).await;
        let (task, assign) = given(world, process(world, &row, "7").await, &here).await;
        accept(&world.platform, &row, &assign, "{}".into()).await.unwrap();
        accept(&world.platform, &row, &assign, "{}".into()).await.unwrap();
        let mut runs = open_runs(&world.platform, row.id).await.unwrap();
        assert_eq!((runs.len(), runs[0].phase.as_str()), (1, "accepted"));
        let started = robot_sessions::start(&world.platform, row.robot_id, task_of(&runs[0])).await.unwrap();
        assert!(matches!(started, ToRobot::Granted(_)), "{started:?}");
        let mut run = runs.remove(0);
        (run.phase, run.foreign_id) = ("sent".into(), Some("9".into()));
        written(&world.platform, &run).await.unwrap();
        put(&world.platform, &row, seen(&[("7", "对账")])).await.unwrap();
        let tasks = objects(&world.platform, &world.admin, row.id, Kind::Task, all().page).await.unwrap();
        assert_eq!(tasks.rows[0].local_id, Some(task), "the task there is ours");
        let refused = delete(&world.platform, &world.admin, row.id).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "not while it runs there: {refused:?}");
        let held = hold(&world.platform, &all_of(world).await).await.unwrap();
        assert!(held.len() == 1 && !held[0].0.is_active, "what runs there is seen to its end");
        let shown = tasks::query(&world.platform, &world.admin, task).await.unwrap();
        assert_eq!(shown.task.state, TaskState::Running.as_str());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_of_a_run_goes_long_after_its_task_has_ended() {
    on_both(async |world| {
        let row = made(world).await;
        put(&world.platform, &row, seen(&[("7", "对账")])).await.unwrap();
        let here = reachable(world, &row).await;
        let (task, assign) = given(world, process(world, &row, "7").await, &here).await;
        accept(&world.platform, &row, &assign, "{}".into()).await.unwrap();
        let mut run = open_runs(&world.platform, row.id).await.unwrap().remove(0);
        run.foreign_id = Some("9".into());
        tasks::cancel(&world.platform, &world.admin, task).await.unwrap();
        let year = 365 * 24 * 3_600_000;
        world.clock.advance(year);
        assert_eq!(retention::remove_foreign_runs(&world.platform).await.unwrap(), 0, "it has not ended there");
        run.phase = "ended".into();
        written(&world.platform, &run).await.unwrap();
        world.clock.advance(-year);
        assert_eq!(retention::remove_foreign_runs(&world.platform).await.unwrap(), 0, "it is not old");
        world.clock.advance(year);
        assert_eq!(retention::remove_foreign_runs(&world.platform).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_counted_until_somebody_has_it_look_again() {
    on_both(async |world| {
        let row = made(world).await;
        let failures = async || query(&world.platform, &world.admin, row.id).await.unwrap().failures;
        for expected in [1, 2, 3] {
            let now = query(&world.platform, &world.admin, row.id).await.unwrap();
            found(&world.platform, &now, Err((false, "cannot be reached".into()))).await.unwrap();
            assert_eq!(failures().await, expected, "the same trouble again makes the rest longer");
        }
        look_again(&world.platform, &world.admin, row.id).await.unwrap();
        assert_eq!(failures().await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_node_works_a_bridge_until_it_is_silent() {
    on_both(async |world| {
        let row = made(world).await;
        reachable(world, &row).await;
        let other = world.another().await;
        assert!(hold(&other, &all_of(world).await).await.unwrap().is_empty(), "it is not its turn");
        world.clock.advance(15_000);
        assert_eq!(hold(&world.platform, &all_of(world).await).await.unwrap().len(), 1, "it goes on with its turn");
        world.clock.advance(20_000);
        assert!(hold(&other, &all_of(world).await).await.unwrap().is_empty());
        world.clock.advance(20_000);
        assert_eq!(hold(&other, &all_of(world).await).await.unwrap().len(), 1, "a node that is silent loses it");
        assert!(hold(&world.platform, &all_of(world).await).await.unwrap().is_empty(), "and lets go");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_takes_any_parameters_until_people_name_them() {
    on_both(async |world| {
        let row = made(world).await;
        put(&world.platform, &row, seen(&[("7", "对账")])).await.unwrap();
        let process_id = process(world, &row, "7").await;
        let task = async |name: &str| {
            let in_parameters = vec![baigong_model::Parameter::new(name, "a.xlsx")];
            let task = NewTasks { process_id, in_parameters, ..NewTasks::default() };
            tasks::create(&world.platform, &world.admin, task).await
        };
        task("any").await.unwrap();
        set_parameters(&world.platform, &world.norths, (row.id, "7".into()), vec!["file".into()]).await.unwrap();
        task("file").await.unwrap();
        let refused = task("any").await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        let unknown = set_parameters(&world.platform, &world.norths, (row.id, "8".into()), vec![]).await;
        assert_not_found(unknown, "a process that is not there");
        let wrong = set_parameters(&world.platform, &world.norths, (row.id, "7".into()), vec!["a b".into()]).await;
        assert!(matches!(wrong, Err(Error::Invalid { .. })), "{wrong:?}");
    })
    .await;
}
