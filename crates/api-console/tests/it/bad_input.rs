//! What is not as it should be is told as such, never with a fault.

use serde_json::{Value, json};

use crate::server::Server;

/// Method, path, headers, body; the status and code that are due.
type Case<'c> = (&'c str, &'c str, &'c [(&'c str, &'c str)], &'c str, u16, &'c str);

#[tokio::test]
async fn every_mistake_has_its_status_and_code() {
    let server = Server::start().await;
    let bearer = format!("Bearer {}", server.token);
    let known = [("authorization", bearer.as_str())];
    let create = "/api/console/applications";
    let long = format!("{{\"name\":\"{}\"}}", "x".repeat(1024 * 1024));
    let cases: [Case<'_>; 14] = [
        ("POST", create, &[], "{}", 401, "unauthenticated"),
        ("POST", create, &[("authorization", "Basic eDp5")], "{}", 401, "unauthenticated"),
        ("POST", create, &[("authorization", "Bearer made-up")], "{}", 401, "unauthenticated"),
        ("POST", create, &known, "{}", 400, "invalid"),
        ("POST", create, &known, "{", 400, "malformed"),
        ("POST", create, &known, "[]", 400, "malformed"),
        ("POST", create, &known, "{\"name\":1}", 400, "invalid"),
        ("POST", create, &known, "{\"name\":\"\"}", 400, "invalid"),
        ("POST", create, &known, "{\"name\":\"a\",\"color\":\"red\"}", 400, "invalid"),
        ("POST", create, &known, &long, 413, "too-large"),
        ("GET", "/api/console/applications?page=0", &known, "", 400, "invalid"),
        ("GET", "/api/console/applications/x", &known, "", 400, "invalid"),
        ("PATCH", create, &known, "", 405, "method-not-allowed"),
        ("GET", "/api/console/nothing", &known, "", 404, "not-found"),
    ];
    for (method, path, headers, body, status, code) in cases {
        let answer = server.send(method, path, headers, body.to_owned()).await;
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (status, &json!(code)),
            "{method} {path} {body:.60}: {answer:?}"
        );
        assert_eq!(answer.body["status"], status);
    }
    let named = server.send("POST", create, &known, "{\"name\":1}".into()).await;
    assert_eq!(named.body["field"], "name");
}

#[tokio::test]
async fn values_beyond_their_range_are_refused() {
    let server = Server::start().await;
    let id = server.get("POST", "/api/console/applications", json!({ "name": "a" })).await["id"].clone();
    let path = format!("/api/console/applications/{id}");
    let bridge = |url: &str| json!({ "name": "b", "kind": "tsac", "url": url, "username": "u", "secret": "s" });
    let cases: [(&str, String, Value); 10] = [
        ("PUT", format!("{path}/scopes"), json!({ "permissions": ["fly"] })),
        ("PUT", format!("{path}/scopes"), json!({ "permissions": [], "departmentIds": [] })),
        ("PUT", format!("{path}/addresses"), json!({ "allowed": ["example.com"], "denied": [] })),
        ("POST", format!("{path}/rotate"), json!({ "graceSeconds": -1 })),
        ("POST", "/api/console/applications".into(), json!({ "name": "x".repeat(129) })),
        ("POST", "/api/console/bridges".into(), bridge("ftp://x")),
        ("POST", "/api/console/bridges".into(), bridge("http://u:p@x")),
        ("POST", "/api/console/bridges".into(), bridge("http://x/path")),
        ("POST", "/api/console/bridges".into(), json!({ "name": "b", "kind": "x", "url": "http://x", "secret": "s" })),
        (
            "POST",
            "/api/console/bridges".into(),
            json!({ "name": "b", "kind": "tsac", "url": "http://x", "secret": "s" }),
        ),
    ];
    for (method, path, body) in cases {
        let answer = server.call_as(&server.token, method, &path, &body).await;
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (400, &json!("invalid")),
            "{method} {path} {body}: {answer:?}"
        );
    }
}
