//! What only some operations do: conflicts, locks, departments that do not see each other, downloads.

use axum::{body::Body, http::Request};
use baigong_core::deadlines;
use baigong_testkit::on_both;
use serde_json::{Value, json};

use crate::{
    fixture::Fixture,
    server::{Answer, PASSWORD, Server, package},
};

const OTHER_PASSWORD: &str = "initial-Passw0rd";

fn is(answer: &Answer, status: u16, code: &str) -> bool {
    answer.status == status && answer.body["resultCode"] == code
}

/// A user of `department`, signed in.
async fn operator_of(server: &Server, department: i64, username: &str) -> String {
    let new = json!({
        "employeeName": username, "username": username, "password": OTHER_PASSWORD, "depId": department,
    });
    server.get("/api/platform/employee/create", new).await;
    server.sign_in(username, OTHER_PASSWORD).await
}

#[tokio::test]
async fn a_name_that_is_taken_is_a_conflict() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let fixture = Fixture::make(&server).await;
        let mut tried = 0;
        for (path, body) in fixture.good_bodies() {
            let is_named = path.ends_with("/create") && path != "/api/platform/task/create";
            if is_named {
                server.get(path, body.clone()).await;
                let again = server.call(path, &body).await;
                assert!(is(&again, 409, "10009"), "{path} {body}: {again:?}");
                tried += 1;
            }
        }
        assert!(tried >= 15, "only {tried} were tried");
        let department = fixture.department.to_string();
        let again = [("packageName", "对账"), ("packageVersion", "1.0"), ("depId", department.as_str())];
        let again = server.upload(&again, &package("1.0")).await;
        assert!(is(&again, 409, "10009"), "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn signing_in_fails_in_the_printed_words_and_locks_after_five_wrong_passwords() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let fixture = Fixture::make(&server).await;
        operator_of(&server, fixture.department, "zhaolei").await;
        let sign_in = async |username: &str, password: &str| {
            let body = json!({ "username": username, "password": password });
            server.call_as("", "/api/platform/account/authenticate", &body).await
        };
        let unknown = sign_in("nobody", PASSWORD).await;
        assert!(is(&unknown, 401, "10003"), "{unknown:?}");
        for _ in 0..4 {
            let wrong = sign_in("zhaolei", "wrong").await;
            assert!(is(&wrong, 401, "10004"), "{wrong:?}");
        }
        assert!(is(&sign_in("zhaolei", "wrong").await, 403, "10013"));
        assert!(is(&sign_in("zhaolei", OTHER_PASSWORD).await, 403, "10013"));
        let users = server.get("/api/platform/employee/list", json!({ "keyword": "zhaolei" })).await;
        assert_eq!(users["users"][0]["userStatus"], 1, "{users}");
        server.clock.advance(15 * 60_000 + 1);
        assert_eq!(sign_in("zhaolei", OTHER_PASSWORD).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_token_ends_when_it_is_not_used() {
    let server = Server::start().await;
    let list = async || server.call("/api/platform/machine/create", &json!({ "machineName": "m" })).await;
    server.clock.advance(29 * 60_000);
    assert_eq!(list().await.status, 201);
    server.clock.advance(31 * 60_000);
    let late = list().await;
    assert!(is(&late, 401, "10001"), "{late:?}");
    assert_eq!(late.body["message"], "token 无效。");
}

#[tokio::test]
async fn a_task_is_cancelled_once_and_never_after_its_end() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let fixture = Fixture::make(&server).await;
        let cancel = async |task: i64| server.call("/api/platform/task/cancel", &json!({ "taskId": task })).await;
        assert!(is(&cancel(fixture.tasks[0]).await, 200, "00000"));
        assert!(is(&cancel(fixture.tasks[0]).await, 409, "10101"));
        let task = server.get("/api/platform/task/query", json!({ "taskId": fixture.tasks[0] })).await;
        assert_eq!((&task["taskStatus"], &task["taskState"]), (&json!("3"), &json!("cancelled")));
        let short = json!({ "processId": fixture.process, "priority": 2, "isRecord": false, "maxWaitingTime": 1 });
        let short = server.get("/api/platform/task/create", short).await["taskIds"][0].as_i64().unwrap();
        let waiting = server.get("/api/platform/task/query", json!({ "taskId": short })).await;
        assert_eq!(waiting["waitingReason"], "noRobotOnline");
        server.clock.advance(61_000);
        deadlines::expire_waiting(&server.platform).await.unwrap();
        let ended = server.get("/api/platform/task/query", json!({ "taskId": short })).await;
        assert_eq!((&ended["taskStatus"], &ended["taskState"]), (&json!("1"), &json!("wait-expired")));
        assert!(is(&cancel(short).await, 409, "10102"));
    })
    .await;
}

#[tokio::test]
async fn a_package_is_fetched_by_its_address_for_a_while_and_by_nobody_elses() {
    let server = Server::start().await;
    let fixture = Fixture::make(&server).await;
    let packages = server.get("/api/platform/package/query", json!({})).await;
    let url = packages["packageList"][1]["packageUrl"].as_str().unwrap();
    let path =
        url.strip_prefix("http://rpa.example:8600").unwrap_or_else(|| panic!("{url} is not under the caller's host"));
    let get = async |path: &str| server.raw(Request::get(path).body(Body::empty()).unwrap()).await;
    let code = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["resultCode"].clone();
    let (status, headers, body) = get(path).await;
    assert_eq!((status, &body[..]), (200, &package("1.1")[..]));
    assert_eq!(headers["content-length"], body.len().to_string());
    for other in [
        path.replace(&format!("package/{}", fixture.packages[1]), &format!("package/{}", fixture.packages[0])),
        path.replace("package/", "artifact/"),
        path.replace("expires=1", "expires=2"),
        path.split("signature").next().unwrap().to_owned(),
    ] {
        let (status, _, body) = get(&other).await;
        assert_eq!((status, code(&body)), (403, json!("30001")), "{other}");
    }
    assert_eq!(get("/download/secrets/1?expires=1&signature=00").await.0, 404);
    server.get("/api/platform/package/delete", json!({ "packageId": fixture.packages[1] })).await;
    assert_eq!(get(path).await.0, 404);
    server.clock.advance(11 * 60_000);
    let (status, _, body) = get(path).await;
    let message = serde_json::from_slice::<Value>(&body).unwrap()["message"].clone();
    assert_eq!((status, &message), (403, &json!("接口调用权限不足：下载地址无效或已过期，请重新获取。")));
}

#[tokio::test]
async fn a_bad_package_is_refused_and_leaves_nothing() {
    let server = Server::start().await;
    let fixture = Fixture::make(&server).await;
    let before = server.get("/api/platform/package/query", json!({})).await["total"].clone();
    let department = fixture.department.to_string();
    let upload = async |version: &str, department: &str, file: &[u8]| {
        let fields = [("packageName", "坏包"), ("packageVersion", version), ("depId", department)];
        server.upload(&fields, file).await
    };
    let refused = upload("1", &department, b"this is no zip").await;
    assert!(is(&refused, 400, "10011"), "{refused:?}");
    assert!(is(&upload("", &department, &package("1")).await, 400, "10005"));
    assert!(is(&upload("1", "one", &package("1")).await, 400, "10007"));
    assert!(is(&upload("1", "987654321", &package("1")).await, 404, "10008"));
    assert!(is(&upload("1", &department, b"").await, 400, "10005"));
    assert_eq!(server.get("/api/platform/package/query", json!({})).await["total"], before);
}

#[tokio::test]
async fn deleted_rows_are_listed_only_when_asked_for() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let fixture = Fixture::make(&server).await;
        server.get("/api/platform/package/delete", json!({ "packageId": fixture.packages[1] })).await;
        let live = server.get("/api/platform/package/query", json!({})).await;
        let all = server.get("/api/platform/package/query", json!({ "includeDeleted": true })).await;
        assert_eq!((&live["total"], &all["total"]), (&json!(1), &json!(2)));
        assert_eq!(all["packageList"][1]["isDeleted"], true);
    })
    .await;
}

#[tokio::test]
async fn a_list_is_read_page_by_page_and_by_a_part_of_the_name() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let fixture = Fixture::make(&server).await;
        for number in 0..5 {
            let queue = json!({ "depId": fixture.department, "queueName": format!("Queue-{number}") });
            server.get("/api/platform/data-queue/create", queue).await;
        }
        let list = async |body: Value| {
            let page = server.get("/api/platform/data-queue/list", body).await;
            let names =
                page["queues"].as_array().unwrap().iter().map(|row| row["queueName"].as_str().unwrap().to_owned());
            (names.collect::<Vec<_>>(), page["total"].as_i64().unwrap())
        };
        assert_eq!(list(json!({ "pageSize": 2, "pageNum": 2, "keyword": "queue-" })).await.0, ["Queue-2", "Queue-3"]);
        assert_eq!(list(json!({ "pageSize": 2, "pageNum": 4, "keyword": "queue-" })).await, (Vec::new(), 5));
        assert_eq!(list(json!({ "keyword": "%" })).await.1, 0, "a wildcard of SQL is a letter like any other");
        assert_eq!(list(json!({ "keyword": "" })).await.1, 7);
    })
    .await;
}
