//! What is sent twice is done once.

use baigong_model::SystemClock;
use baigong_testkit::{PASSWORD, TestDatabase, TestServer};
use serde_json::json;

use crate::{
    bodies::goods,
    fixture::Things,
    server::{Asked, Signer, on_both},
};

/// What changes by itself, or is written down of every request.
const APART: &[&str] = &["token:", "audit:", "asset_access:", "node:", "first_answer:"];

async fn stored(server: &TestServer) -> Vec<String> {
    let rows = baigong_testkit::dump::rows(&server.platform().store).await.unwrap();
    rows.into_iter().filter(|row| !APART.iter().any(|it| row.starts_with(it))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_that_comes_again_gets_its_first_answer_and_does_nothing() {
    on_both(async |server| {
        let it = Things::below_root(&server.tsac, "north").await;
        let admin = &server.admin;
        let writes = goods(&it).into_iter().filter(|good| {
            let is_upload = good.path == "/oapi/v1/share/file" && good.method == "POST";
            (good.method != "GET" || good.path.ends_with("/pop")) && !is_upload && good.method != "PUT"
                || good.path.ends_with("/clear")
        });
        let mut tried = 0;
        for good in writes {
            let asked = good.asked();
            let (timestamp, signature) = admin.sign(&asked);
            let first = admin.send(&asked, &timestamp, &signature).await;
            assert_eq!(first["code"], 0, "{good:?}: {first}");
            let before = stored(&server.whole).await;
            let second = admin.send(&asked, &timestamp, &signature).await;
            assert_eq!(first, second, "{good:?}");
            assert!(before == stored(&server.whole).await, "{good:?} was done twice");
            if !asked.body.is_empty() && good.path != "/oapi/v1/asset/list" {
                let elsewhere =
                    Asked { path: "/oapi/v1/queue/clear".into(), method: reqwest::Method::PUT, ..asked.clone() };
                let elsewhere = if good.path.ends_with("/clear") {
                    Asked { path: "/oapi/v1/queue".into(), method: reqwest::Method::DELETE, ..asked.clone() }
                } else {
                    elsewhere
                };
                let answer = admin.send(&elsewhere, &timestamp, &signature).await;
                assert_eq!(answer["code"], 4009, "{good:?} elsewhere: {answer}");
                let other = Asked { body: b"{\"id\":0}".to_vec(), ..asked.clone() };
                let answer = admin.send(&other, &timestamp, &signature).await;
                assert_eq!(answer["code"], 4009, "{good:?} with another body: {answer}");
            }
            tried += 1;
        }
        assert!(tried >= 15, "{tried}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_answer_stays_even_if_it_was_a_refusal() {
    on_both(async |server| {
        let admin = &server.admin;
        let code = json!({ "curCode": "7", "curName": "desk" });
        let taken = Asked::new("POST", "/oapi/v1/orgDef/addOrg", &code);
        admin.ok("POST", "/oapi/v1/orgDef/addOrg", code).await;
        let (timestamp, signature) = admin.sign(&taken);
        let refused = admin.send(&taken, &timestamp, &signature).await;
        assert_eq!(refused["code"], 10003);
        let list = admin.ok("GET", "/oapi/v1/orgDef/list", json!({ "page": 1, "size": 10 })).await;
        let desk = list["items"].as_array().unwrap().iter().find(|it| it["curName"] == "desk").unwrap()["id"].clone();
        admin.ok("DELETE", "/oapi/v1/orgDef/delOrgDef", json!({ "id": desk })).await;
        assert_eq!(admin.send(&taken, &timestamp, &signature).await, refused, "the reason is gone, the answer is not");
        let (timestamp, signature) = admin.sign(&taken);
        assert_eq!(admin.send(&taken, &timestamp, &signature).await["code"], 0, "signed anew it is done");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_come_at_the_same_time_are_one() {
    on_both(async |server| {
        let it = Things::below_root(&server.tsac, "north").await;
        let admin = &server.admin;
        for asked in [
            Asked::new("POST", "/oapi/v1/job/create", &json!({ "id": it.trigger })),
            Asked::new(
                "POST",
                "/oapi/v1/queue/item",
                &json!({ "queueName": it.named("orders"), "priority": "low", "deadline": "2030-01-01 00:00:00" }),
            ),
            Asked::new("GET", "/oapi/v1/queue/item/pop", &json!({ "queueName": it.named("orders") })),
        ] {
            let (timestamp, signature) = admin.sign(&asked);
            let counts = async || {
                let jobs = admin.ok("GET", "/oapi/v1/job", json!({ "id": it.process, "page": 1, "size": 100 })).await;
                let items = json!({ "queueName": it.named("orders") });
                let running = json!({ "queueName": it.named("orders"), "status": "running" });
                let items = admin.ok("GET", "/oapi/v1/queue/item", items).await["total"].as_i64().unwrap();
                let running = admin.ok("GET", "/oapi/v1/queue/item", running).await["total"].as_i64().unwrap();
                jobs["total"].as_i64().unwrap() + items + running
            };
            let before = counts().await;
            let same = (0..8).map(|_| admin.send(&asked, &timestamp, &signature));
            let answers = futures_util::future::join_all(same).await;
            assert!(answers.iter().all(|answer| *answer == answers[0] && answer["code"] == 0), "{answers:?}");
            assert_eq!(counts().await, before + 1, "{asked:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_outlives_the_platform() {
    for database in [TestDatabase::sqlite().unwrap(), TestDatabase::postgres().unwrap()] {
        let server = TestServer::start(database).await.unwrap();
        let admin = Signer::sign_in(&server.url(), std::sync::Arc::new(SystemClock), "admin", PASSWORD).await;
        let asked = Asked::new("POST", "/oapi/v1/orgDef/addOrg", &json!({ "curCode": "7", "curName": "desk" }));
        let (timestamp, signature) = admin.sign(&asked);
        assert_eq!(admin.send(&asked, &timestamp, &signature).await["code"], 0);
        let server = server.restart().await.unwrap();
        let before = stored(&server).await;
        assert_eq!(
            admin.send(&asked, &timestamp, &signature).await["code"],
            0,
            "a second department of this code is refused"
        );
        assert!(before == stored(&server).await);
        server.stop().await;
    }
}
