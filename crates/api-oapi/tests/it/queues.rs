//! Spaces and their items: what is taken first, what is tried again, what expires, what a filter finds.

use baigong_core::deadlines;
use serde_json::{Value, json};

use crate::server::{Server, Signer, on_both};

const MINUTE: i64 = 60_000;

async fn space(admin: &Signer, more: Value) {
    let mut body = json!({ "queueName": "q", "queueMaxItems": 100, "failTryTimes": 1, "timeOut": "5" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    admin.ok("POST", "/oapi/v1/queue", body).await;
}

async fn push(admin: &Signer, priority: &str, deadline: &str, keys: Value) -> Value {
    let body = json!({ "queueName": "q", "priority": priority, "deadline": deadline, "keys": keys });
    admin.call("POST", "/oapi/v1/queue/item", body).await
}

async fn pop(admin: &Signer) -> Value {
    admin.ok("GET", "/oapi/v1/queue/item/pop", json!({ "queueName": "q" })).await
}

async fn found(admin: &Signer, mut query: Value) -> Vec<String> {
    query["queueName"] = "q".into();
    let found = admin.ok("GET", "/oapi/v1/queue/item", query).await;
    let items = found["items"].as_array().unwrap();
    assert_eq!(found["total"], items.len());
    items.iter().map(|it| it["keys"][0]["value"].as_str().unwrap_or_default().to_owned()).collect()
}

fn key(value: &str) -> Value {
    json!([{ "key": "name", "value": value }])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_most_urgent_then_the_oldest_is_taken_and_what_runs_too_long_is_tried_again() {
    on_both(async |server| {
        let admin = &server.admin;
        space(admin, json!({})).await;
        for (priority, name) in [("low", "a"), ("normal", "b"), ("high", "c"), ("high", "d")] {
            assert_eq!(push(admin, priority, &server.at(60), key(name)).await["code"], 0);
        }
        assert_eq!(push(admin, "111", "2030-01-01 00:00:00", key("x")).await["code"], 4002);
        assert_eq!(push(admin, "high", "tomorrow", key("x")).await["code"], 4002);
        let mut names = Vec::new();
        for _ in 0..4 {
            names.push(pop(admin).await["keys"][0]["value"].as_str().unwrap().to_owned());
        }
        assert_eq!(names, ["c", "d", "b", "a"]);
        assert_eq!(pop(admin).await, Value::Null);
        assert_eq!(found(admin, json!({ "status": "running" })).await.len(), 4);
        // The time of the space has passed: once more, and then it has failed.
        for (status, times) in [("retry", 1), ("failed", 2)] {
            server.clock.advance(5 * MINUTE + 1);
            deadlines::sweep_items(server.whole.platform()).await.unwrap();
            assert_eq!(found(admin, json!({ "status": status })).await.len(), 4, "{status}");
            if times == 1 {
                for _ in 0..4 {
                    let item = pop(admin).await;
                    assert_eq!((&item["runTimes"], &item["status"]), (&json!(2), &json!("running")));
                }
            }
        }
        assert_eq!(pop(admin).await, Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_its_deadline_has_passed_expires_and_what_is_said_of_an_item_is_done() {
    on_both(async |server| {
        let admin = &server.admin;
        space(admin, json!({})).await;
        push(admin, "high", &server.at(1), key("late")).await;
        server.clock.advance(2 * MINUTE);
        deadlines::sweep_items(server.whole.platform()).await.unwrap();
        assert_eq!(pop(admin).await, Value::Null);
        assert_eq!(found(admin, json!({ "filter": "status:expired" })).await, ["late"]);
        // As the document's own example does it: an item whose deadline has gone by is taken, and expires at once.
        assert_eq!(push(admin, "high", "2020-04-16 23:50:40", key("over")).await["code"], 0);
        assert_eq!(pop(admin).await, Value::Null);
        let items = admin.ok("GET", "/oapi/v1/queue/item", json!({ "queueName": "q" })).await;
        assert!(items["items"].as_array().unwrap().iter().all(|it| it["status"] == "expired"), "{items}");
        deadlines::sweep_items(server.whole.platform()).await.unwrap();
        assert_eq!(found(admin, json!({ "filter": "status:expired" })).await, ["late", "over"]);
        let twice = json!([{ "key": "a", "value": 1 }, { "key": "a", "value": 2 }]);
        assert_eq!(push(admin, "high", "2030-01-01 00:00:00", twice).await["code"], 4002, "which of the two is meant?");
        for name in ["one", "two", "three", "four"] {
            push(admin, "normal", "2030-01-01 00:00:00", key(name)).await;
        }
        let settle = async |item: &Value, status: &str| {
            let body = json!({ "queueName": "q", "itemNo": item["itemNo"], "status": status, "result": "why" });
            admin.call("PUT", "/oapi/v1/queue/item", body).await["code"].as_i64().unwrap()
        };
        let item = pop(admin).await;
        assert_eq!(settle(&item, "running").await, 0);
        assert_eq!(settle(&item, "pending").await, 0);
        assert_eq!(pop(admin).await["runTimes"], 1, "given back as if it had not been taken");
        assert_eq!(settle(&item, "retry").await, 0);
        let again = pop(admin).await;
        assert_eq!((&again["itemNo"], &again["runTimes"]), (&item["itemNo"], &json!(2)));
        assert_eq!(settle(&again, "retry").await, 0, "the last try");
        assert_eq!(found(admin, json!({ "status": "failed" })).await, ["one"]);
        let two = pop(admin).await;
        assert_eq!(settle(&two, "success").await, 0);
        assert_eq!(settle(&two, "success").await, 10003, "it is not held any more");
        assert_eq!(settle(&pop(admin).await, "failed").await, 0);
        assert_eq!(found(admin, json!({ "status": "failed" })).await, ["one", "three"]);
        assert_eq!(settle(&again, "pending").await, 0, "one that has ended begins anew");
        assert_eq!(settle(&again, "done").await, 4002);
        assert_eq!(found(admin, json!({ "status": "pending" })).await, ["one", "four"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_speak_the_words_of_this_dialect() {
    on_both(async |server| {
        let admin = &server.admin;
        space(admin, json!({ "queueMaxItems": 5 })).await;
        let mut times = Vec::new();
        for (priority, name) in [("low", "a"), ("normal", "b"), ("high", "c")] {
            times.push(server.at(0));
            push(admin, priority, "2030-01-01 00:00:00", key(name)).await;
            server.clock.advance(2 * MINUTE);
        }
        let after = format!("timestamp:[{} TO *]", times[1].replace(' ', "T"));
        let quoted = format!("timestamp:[\"{}\" TO \"{}\"] AND status:pending", times[1], server.at(0));
        for (filter, expected) in [
            ("status:pending", &["a", "b", "c"][..]),
            ("status:pending AND priority:low", &["a"]),
            ("priority:high OR name:b", &["b", "c"]),
            ("NOT priority:high AND status:pending", &["a", "b"]),
            ("name:a*", &["a"]),
            (after.as_str(), &["b", "c"]),
            (quoted.as_str(), &["b", "c"]),
            ("*:* AND NOT name:b", &["a", "c"]),
            ("runTimes:[1 TO *]", &[]),
        ] {
            assert_eq!(found(admin, json!({ "filter": filter })).await, expected, "{filter}");
        }
        assert_eq!(found(admin, json!({ "priority": "low", "filter": "name:a OR name:b" })).await, ["a"]);
        assert_eq!(found(admin, json!({ "from": times[1], "to": server.at(-3) })).await, ["b"]);
        assert_eq!(
            found(admin, json!({ "from": times[0], "to": times[1] })).await,
            ["a", "b"],
            "a second is all of it"
        );
        let today = &times[0][..10];
        assert_eq!(found(admin, json!({ "from": today, "to": today })).await.len(), 3, "a day is all of it");
        for wrong in ["status:lost", "priority:111", "((", "a:/x/"] {
            let query = json!({ "queueName": "q", "filter": wrong });
            assert_eq!(admin.call("GET", "/oapi/v1/queue/item", query).await["code"], 4002, "{wrong}");
        }
        let query = json!({ "queueName": "q", "status": "lost" });
        assert_eq!(admin.call("GET", "/oapi/v1/queue/item", query).await["code"], 4002);
        for name in ["d", "e"] {
            assert_eq!(push(admin, "low", "2030-01-01 00:00:00", key(name)).await["code"], 0);
        }
        assert_eq!(push(admin, "low", "2030-01-01 00:00:00", key("f")).await["code"], 10003, "the space is full");
        admin.ok("PUT", "/oapi/v1/queue/clear", json!({ "queueName": "q" })).await;
        assert_eq!(found(admin, json!({})).await, [""; 0]);
        assert_eq!(push(admin, "low", "2030-01-01 00:00:00", key("f")).await["code"], 0);
        let spaces = admin.ok("GET", "/oapi/v1/queue", json!({ "page": 1, "size": 10, "queueName": "q" })).await;
        let space = &spaces["items"][0];
        assert_eq!(
            (&space["timeOut"], &space["failTryTimes"], &space["queueMaxItems"]),
            (&json!("5"), &json!(1), &json!(5))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_space_is_not_there() {
    let server = Server::start().await;
    for (method, path, body) in [
        ("GET", "queue/item", json!({ "queueName": "none" })),
        ("GET", "queue/item/pop", json!({ "queueName": "none" })),
        ("POST", "queue/item", json!({ "queueName": "none", "priority": "high", "deadline": "2030-01-01 00:00:00" })),
        ("PUT", "queue/clear", json!({ "queueId": "999" })),
    ] {
        let answer = server.admin.call(method, &format!("/oapi/v1/{path}"), body).await;
        assert_eq!(answer["code"], 10002, "{answer}");
    }
}
