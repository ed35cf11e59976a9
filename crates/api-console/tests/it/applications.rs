//! Applications through the native interface, writes that come again, and one's own token.

use serde_json::{Value, json};

use crate::server::Server;
use baigong_testkit::TestDatabase;

const APPLICATIONS: &str = "/api/console/applications";

async fn both() -> [Server; 2] {
    [Server::start().await, Server::on(TestDatabase::postgres().unwrap()).await]
}

#[tokio::test]
async fn an_application_is_made_shown_changed_rotated_and_deleted() {
    for server in both().await {
        let made = server.get("POST", APPLICATIONS, json!({ "name": "orders", "description": "order entry" })).await;
        let (id, key) = (made["id"].as_i64().unwrap(), made["accessKeyId"].as_str().unwrap().to_owned());
        let secret = made["accessKeySecret"].as_str().unwrap();
        assert!(key.len() == 20 && secret.len() == 40);
        let robot = server.robot(1, "r1").await;
        let path = format!("{APPLICATIONS}/{id}");
        server.get("PUT", &format!("{path}/robots"), json!({ "robotIds": [robot] })).await;
        server
            .get("PUT", &format!("{path}/scopes"), json!({ "permissions": ["task:run"], "departmentIds": [1] }))
            .await;
        let lists = json!({ "allowed": ["10.0.0.0/8"], "denied": ["10.9.0.1"] });
        server.get("PUT", &format!("{path}/addresses"), lists).await;
        server.get("PUT", &path, json!({ "name": "orders 2" })).await;
        let shown = server.get("GET", &path, Value::Null).await;
        assert_eq!(
            shown,
            json!({
                "id": id, "name": "orders 2", "description": "order entry", "departmentId": 1, "ownerId": 1,
                "accessKeyId": key, "oldSecretUntil": null, "permissions": ["task:run"], "departmentIds": [1],
                "allowedAddresses": ["10.0.0.0/8"], "deniedAddresses": ["10.9.0.1/32"],
                "robots": [{ "id": robot, "name": "r1" }], "createdAt": "2026-11-21T12:00:00.000Z",
                "isDeleted": false,
                "actions": { "update": { "allowed": true }, "rotate": { "allowed": true }, "delete": { "allowed": true } },
            })
        );
        let rotated = server.get("POST", &format!("{path}/rotate"), json!({ "graceSeconds": 60 })).await;
        assert!(rotated["accessKeyId"] == key && rotated["accessKeySecret"] != secret);
        let listed = server.get("GET", &format!("{APPLICATIONS}?pageSize=1&keyword=ORDERS"), Value::Null).await;
        assert_eq!(
            (&listed["total"], &listed["items"][0]["oldSecretUntil"]),
            (&json!(1), &json!("2026-11-21T12:01:00.000Z"))
        );
        server.get("DELETE", &path, Value::Null).await;
        let shown = server.get("GET", &path, Value::Null).await;
        let refused = json!({ "allowed": false, "reason": "it is deleted" });
        assert!(shown["isDeleted"] == true && shown["actions"]["delete"] == refused, "{shown}");
        assert_eq!(server.call_as(&server.token, "DELETE", &path, &Value::Null).await.status, 404);
    }
}

#[tokio::test]
async fn what_may_be_done_is_said_by_the_rule_that_enforces_it() {
    let server = Server::start().await;
    let id = server.get("POST", APPLICATIONS, json!({ "name": "a" })).await["id"].clone();
    let reader = server.user("reader", 1, &["application:read"]).await;
    let path = format!("{APPLICATIONS}/{id}");
    let shown = server.call_as(&reader, "GET", &path, &Value::Null).await;
    let reason = json!({ "allowed": false, "reason": "no permission: application:write is needed" });
    assert_eq!(shown.body["actions"]["delete"], reason);
    let refused = server.call_as(&reader, "DELETE", &path, &Value::Null).await;
    assert_eq!(
        (refused.status, &refused.body["code"], &refused.body["detail"]),
        (403, &json!("forbidden"), &reason["reason"])
    );
}

#[tokio::test]
async fn a_write_with_a_key_is_done_once() {
    for server in both().await {
        let bearer = format!("Bearer {}", server.token);
        let keyed = [("authorization", bearer.as_str()), ("idempotency-key", "4f1c")];
        let body = json!({ "name": "orders" }).to_string();
        let first = server.send("POST", APPLICATIONS, &keyed, body.clone()).await;
        let again = server.send("POST", APPLICATIONS, &keyed, body.clone()).await;
        assert!(first.status == 201 && !first.is_replayed && again.status == 201 && again.is_replayed);
        assert_eq!(first.body, again.body, "the secret too: whoever lost the first answer needs it");
        let listed = server.get("GET", APPLICATIONS, Value::Null).await;
        assert_eq!(listed["total"], 1);
        let other = server.send("POST", APPLICATIONS, &keyed, json!({ "name": "b" }).to_string()).await;
        assert_eq!((other.status, &other.body["code"]), (422, &json!("key-reused")));
        // A refusal is not kept: what was wrong can be put right under the same key.
        let second = [keyed[0], ("idempotency-key", "second")];
        assert_eq!(server.send("POST", APPLICATIONS, &second, body).await.status, 409);
        let righted = server.send("POST", APPLICATIONS, &second, json!({ "name": "c" }).to_string()).await;
        assert_eq!(righted.status, 201);
        let long = [keyed[0], ("idempotency-key", &*"x".repeat(256))];
        assert_eq!(server.send("POST", APPLICATIONS, &long, "{}".into()).await.status, 400);
    }
}

#[tokio::test]
async fn one_knows_who_one_is_and_gets_ones_own_token() {
    let server = Server::start().await;
    let me = server.get("GET", "/api/console/me", Value::Null).await;
    assert_eq!((&me["username"], &me["email"]), (&json!("admin"), &json!("admin@baigong.local")));
    assert!(me.get("applicationId").is_none() && me["permissions"].as_array().unwrap().len() > 30);
    let first = server.get("POST", "/api/console/me/open-api-token", json!({})).await;
    assert_eq!((&first["email"], first["openApiToken"].as_str().unwrap().len()), (&json!("admin@baigong.local"), 64));
    assert_eq!(server.get("POST", "/api/console/me/open-api-token", json!({})).await, first);
    let bearer = format!("Bearer {}", server.token);
    let bare =
        server.send("POST", "/api/console/me/open-api-token", &[("authorization", &bearer)], String::new()).await;
    assert_eq!((bare.status, &bare.body), (200, &first), "nothing has to be said, so that a body may be left out");
    let renewed = server.get("POST", "/api/console/me/open-api-token", json!({ "renew": true })).await;
    assert_ne!(renewed, first);
    server.get("POST", "/api/console/logout", json!({})).await;
    let after = server.call_as(&server.token, "GET", "/api/console/me", &Value::Null).await;
    assert_eq!((after.status, &after.body["code"]), (401, &json!("unauthenticated")));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_look_the_same() {
    let server = Server::start().await;
    let login = |username: &str| json!({ "username": username, "password": "wrong" }).to_string();
    let wrong = server.send("POST", "/api/console/login", &[], login("admin")).await;
    let unknown = server.send("POST", "/api/console/login", &[], login("nobody")).await;
    assert_eq!((wrong.status, &wrong.body), (401, &unknown.body));
    assert_eq!(wrong.body["code"], "wrong-credentials");
}

#[tokio::test]
async fn scenes_are_added_and_taken_away_but_not_the_default_one() {
    let server = Server::start().await;
    let robot = server.robot(1, "r1").await;
    let path = format!("/api/console/robots/{robot}/scenes");
    let id = server.get("POST", &path, json!({ "name": "场景2" })).await["id"].as_i64().unwrap();
    let taken = server.call_as(&server.token, "POST", &path, &json!({ "name": "场景2" })).await;
    assert_eq!(taken.status, 409);
    server.get("DELETE", &format!("{path}/{id}"), Value::Null).await;
    let default = server.call_as(&server.token, "DELETE", &format!("{path}/{}", id - 1), &Value::Null).await;
    assert_eq!(default.status, 404);
}

#[tokio::test]
async fn what_applications_tell_me_is_mine_to_read() {
    use baigong_core::{applications, messages};

    let server = Server::start().await;
    let new = applications::NewApplication { name: "portal".into(), ..Default::default() };
    let (_, pair) = applications::create(&server.platform, &server.admin, new).await.unwrap();
    let acting = applications::acting(&server.platform, &pair.access_key_id, &pair.secret, &server.token, None).await;
    let notice = messages::NewMessage {
        username: "admin".into(),
        title: "测试标题".into(),
        content: "内容".into(),
        valid_from: crate::server::NOW,
        valid_until: crate::server::NOW + 1000,
        users: vec![1],
        ..Default::default()
    };
    messages::tell(&server.platform, &acting.unwrap(), vec![notice]).await.unwrap();
    let shown = server.get("GET", "/api/console/me/messages?page=1", serde_json::Value::Null).await;
    assert_eq!((&shown["total"], &shown["items"][0]["title"]), (&1.into(), &"测试标题".into()));
    let department = server.department("north").await;
    let token = server.user("li", department, &["robot:read"]).await;
    let theirs = server.call_as(&token, "GET", "/api/console/me/messages", &serde_json::Value::Null).await;
    assert_eq!(theirs.body["total"], 0);
}
