//! Secrets on their way to a robot: only while the task runs there, only sealed, never stored, always in the audit.

use baigong_model::{Secret, SeededRandom};
use baigong_protocol::{
    CallAnswer, CallRequest, CallResult, Outcome, TaskRef,
    sealing::{CallId, RobotKey},
};

use super::{super::tests::Scene, *};
use crate::{
    assets::{AssetKind, NewAsset},
    credentials::NewCredential,
    robot_sessions::call,
    tasks::NewTasks,
    testing::{World, on_both},
};

const PASSWORD: &str = "correct-horse-battery";

fn credential(department_id: i64) -> NewCredential {
    NewCredential {
        department_id,
        name: "柜台".into(),
        username: "trader".into(),
        password: Secret::new(PASSWORD.into()),
        is_global: true,
        robot_ids: vec![],
        remark: None,
    }
}

async fn make(world: &World, is_global: bool, robot_ids: Vec<RobotId>) -> i64 {
    let new = NewCredential { is_global, robot_ids, ..credential(world.north) };
    credentials::create(&world.platform, &world.admin, new).await.unwrap()
}

fn wanted(task: TaskRef, call_id: i64, key: &RobotKey) -> Call {
    let request = CallRequest::CredentialGet { name: "柜台".into(), key: key.public().into() };
    Call { call_id, task_id: task.task_id, fence: task.fence, request }
}

/// What the robot gets, opened; or the code of the refusal.
async fn get(world: &World, robot: RobotId, asked: Call, key: &RobotKey) -> std::result::Result<Value, String> {
    let id = CallId { task_id: asked.task_id, fence: asked.fence, call_id: asked.call_id };
    match call(&world.platform, robot, asked).await.unwrap().answer {
        CallAnswer::Result(CallResult::Sealed { value }) => {
            assert!(!value.contains(PASSWORD) && !value.contains(&hex::encode(PASSWORD)));
            Ok(key.open(id, &value).expect("it opens with the robot's key"))
        }
        CallAnswer::Error(error) => Err(error.code),
        other => panic!("{other:?}"),
    }
}

async fn fetches(world: &World, id: i64) -> Vec<String> {
    let rows = audits::of_object(&world.platform.store, "credential", id).await.unwrap();
    assert!(rows.iter().all(|row| !row.detail.contains(PASSWORD)));
    rows.into_iter()
        .filter(|row| row.action == "fetch")
        .map(|row| format!("{}: {}", row.username, row.detail))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_goes_sealed_to_the_robot_that_runs_the_task_and_is_never_stored() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let id = make(world, true, vec![]).await;
        let task = scene.running(NewTasks::default()).await;
        let key = RobotKey::generate(&SeededRandom::new(5));
        let found = get(world, scene.robot, wanted(task, 1, &key), &key).await.unwrap();
        assert_eq!(found, json!({ "username": "trader", "password": PASSWORD }));
        let again = get(world, scene.robot, wanted(task, 1, &key), &key).await.unwrap();
        assert_eq!(again, found, "a call that comes again is answered anew");
        let told = fetches(world, id).await;
        assert_eq!(told.len(), 1, "and written down once: {told:?}");
        assert!(told[0].starts_with(&format!("robot {}: ", scene.robot)), "{told:?}");
        assert!(told[0].contains(&format!("\"taskId\":{}", task.task_id)), "{told:?}");
        get(world, scene.robot, wanted(task, 2, &key), &key).await.unwrap();
        assert_eq!(fetches(world, id).await.len(), 2);
        let other = NewCredential { name: "other".into(), ..credential(world.north) };
        let other = credentials::create(&world.platform, &world.admin, other).await.unwrap();
        let mut hidden = wanted(task, 2, &key);
        hidden.request = CallRequest::CredentialGet { name: "other".into(), key: key.public().into() };
        assert_eq!(get(world, scene.robot, hidden, &key).await, Err("conflict".into()), "past the audit");
        assert_eq!(fetches(world, other).await, [""; 0]);
        for reply in baigong_store::dump::rows(&world.platform.store).await.unwrap() {
            assert!(!reply.contains(PASSWORD) && !reply.contains(&hex::encode(PASSWORD)), "{reply}");
            assert!(!reply.contains("sm2:v1:"), "not even sealed: {reply}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_gets_it() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let id = make(world, true, vec![]).await;
        let other = world.robot(world.north, "other").await.id;
        let key = RobotKey::generate(&SeededRandom::new(5));
        let waiting = scene.assigned(NewTasks::default()).await;
        assert!(get(world, scene.robot, wanted(waiting, 1, &key), &key).await.is_err(), "before the task runs");
        crate::robot_sessions::start(&world.platform, scene.robot, waiting).await.unwrap();
        assert!(get(world, other, wanted(waiting, 2, &key), &key).await.is_err(), "another robot");
        let stale = TaskRef { fence: waiting.fence - 1, ..waiting };
        assert!(get(world, scene.robot, wanted(stale, 3, &key), &key).await.is_err(), "another lease");
        let mut bad = wanted(waiting, 4, &key);
        bad.request = CallRequest::CredentialGet { name: "柜台".into(), key: "04".into() };
        assert_eq!(get(world, scene.robot, bad, &key).await, Err("invalid".into()), "no key");
        let mut unknown = wanted(waiting, 5, &key);
        unknown.request = CallRequest::CredentialGet { name: "x".into(), key: key.public().into() };
        assert_eq!(get(world, scene.robot, unknown, &key).await, Err("notFound".into()));
        scene.report(waiting, Outcome::Succeeded).await.unwrap();
        assert!(get(world, scene.robot, wanted(waiting, 6, &key), &key).await.is_err(), "after its end");
        assert_eq!(fetches(world, id).await, [""; 0], "what was not given is not written down as given");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_of_some_robots_goes_to_those_only() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let id = make(world, false, vec![]).await;
        let task = scene.running(NewTasks::default()).await;
        let key = RobotKey::generate(&SeededRandom::new(5));
        assert_eq!(get(world, scene.robot, wanted(task, 1, &key), &key).await, Err("forbidden".into()));
        let change = credentials::CredentialChange { robot_ids: Some(vec![scene.robot]), ..Default::default() };
        credentials::update(&world.platform, &world.admin, id, change).await.unwrap();
        assert!(get(world, scene.robot, wanted(task, 2, &key), &key).await.is_ok());
        credentials::delete(&world.platform, &world.admin, id).await.unwrap();
        assert_eq!(get(world, scene.robot, wanted(task, 3, &key), &key).await, Err("notFound".into()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secret_assets_are_sealed_and_others_are_not() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        for (name, kind, value) in
            [("key", AssetKind::Hash, PASSWORD), ("rate", AssetKind::Number, "0.5"), ("on", AssetKind::Boolean, "true")]
        {
            let new = NewAsset {
                department_id: world.north,
                name: name.into(),
                kind,
                value: Secret::new(value.into()),
                is_global: true,
                robot_ids: vec![],
                remark: None,
                is_expression: false,
                is_client_editable: false,
            };
            assets::create(&world.platform, &world.admin, new).await.unwrap();
        }
        let task = scene.running(NewTasks::default()).await;
        let key = RobotKey::generate(&SeededRandom::new(5));
        let asked = |call_id, name: &str, key: &str| {
            let request = CallRequest::AssetGet { name: name.into(), key: key.into() };
            Call { call_id, task_id: task.task_id, fence: task.fence, request }
        };
        let sealed = get(world, scene.robot, asked(1, "key", key.public()), &key).await;
        assert_eq!(sealed, Ok(json!(PASSWORD)));
        let old = get(world, scene.robot, asked(2, "key", ""), &key).await;
        assert_eq!(old, Err("invalid".into()), "a robot without a key is too old");
        for (call_id, name, value) in [(3, "rate", json!(0.5)), (4, "on", json!(true))] {
            let answer = call(&world.platform, scene.robot, asked(call_id, name, "")).await.unwrap().answer;
            assert_eq!(answer, CallAnswer::Result(CallResult::Asset { value }), "{name}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_was_made_on_the_robot_gets_only_secrets_that_name_that_robot() {
    on_both(async |world| {
        let scene = Scene::new(world, false).await;
        let told = serde_json::json!({ "book": 1, "tasks": [{ "number": 1_000_000_001, "revision": 1, "priority": 1,
            "process": 1_000_000_001, "processName": "p", "state": "running", "run": 1, "startedAt": 5 }] });
        let told = serde_json::from_value(told).unwrap();
        let known = crate::robot_sessions::own_tasks(&world.platform, scene.robot, told).await.unwrap()[0];
        let task = TaskRef { task_id: known.task_id, fence: 1 };
        let key = RobotKey::generate(&SeededRandom::new(7));
        let everybodys = make(world, true, vec![]).await;
        let refused = get(world, scene.robot, wanted(task, 1, &key), &key).await;
        assert_eq!(refused, Err("forbidden".into()));
        assert!(fetches(world, everybodys).await.is_empty());
        credentials::delete(&world.platform, &world.admin, everybodys).await.unwrap();
        make(world, false, vec![scene.robot]).await;
        let given = get(world, scene.robot, wanted(task, 2, &key), &key).await.unwrap();
        assert_eq!(given["password"], PASSWORD);
        let wrong = TaskRef { fence: 2, ..task };
        let stale = get(world, scene.robot, wanted(wrong, 3, &key), &key).await;
        assert_eq!(stale, Err("conflict".into()));
    })
    .await;
}
