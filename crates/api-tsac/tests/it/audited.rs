//! Whoever changes something is written down: every operation that is not for reading leaves a row in the audit, and none
//! that is for reading does. Channels show none of their secrets.

use baigong_api_kit::Access;
use baigong_api_tsac::table;
use baigong_model::Permission;
use baigong_testkit::TestDatabase;
use serde_json::json;

use crate::{fixture::Fixture, server::Server};

/// What robots and clients do in thousands is in the things themselves: who holds an item, who made it.
const HOT: [Permission; 1] = [Permission::QueueUse];

async fn newest(server: &Server) -> i64 {
    let rows = server.get("/api/platform/audit/list", json!({ "pageSize": 1 })).await;
    rows["audits"][0]["auditId"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_that_changes_something_leaves_an_audit_row() {
    for database in [TestDatabase::sqlite(), TestDatabase::postgres()] {
        let server = Server::on(database.unwrap()).await;
        let fixture = Fixture::make(&server).await;
        let mut wrong = Vec::new();
        for good in fixture.goods() {
            let table = table();
            let Some(Access::With(permission)) =
                table.operations().find(|it| it.path == good.path).map(|operation| operation.access)
            else {
                continue;
            };
            if HOT.contains(&permission) {
                continue;
            }
            let before = newest(&server).await;
            let answer = server.try_good(&server.token, &good).await;
            assert!(answer.status < 300, "{}: {answer:?}", good.path);
            let is_audited = newest(&server).await > before;
            let reads = [":read", ":reveal"].iter().any(|verb| permission.as_str().ends_with(verb));
            let changes = !reads && !good.path.ends_with("/list") && !good.path.ends_with("/query");
            if is_audited != changes {
                wrong.push(format!("{} ({permission}): audited: {is_audited}", good.path));
            }
        }
        assert!(wrong.is_empty(), "operations that change something, and only those, leave an audit row: {wrong:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_shows_no_secret() {
    let server = Server::start().await;
    let fixture = Fixture::make(&server).await;
    let query = json!({ "channelId": fixture.channel });
    let keyed = json!({ "channelId": fixture.channel, "secret": "a key to sign with" });
    server.get("/api/platform/warn-channel/update", keyed).await;
    let shown = server.get("/api/platform/warn-channel/query", query).await;
    assert_eq!((&shown["url"], &shown["secret"]), (&json!("https://hooks.example/******"), &json!("******")));
    let listed = server.get("/api/platform/warn-channel/list", json!({})).await;
    let audit = server.get("/api/platform/audit/list", json!({ "kind": "warn channel" })).await;
    assert_eq!(audit["audits"].as_array().unwrap().len(), 2);
    let secrets = ["hooks.example/0", "a key to sign with"];
    let told = [shown, listed, audit].map(|it| it.to_string());
    assert!(secrets.iter().all(|secret| told.iter().all(|it| !it.contains(secret))));
}
