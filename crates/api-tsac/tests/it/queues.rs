//! Items of data queues as a program uses them: in, out, held, ended, found, and as files.

use axum::http::Request;
use baigong_testkit::on_both;
use serde_json::{Value, json};

use crate::{
    fixture::{Fixture, Good},
    server::Server,
};

const ITEM: &str = "/api/platform/data-queue/item";

async fn queue(server: &Server, name: &str, more: Value) -> i64 {
    let fixture = Fixture::make(server).await;
    let mut body = json!({ "depId": fixture.department, "queueName": name });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.get("/api/platform/data-queue/create", body).await["queueId"].as_i64().unwrap()
}

async fn item(server: &Server, what: &str, body: Value) -> Value {
    server.get(&format!("{ITEM}/{what}"), body).await
}

#[tokio::test]
async fn an_item_goes_in_is_taken_and_is_ended() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let queue = queue(&server, "item by item", json!({ "maxAttempts": 2, "defaultPriority": 2 })).await;
        let one = json!({ "queueId": queue, "payload": { "代码": "000001" }, "reference": "r1", "secret": true });
        let pushed = item(&server, "push", one.clone()).await;
        let id = pushed["itemId"].clone();
        assert_eq!(pushed["itemIds"], json!([id]));
        let again = server.call(&format!("{ITEM}/push"), &one).await;
        assert_eq!((again.status, again.body["resultCode"].as_str()), (409, Some("10009")), "{again:?}");
        assert!(again.body["message"].as_str().unwrap().contains(&id.to_string()), "{again:?}");
        let many = json!([{ "payload": 1, "priority": 0 }, { "payload": 2, "availableAt": "2040-01-01 00:00:00" }]);
        item(&server, "push", json!({ "queueId": queue, "items": many })).await;
        let taken = item(&server, "pop", json!({ "queueId": queue, "count": 5 })).await;
        let taken = taken["items"].as_array().unwrap();
        let shown: Vec<_> = taken.iter().map(|item| (&item["payload"], &item["priority"])).collect();
        assert_eq!(shown, [(&json!(1), &json!(0)), (&json!({ "代码": "000001" }), &json!(2))]);
        let ends: Vec<Value> = taken
            .iter()
            .map(|item| json!({ "itemId": item["itemId"], "fence": item["fence"], "outcome": "applicationFailure", "reason": "断线" }))
            .chain([json!({ "itemId": 999_999, "fence": 1, "outcome": "success" })])
            .collect();
        let ended = item(&server, "finish", json!({ "queueId": queue, "items": ends })).await;
        let states: Vec<_> = ended["results"].as_array().unwrap().iter().map(|end| end["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["new", "new", ""], "{ended}");
        let listed = item(&server, "list", json!({ "queueId": queue, "filter": "reason:断线 AND reference:r1" })).await;
        let listed = &listed["items"][0];
        assert_eq!((&listed["itemId"], &listed["payload"], &listed["output"]), (&id, &json!("******"), &json!(null)));
        let counts = server.get("/api/platform/data-queue/query", json!({ "queueId": queue })).await;
        let counts = ["unconsumedMessageCount", "unavailableMessageCount", "totalCount"].map(|name| counts[name].clone());
        assert_eq!(counts, [2, 1, 3]);
        let wrong = server.call(&format!("{ITEM}/list"), &json!({ "queueId": queue, "filter": "state:(new" })).await;
        assert_eq!((wrong.status, wrong.body["resultCode"].as_str()), (400, Some("10011")), "{wrong:?}");
    })
    .await;
}

#[tokio::test]
async fn items_come_from_files_and_go_into_files() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let queue = queue(&server, "files", json!({})).await;
        let import = async |text: &str| {
            let file = Some(text.as_bytes().to_vec());
            let good = Good { path: format!("{ITEM}/import"), body: json!({ "queueId": queue }), file };
            server.try_good(&server.token, &good).await
        };
        let wrong = import("a,deadline\n1,soon\n").await;
        assert_eq!(wrong.body["resultCode"], "10011", "{wrong:?}");
        assert!(wrong.body["message"].as_str().unwrap().contains("第 2 行：deadline 时间应如"), "{wrong:?}");
        let done = import("a,reference,deadline\n=1,x,2040-01-01 00:00:00\n2,y,2040-01-01\n").await;
        assert_eq!((done.status, &done.body["data"]["count"]), (201, &json!(2)), "{done:?}");
        let export = async |format: &str| {
            let body = json!({ "queueId": queue, "format": format, "filter": "reference:x", "bom": false });
            let request = Request::post(format!("{ITEM}/export"))
                .header("version", "1.0.0")
                .header("token", &server.token)
                .header("content-type", "application/json");
            server.raw(request.body(body.to_string().into()).unwrap()).await
        };
        let (status, headers, text) = export("csv").await;
        assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "text/csv; charset=utf-8"));
        assert!(headers["content-disposition"].to_str().unwrap().contains("files.csv"));
        let text = String::from_utf8(text.to_vec()).unwrap();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.lines().nth(1).unwrap().ends_with(",'=1"), "{text}");
        assert!(text.contains(",x,1,") && text.contains("2040-01-01 00:00:00"), "{text}");
        assert!(export("xlsx").await.2.starts_with(b"PK"));
        assert_eq!(export("pdf").await.0, 400);
    })
    .await;
}
