//! `http.request` against a server of our own on the loopback.

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

use crate::support::testing::Desk;

/// Answers one request with `answer` and gives what was asked.
async fn serve_once(answer: Vec<u8>) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/path", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let read = stream.read(&mut buffer).await.unwrap();
            request.extend_from_slice(&buffer[..read]);
            let text = String::from_utf8_lossy(&request).into_owned();
            let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
                let lines =
                    head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
                body.len() >= lines.unwrap_or(0)
            });
            if whole || read == 0 {
                break;
            }
        }
        stream.write_all(&answer).await.ok();
        stream.shutdown().await.ok();
        String::from_utf8_lossy(&request).into_owned()
    });
    (address, served)
}

fn response(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

#[tokio::test]
async fn json_goes_out_and_comes_back_exactly() {
    let desk = Desk::new();
    let body = br#"{"price": 1.10, "name": "x"}"#;
    let (url, served) = serve_once(response("200 OK\r\ncontent-type: application/json", body)).await;
    let parameters = json!({
        "method": "post", "url": url, "query": {"q": "证 券"}, "headers": {"X-Token": "secret-token"}, "json": {"a": 1},
    });
    let answer = desk.ok("http.request", parameters).await;
    assert_eq!((&answer["status"], &answer["json"]), (&json!(200), &json!({"price": "1.10", "name": "x"})));
    let asked = served.await.unwrap();
    assert!(asked.starts_with("POST /path?q=%E8%AF%81+%E5%88%B8 HTTP/1.1"), "{asked}");
    assert!(asked.contains("x-token: secret-token") && asked.ends_with("{\"a\":1}"), "{asked}");
    assert!(desk.memory.lines.lock().unwrap().is_empty(), "nothing of a request is logged");
}

#[tokio::test]
async fn texts_in_gbk_and_files() {
    let desk = Desk::new();
    let (url, _) = serve_once(response("200 OK\r\ncontent-type: text/plain; charset=GBK", b"\xd6\xa4\xc8\xaf")).await;
    assert_eq!(desk.ok("http.get", json!({"url": url})).await["body"], "证券");
    let (url, _) = serve_once(response("200 OK", b"\x00\xff")).await;
    desk.ok("http.get", json!({"url": url, "file": "a.bin"})).await;
    assert_eq!(std::fs::read(desk.context.artifacts_folder.join("a.bin")).unwrap(), b"\x00\xff");
}

#[tokio::test]
async fn redirects_errors_and_large_answers() {
    let desk = Desk::new();
    let moved = || response("302 Found\r\nlocation: http://127.0.0.1:1/other", b"");
    let (url, _) = serve_once(moved()).await;
    assert_eq!(desk.ok("http.request", json!({"url": url})).await["status"], 302, "a redirect is not followed");
    let (url, _) = serve_once(moved()).await;
    desk.fails("http.request", json!({"url": url, "redirects": 1}), "httpFailed").await;
    let (url, _) = serve_once(response("500 Oops", b"why")).await;
    let message = desk.fails("http.request", json!({"url": url}), "httpStatus").await;
    assert!(message.contains("500"), "{message}");
    let (url, _) = serve_once(response("500 Oops", b"why")).await;
    assert_eq!(desk.ok("http.request", json!({"url": url, "acceptErrors": true})).await["body"], "why");
    let (url, _) = serve_once(response("200 OK", &[b'x'; 2000])).await;
    desk.fails("http.request", json!({"url": url, "maxBytes": 1999}), "tooLarge").await;
}

#[tokio::test]
async fn wrong_requests_are_refused_without_telling_secrets() {
    let desk = Desk::new();
    for parameters in [
        json!({"url": "ftp://x/y"}),
        json!({"url": "not an address"}),
        json!({"url": "http://127.0.0.1:1/", "method": "A B"}),
        json!({"url": "http://127.0.0.1:1/", "body": "a", "json": 1}),
        json!({"url": "http://127.0.0.1:1/", "headers": {"a b": "c"}}),
    ] {
        desk.fails("http.request", parameters, "invalidParameter").await;
    }
    let secret = json!({"url": "http://127.0.0.1:1/?token=hunter2", "headers": {"authorization": "hunter3"}});
    let message = desk.fails("http.request", secret, "httpFailed").await;
    assert!(!message.contains("hunter"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_is_left_when_the_run_is_cancelled() {
    let desk = Desk::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let cancel = desk.context.cancel.clone();
    let accepted = tokio::spawn(async move {
        let stream = listener.accept().await.unwrap();
        cancel.cancel();
        stream
    });
    desk.fails("http.request", json!({"url": url}), "cancelled").await;
    accepted.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_is_left_after_the_timeout() {
    let desk = Desk::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let message = desk.fails("http.request", json!({"url": url, "timeoutSeconds": 1}), "timeout").await;
    assert!(message.contains("within 1 seconds"), "{message}");
}
