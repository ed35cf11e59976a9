//! Every row of the interface: who may not call it, and what is wrong with what was asked.

use std::io::Write;

use serde_json::{Value, json};

use crate::{
    alone::{Alone, package, package_of},
    contract::rows,
};

fn path(row: &Value) -> &str {
    row["path"].as_str().unwrap().strip_prefix("/api/robot/").unwrap()
}

#[tokio::test]
async fn every_row_wants_its_headers_and_a_good_token() {
    let robot = Alone::start().await;
    for row in rows() {
        let (path, needs_token) = (path(&row), row["section"] != "6.3.1.1");
        let bare = robot.send(reqwest::Client::new().post(robot.url(path)).json(&json!({}))).await;
        assert_eq!((bare.status, bare.code()), (400, "10006"), "{path} without a version: {bare:?}");
        let wrong = robot.request(path, Some(&robot.token)).header("version", "2.0.0");
        let old = reqwest::Client::new().post(robot.url(path)).header("version", "2.0.0").header("token", &robot.token);
        drop(wrong);
        assert_eq!(robot.send(old.json(&json!({}))).await.code(), "10002", "{path}");
        if needs_token {
            assert_eq!(robot.call_as(None, path, json!({})).await.code(), "10006", "{path}");
            for token in ["nonsense", &"0".repeat(64)] {
                let answer = robot.call_as(Some(token), path, json!({})).await;
                assert_eq!((answer.status, answer.code()), (401, "10001"), "{path}");
            }
        }
    }
    let unknown = robot.call("no/such", json!({})).await;
    assert_eq!((unknown.status, unknown.code()), (404, "10008"));
}

#[tokio::test]
async fn every_row_names_what_is_absent_empty_and_mistyped() {
    let robot = Alone::start().await;
    for operation in baigong_robot::table().operations() {
        // The one at the platform's path is another name of process/list.
        let Some(path) = operation.path.strip_prefix("/api/robot/") else { continue };
        if operation.file.is_some() {
            let answer = robot.upload(path, None, &[("other", "x")]).await;
            assert_eq!((answer.status, answer.code()), (400, "10006"), "{path}: {answer:?}");
            continue;
        }
        for (body, problem) in operation.shape.faults() {
            let is_id = ["fileId", "taskId"].contains(&problem.field.as_str());
            if is_id && body[&problem.field] == "1" {
                continue;
            }
            let expected = match problem.kind {
                baigong_api_kit::ProblemKind::Absent => "10006",
                baigong_api_kit::ProblemKind::Empty => "10005",
                baigong_api_kit::ProblemKind::Mistyped { .. } => "10007",
                _ => "10011",
            };
            let answer = robot.call(path, body.clone()).await;
            assert_eq!((answer.status, answer.code()), (400, expected), "{path} {body}: {answer:?}");
        }
        let broken = robot.request(path, Some(&robot.token)).header("content-type", "application/json").body("{");
        assert_eq!(robot.send(broken).await.code(), "10012", "{path}");
    }
}

#[tokio::test]
async fn unknown_ids_and_values_out_of_range_get_their_codes() {
    let robot = Alone::start().await;
    let process = robot.process("p", package("true")).await;
    let cases = [
        ("package/delete", json!({ "packageId": 99 }), "10008"),
        ("process/delete", json!({ "processId": 99 }), "10008"),
        ("process/update", json!({ "processId": 99, "remark": "x" }), "10008"),
        ("process/activate-package-version", json!({ "processId": 99, "packageId": 1 }), "10008"),
        ("process/activate-package-version", json!({ "processId": process, "packageId": 99 }), "10008"),
        ("process/create", json!({ "processName": "p" }), "10009"),
        ("process/create", json!({ "processName": "a\nb" }), "10011"),
        ("process/create", json!({ "processName": "长".repeat(129) }), "10011"),
        ("process/list", json!({ "pageNum": 0 }), "10011"),
        ("package/query", json!({ "pageSize": 1001 }), "10011"),
        ("package/delete", json!({ "packageId": 1 }), "10009"),
        ("task/create", json!({ "processId": 99, "isRecord": false }), "10008"),
        ("task/create", json!({ "processId": process, "isRecord": false, "totalCount": 0 }), "10011"),
        ("task/create", json!({ "processId": process, "isRecord": false, "totalCount": 10_001 }), "10011"),
        ("task/create", json!({ "processId": process, "isRecord": false, "priority": 3 }), "10011"),
        ("task/create", json!({ "processId": process, "isRecord": false, "maxRunTime": -1 }), "10011"),
        ("task/create", json!({ "processId": process, "isRecord": false, "maxWaitingTime": -1 }), "10011"),
        ("task/cancel", json!({ "taskId": 99 }), "10008"),
        ("task/pause", json!({ "taskId": 99 }), "10008"),
        ("task/resume", json!({ "taskId": 99 }), "10008"),
        ("task/query", json!({ "taskId": 99 }), "10008"),
        ("task/list", json!({ "runningStartTimeRange_startTime": "2026-1-1" }), "10301"),
        ("task-log/query", json!({ "taskId": 99 }), "10008"),
        ("task-log/query", json!({ "taskId": 99, "logLevel": "loud" }), "10401"),
        ("video/query", json!({ "taskId": "99" }), "10008"),
        ("file/delete", json!({ "fileId": 99 }), "10203"),
        ("file/query", json!({ "fileId": "99" }), "10203"),
        ("machine/query", json!({ "resourceTypes": ["colour"] }), "10011"),
        ("config", json!({ "robotConfig": { "desktopType": 2 } }), "10011"),
        ("config", json!({ "robotConfig": { "resolutionWidth": 0 } }), "10011"),
        ("config", json!({ "robotConfig": { "logLevel": "loud" } }), "10401"),
    ];
    for (path, body, code) in cases {
        let answer = robot.call(path, body.clone()).await;
        assert_eq!(answer.code(), code, "{path} {body}: {answer:?}");
        let message = answer.body["message"].as_str().unwrap();
        let is_english = message
            .split(|letter: char| !letter.is_ascii_alphabetic())
            .any(|word| ["must", "the", "is"].contains(&word));
        assert!(!is_english, "{path} {body}: \"{message}\" needs a line in tsac-kit's phrases.rs");
    }
    let twice = json!({ "processId": process, "isRecord": false,
        "inParameters": [{ "name": "a", "value": "1" }, { "name": "a", "value": "2" }] });
    assert_eq!(robot.call("task/create", twice).await.code(), "10011");
}

#[tokio::test]
async fn bad_packages_are_refused_whole() {
    let robot = Alone::start().await;
    let bring = async |name: &str, zip: Vec<u8>| {
        let fields = [("packageName", name), ("packageVersion", "1.0")];
        robot.upload("package/create", Some(("package", zip)), &fields).await
    };
    let zip = |entries: &[(&str, &[u8])]| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let manifest: (&str, &[u8]) = ("baigong.yaml", b"kind: command\ncommand: [sh, run.sh]\n");
    let bomb = vec![0; 300 * 1024 * 1024];
    for (what, bytes) in [
        ("no zip", b"nonsense".to_vec()),
        ("traversal", zip(&[manifest, ("../evil", b"x")])),
        ("bomb", zip(&[manifest, ("bomb", &bomb)])),
        ("nothing to run", zip(&[("readme.txt", b"hello")])),
    ] {
        let answer = bring("bad", bytes).await;
        assert_eq!((answer.status, answer.code()), (400, "10011"), "{what}: {answer:?}");
    }
    assert_eq!(robot.data("package/query", json!({})).await["packages"], json!([]));
    assert_eq!(std::fs::read_dir(robot.folder.path().join("robot/zips")).unwrap().count(), 0);

    let good = package_of("true", "parameters: {in: [{name: amount, type: integer, required: true}]}\n");
    let process = robot.process("good", good.clone()).await;
    let missing = robot.call("task/create", json!({ "processId": process, "isRecord": false })).await;
    assert_eq!(missing.code(), "10011", "{missing:?}");
    assert_eq!(bring("good", good.clone()).await.code(), "10009", "name and version are taken");
    assert_eq!(bring("other", good).await.code(), "00000", "the same bytes under another name are kept once");
    assert_eq!(std::fs::read_dir(robot.folder.path().join("robot/zips")).unwrap().count(), 1);
    let listed = robot.data("package/query", json!({})).await;
    let path = listed["packages"][0]["packagePath"].as_str().unwrap();
    assert!(std::path::Path::new(path).is_file(), "{path}");
}

#[tokio::test]
async fn five_wrong_secrets_close_the_door_for_a_quarter_of_an_hour() {
    let robot = Alone::start().await;
    let wrong = format!("bgr_1_{}", "0".repeat(64));
    for _ in 0..5 {
        let answer = robot.call_as(None, "authenticate", json!({ "secret": wrong })).await;
        assert_eq!((answer.status, answer.code()), (401, "10004"), "{answer:?}");
    }
    let right = || robot.call_as(None, "authenticate", json!({ "secret": robot.secret }));
    let locked = right().await;
    assert_eq!((locked.status, locked.code()), (403, "10013"));
    assert_eq!(robot.call("query", json!({})).await.code(), "00000", "who is known already stays known");
    robot.clock.advance(15 * 60_000);
    assert_eq!(right().await.code(), "00000");
}

#[tokio::test]
async fn a_token_lasts_while_it_is_used_and_over_a_restart() {
    let robot = Alone::start().await;
    robot.clock.advance(29 * 60_000);
    robot.data("query", json!({})).await;
    let robot = robot.crash_and_restart().await;
    robot.clock.advance(29 * 60_000);
    robot.data("query", json!({})).await;
    robot.clock.advance(30 * 60_000);
    assert_eq!(robot.call("query", json!({})).await.code(), "10001", "a token that was not used is over");
    let mut robot = robot;
    robot.sign_in().await;
    assert_eq!(robot.data("license/info", json!({})).await["licenseExpirationTime"], "9999-12-31 23:59:59");
}
