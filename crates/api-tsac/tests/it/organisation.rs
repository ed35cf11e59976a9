//! Changing and deleting what an organisation is made of, over the wire: the printed answers and what they leave behind.

use std::time::Duration;

use baigong_core::licenses::{Grant, License, SeatType, VERSION};
use baigong_testkit::{TestClient, TestDatabase, TestRobot, TestServer, on_both};
use serde_json::{Value, json};

use crate::{
    fixture::{Fixture, license_key},
    server::{Answer, Server},
};

fn is(answer: &Answer, status: u16, code: &str) -> bool {
    answer.status == status && answer.body["resultCode"] == code
}

/// The row of a list with this id.
async fn row(server: &Server, path: &str, rows: &str, id: (&str, i64), deleted: bool) -> Value {
    let answer = server.get(path, json!({ "includeDeleted": deleted })).await;
    let rows = answer[rows].as_array().unwrap_or_else(|| panic!("{path}: {answer}"));
    rows.iter().find(|row| row[id.0] == id.1).cloned().unwrap_or(Value::Null)
}

#[tokio::test]
async fn what_was_deleted_is_shown_only_where_it_is_asked_for() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let fixture = Fixture::make(&server).await;
        let spare = &fixture.spare;
        for (kind, rows, id, value) in [
            ("robot", "robots", "robotId", spare.robot),
            ("robot-group", "robotGroups", "robotGroupId", spare.group),
            ("process", "processes", "processId", spare.process),
            ("machine", "machines", "machineId", spare.machine),
            ("department", "departments", "depId", spare.department),
        ] {
            let (path, list) = (format!("/api/platform/{kind}/delete"), format!("/api/platform/{kind}/list"));
            assert_eq!(row(&server, &list, rows, (id, value), false).await["isDeleted"], false, "{kind}");
            server.get(&path, json!({ id: value })).await;
            assert_eq!(row(&server, &list, rows, (id, value), false).await, Value::Null, "{kind}");
            assert_eq!(row(&server, &list, rows, (id, value), true).await["isDeleted"], true, "{kind}");
            let again = server.call(&path, &json!({ id: value })).await;
            assert!(is(&again, 404, "10008"), "{kind}: {again:?}");
        }
        let shown = server.get("/api/platform/robot/query", json!({ "robotId": spare.robot })).await;
        assert_eq!(shown["isDeleted"], true);
        let shown = server.get("/api/platform/machine/query", json!({ "machineId": spare.machine })).await;
        assert_eq!(shown["isDeleted"], true);
    })
    .await;
}

#[tokio::test]
async fn what_is_in_use_stays_and_says_why() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let fixture = Fixture::make(&server).await;
        for (path, body) in [
            ("department/delete", json!({ "depId": fixture.department })),
            ("department/delete", json!({ "depId": fixture.root })),
            ("department/update", json!({ "depId": fixture.root, "parentId": fixture.department })),
            ("machine/delete", json!({ "machineId": fixture.machine })),
            ("employee/delete", json!({ "employeeId": 1 })),
        ] {
            let answer = server.call(&format!("/api/platform/{path}"), &body).await;
            assert!(is(&answer, 409, "10009"), "{path}: {answer:?}");
            let message = answer.body["message"].as_str().unwrap();
            assert!(message.chars().any(|letter| letter > '\u{2e80}'), "{path}: {message}");
            assert!(!message.contains(" the "), "not translated: {message}");
        }
        let group = server.get("/api/platform/robot-group/delete", json!({ "robotGroupId": fixture.group })).await;
        assert_eq!(group["affectedProcessIds"], json!([fixture.process]));
        let triggers = group["affectedTriggerIds"].as_array().unwrap();
        assert!(triggers.contains(&json!(fixture.trigger)), "{group}");
        let process = server.get("/api/platform/process/delete", json!({ "processId": fixture.process })).await;
        assert_eq!(process["affectedTriggerIds"], json!([fixture.trigger]));
    })
    .await;
}

#[tokio::test]
async fn a_new_secret_replaces_the_old_one() {
    let server = Server::start().await;
    let fixture = Fixture::make(&server).await;
    let reset = server.get("/api/platform/robot/reset-secret", json!({ "robotId": fixture.robot })).await;
    let secret = reset["robotSecret"].as_str().unwrap();
    let agent = baigong_core::robots::authenticate_agent(&server.platform, secret).await.unwrap();
    assert_eq!(agent.id, fixture.robot);
    server.get("/api/platform/robot/reset-secret", json!({ "robotId": fixture.robot })).await;
    assert!(baigong_core::robots::authenticate_agent(&server.platform, secret).await.is_err());
}

#[tokio::test]
async fn a_machine_that_nobody_has_told_of_is_shown_empty() {
    let server = Server::start().await;
    let fixture = Fixture::make(&server).await;
    let machine = server.get("/api/platform/machine/query", json!({ "machineId": fixture.machine })).await;
    let empty = json!({
        "machineName": "rpa-01", "ip": "", "cpu": "", "disk": "", "memory": "", "systemVersion": "",
    });
    assert_eq!((&machine["resourceInfo"], &machine["readTime"]), (&empty, &json!("")));
    let body = json!({ "machineId": fixture.machine, "resourceTypes": ["gpu"] });
    let unknown = server.call("/api/platform/machine/query", &body).await;
    assert!(is(&unknown, 400, "10011"), "{unknown:?}");
    let row = row(&server, "/api/platform/machine/list", "machines", ("machineId", fixture.machine), false).await;
    assert_eq!((&row["machineName"], &row["remark"]), (&json!("rpa-01"), &json!("")));
}

/// What the machine is asked for, once its robot has told of it.
async fn told(admin: &TestClient, machine: &Value, types: Value) -> Value {
    let mut rhythm = tokio::time::interval(Duration::from_millis(20));
    loop {
        rhythm.tick().await;
        let body = json!({ "machineId": machine, "resourceTypes": types });
        let shown = admin.data("machine/query", body).await.unwrap();
        if shown["resourceInfo"]["memory"] != "" {
            return shown;
        }
    }
}

#[tokio::test]
async fn a_real_robot_tells_of_its_machine_until_it_is_deleted() {
    let server = TestServer::start(TestDatabase::sqlite().unwrap()).await.unwrap();
    let admin = server.admin().await.unwrap();
    let robot = TestRobot::start(&server, &admin, "teller").await.unwrap();
    robot.connected().await;
    let row = admin.data("robot/query", json!({ "robotId": robot.robot_id })).await.unwrap();
    let all = told(&admin, &row["machineId"], json!([]));
    let all = tokio::time::timeout(Duration::from_secs(60), all).await.unwrap();
    let info = &all["resourceInfo"];
    assert!(info["memory"].as_str().unwrap().ends_with('%') && info["ip"] == "127.0.0.1", "{info}");
    assert!(!info["systemVersion"].as_str().unwrap().is_empty() && all["readTime"] != "", "{info}");
    let part = told(&admin, &row["machineId"], json!(["memory", "systemversion"])).await["resourceInfo"].clone();
    assert_eq!((&part["ip"], &part["machineName"]), (&json!(""), &json!("")), "{part}");
    assert_eq!(part["systemVersion"], info["systemVersion"]);
    admin.data("robot/delete", json!({ "robotId": robot.robot_id })).await.unwrap();
    let exit = tokio::time::timeout(Duration::from_secs(60), robot.agent().finished()).await.unwrap();
    assert!(format!("{exit:?}").contains("deleted"), "the agent hears why it is over: {exit:?}");
    server.stop().await;
}

#[tokio::test]
async fn licenses_are_shown_as_printed_and_limit_robots() {
    let server = Server::start().await;
    let fixture = Fixture::make(&server).await;
    let fresh = server.get("/api/platform/license/info", json!({})).await["licenses"].clone();
    assert_eq!(fresh.as_array().unwrap().len(), 3);
    let shown = |row: &Value| (row["type"].clone(), row["quantity"].clone(), row["licenseExpirationTime"].clone());
    let community = (json!("unattended"), json!(2_147_483_647), json!("9999-12-31 23:59:59"));
    assert_eq!(shown(&fresh[0]), community);
    assert_eq!(fresh[0]["used_quantity"], 2, "the fixture's robots");
    for wrong in ["", "{}", "no license"] {
        let body = json!({ "license": wrong });
        let refused = server.call("/api/platform/license/import", &body).await;
        let code = if wrong.is_empty() { "10005" } else { "10011" };
        assert!(is(&refused, 400, code), "{wrong}: {refused:?}");
    }
    let robot = |name: &str, kind: i32| {
        json!({
            "depId": fixture.department, "robotName": name, "robotType": kind, "machineId": fixture.machine,
            "machineName": "rpa-01", "machineUsername": "rpa",
        })
    };
    let (valid_from, valid_until) = ("2026-01-01T00:00:00Z".to_owned(), "2027-01-01T00:00:00Z".to_owned());
    let license = License {
        version: VERSION,
        serial: "BG-77".into(),
        customer: "某证券".into(),
        issued_at: valid_from.clone(),
        seats: vec![Grant { seat_type: SeatType::Unattended, quantity: 3, valid_from, valid_until }],
    };
    let license = serde_json::to_string(&license.sign(&license_key()).unwrap()).unwrap();
    server.get("/api/platform/license/import", json!({ "license": license })).await;
    let rows = server.get("/api/platform/license/info", json!({})).await["licenses"].clone();
    assert_eq!(shown(&rows[0]), (json!("unattended"), json!(3), json!("2027-01-01 08:00:00")));
    assert_eq!((&rows[0]["used_quantity"], &rows[0]["serial"]), (&json!(2), &json!("BG-77")));
    server.get("/api/platform/robot/create", robot("第三台", 0)).await;
    for (name, kind) in [("第四台", 0), ("前台", 1)] {
        let refused = server.call("/api/platform/robot/create", &robot(name, kind)).await;
        assert!(is(&refused, 403, "11002"), "{refused:?}");
    }
    server.get("/api/platform/license/reclaim", json!({ "robotId": fixture.robot })).await;
    let page = server.get("/api/platform/license/seat/list", json!({ "type": "unattended" })).await;
    assert_eq!(page["total"], 2, "{page}");
    server.get("/api/platform/license/allocate", json!({ "robotId": fixture.robot })).await;
    let refused = server.call("/api/platform/license/allocate", &json!({ "designer": "alice" })).await;
    assert!(is(&refused, 403, "11002"), "{refused:?}");
    let refused = server.call("/api/platform/license/allocate", &json!({})).await;
    assert!(is(&refused, 400, "10011"), "{refused:?}");
}
