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
