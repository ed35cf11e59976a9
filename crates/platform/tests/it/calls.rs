//! What stands around every call: traces, measures, limits, addresses.

use baigong_testkit::{PASSWORD, TestClient, TestDatabase, TestServer};
use reqwest::StatusCode;
use serde_json::json;

async fn server(change: impl FnOnce(&mut baigong_platform::Settings) + 'static) -> TestServer {
    TestServer::on(TestDatabase::sqlite().unwrap()).settings(change).start().await.unwrap()
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_traced_and_counted_by_its_route_and_its_code() {
    let server = server(|_| ()).await;
    let admin = server.admin().await.unwrap();
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let answer =
        http().get(format!("{}/no/such/page", server.url())).header("traceparent", parent).send().await.unwrap();
    let told = answer.headers()["traceparent"].to_str().unwrap().to_owned();
    assert!(told.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && told != parent, "{told}");
    assert_eq!(admin.call("task/query", json!({ "taskId": 7 })).await.unwrap().code(), "10008");
    admin.data("robot/list", json!({})).await.unwrap();
    let metrics = http().get(format!("{}/metrics", server.url())).send().await.unwrap().text().await.unwrap();
    for line in [
        "baigong_calls_total{interface=\"/api/platform/task/query\",code=\"10008\"} 1",
        "baigong_calls_total{interface=\"/api/platform/robot/list\",code=\"200\"} 1",
        "baigong_call_duration_seconds_count{interface=\"/api/platform/robot/list\"} 1",
        "baigong_tasks{state=\"queued\"} 0",
        "baigong_notices_pending 0",
        "baigong_robots_online 0",
    ] {
        assert!(metrics.contains(line), "{line} is missing in\n{metrics}");
    }
    assert!(!metrics.contains("/no/such/page"), "labels must be bounded");
}

#[tokio::test(flavor = "multi_thread")]
async fn measures_are_not_for_everyone_behind_a_proxy() {
    let server = server(|_| ()).await;
    let url = format!("{}/metrics", server.url());
    let forwarded = http().get(&url).header("x-forwarded-for", "203.0.113.7").send().await.unwrap();
    assert_eq!(forwarded.status(), StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_used_too_often_is_told_to_come_later_and_others_are_not() {
    let server = server(|settings| settings.calls_per_second = 2).await;
    let (busy, calm) = (server.admin().await.unwrap(), server.admin().await.unwrap());
    let mut codes = std::collections::BTreeSet::new();
    for _ in 0..50 {
        codes.insert(busy.call("robot/list", json!({})).await.unwrap().code().to_owned());
    }
    assert_eq!(codes.into_iter().collect::<Vec<_>>(), ["00000", "10010"]);
    calm.data("robot/list", json!({})).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_signs_in_or_makes_up_tokens_too_often_is_told_when_to_come_again() {
    let server = server(|settings| settings.public_calls_per_second = 2).await;
    let ask = async |token: Option<&str>| {
        let mut request = http().post(format!("{}/api/platform/account/public-key", server.url()));
        if let Some(token) = token {
            request = http().post(format!("{}/api/platform/robot/list", server.url())).header("token", token);
        }
        request.header("version", "1.0.0").json(&json!({})).send().await.unwrap()
    };
    for token in [None, Some("made up")] {
        let mut refused = None;
        for _ in 0..50 {
            let answer = ask(token).await;
            if answer.status() == StatusCode::TOO_MANY_REQUESTS {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.unwrap_or_else(|| panic!("{token:?}: nothing was refused"));
        assert_eq!(refused.headers()["retry-after"], "1");
        let body: serde_json::Value = refused.json().await.unwrap();
        assert_eq!(body["resultCode"], "10010", "{token:?}");
    }
}

/// Method, path, headers, and what is said when they are too many.
type Stranger = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

/// Of each interface a request with credentials that are made up, and what it is told when such come too often.
const STRANGERS: [Stranger; 5] = [
    ("POST", "/api/platform/robot/list", &[("version", "1.0.0"), ("token", "x")], "\"resultCode\":\"10010\""),
    (
        "GET",
        "/oapi/v1/role/list?page=1&size=1",
        &[("accesstoken", "x"), ("timestamp", "1"), ("signature", "x")],
        "\"code\":4010",
    ),
    (
        "POST",
        "/api/apicenter/api/client/addDept",
        &[("api-token", "x"), ("clientId", "x"), ("clientSecret", "x")],
        "请求过多",
    ),
    ("GET", "/api/console/me", &[("authorization", "Bearer x")], "too many calls"),
    ("GET", "/api/v1/apps?email=a%40b&timestamp=1&sign=x", &[], "too many calls"),
];

#[tokio::test(flavor = "multi_thread")]
async fn made_up_credentials_are_counted_by_address_at_every_interface_and_true_ones_are_not() {
    let server = server(|settings| settings.public_calls_per_second = 2).await;
    let admin = server.admin().await.unwrap();
    let index = http().get(format!("{}/openapi/index.json", server.url())).send().await.unwrap();
    let names: Vec<String> = index.json().await.unwrap();
    assert_eq!(names.len(), STRANGERS.len(), "every interface needs a line in STRANGERS: {names:?}");
    for (method, path, headers, told) in STRANGERS {
        let mut refused = None;
        for _ in 0..50 {
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let mut request = http().request(method, format!("{}{path}", server.url())).json(&json!({}));
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let answer = request.send().await.unwrap();
            let is_later = answer.headers().contains_key("retry-after");
            let text = answer.text().await.unwrap();
            assert_eq!(is_later, text.contains(told), "{path}: {text}");
            if is_later {
                refused = Some(text);
                break;
            }
        }
        assert!(refused.is_some(), "{path}: nothing was refused");
        // Somebody with a token at the same address notices nothing.
        admin.data("robot/list", json!({})).await.unwrap();
    }
    let metrics = http().get(format!("{}/metrics", server.url())).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("interface=\"/oapi/v1/role/list\",code=\"4010\"}"), "{metrics}");
    assert!(!metrics.contains("interface=\"/oapi/v1/role/list\",code=\"200\"}"), "a refusal is no success: {metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_made_up_credential_does_not_lift_the_limit_of_what_is_open_to_all() {
    let server = server(|settings| settings.public_calls_per_second = 2).await;
    for (method, path, header) in [
        ("POST", "/api/platform/account/public-key", "token"),
        ("GET", "/oapi/v1/token?accessKey=admin&secretKey=x", "accesstoken"),
        ("POST", "/api/console/login", "authorization"),
    ] {
        let mut is_refused = false;
        for _ in 0..50 {
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let request = http().request(method, format!("{}{path}", server.url())).header("version", "1.0.0");
            let answer = request.header(header, "x").json(&json!({})).send().await.unwrap();
            is_refused |= answer.headers().contains_key("retry-after");
        }
        assert!(is_refused, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_denied_is_refused_but_health_is_told_and_a_proxy_does_not_hide_anybody() {
    let server = server(|settings| {
        settings.allowed_addresses = "127.0.0.0/8, 203.0.113.0/24".parse().unwrap();
        settings.denied_addresses = "203.0.113.66".parse().unwrap();
        settings.trusted_proxies = "127.0.0.1".parse().unwrap();
    })
    .await;
    TestClient::sign_in(&server.url(), "admin", PASSWORD).await.unwrap();
    let ask = async |path: &str, from: &str| {
        let request = http().post(format!("{}{path}", server.url())).header("version", "1.0.0");
        request.header("x-forwarded-for", from).json(&json!({})).send().await.unwrap()
    };
    let path = "/api/platform/account/public-key";
    assert_eq!(ask(path, "203.0.113.7").await.status(), StatusCode::OK);
    for denied in ["203.0.113.66", "198.51.100.1", "203.0.113.7, 198.51.100.1"] {
        let answer = ask(path, denied).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{denied}");
        assert_eq!(answer.json::<serde_json::Value>().await.unwrap()["resultCode"], "30001");
    }
    let health = http().get(format!("{}/healthz", server.url())).header("x-forwarded-for", "203.0.113.66");
    assert_eq!(health.send().await.unwrap().status(), StatusCode::OK);
}
