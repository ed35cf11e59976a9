//! Who may do what to whose things, as `tests/contract/permission-matrix.txt` says it: held against a real platform, with the
//! same things in one's own department and in another.

use std::{fs, path::PathBuf};

use baigong_api_kit::Access;
use baigong_api_oapi::table;
use baigong_model::Permission;
use baigong_testkit::{PASSWORD, TestDatabase};
use serde_json::{Value, json};

use crate::{
    bodies::{Good, goods},
    fixture::Things,
    server::{Server, Signer},
};

const HEAD: &str = "\
# Who may do what to whose things. One row per operation of the table: operation | permission | whose things.
#
# Permission: open (nobody need sign in), or what is needed.
# Whose things: theirs  what the request names lies in a department that the caller's data scope covers, else it is not there
#               seen    a list: exactly what the data scope covers
#               shared  belongs to no department
#
# New rows: UPDATE=1 cargo test -p baigong-api-oapi --test it matrix; then review them.
";

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/contract/permission-matrix.txt")
}

fn written() -> String {
    let goods = goods(&Things::default());
    let rows = table();
    let rows = rows.operations().map(|operation| {
        let permission = match operation.access {
            Access::Open => "open".to_owned(),
            Access::Known => "known".to_owned(),
            Access::With(permission) => permission.to_string(),
        };
        let good = goods.iter().find(|it| it.path == operation.path && it.method == operation.method.as_str());
        let whose = match good {
            Some(good) if good.is_about => "theirs",
            Some(_) if operation.path == "/oapi/v1/role/list" => "shared",
            Some(_) => "seen",
            None => "-",
        };
        format!("{} {} | {permission} | {whose}\n", operation.method, operation.path)
    });
    HEAD.to_owned() + &rows.collect::<String>()
}

#[test]
fn the_matrix_that_is_checked_in_is_what_the_table_gives() {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path(), written()).unwrap();
    }
    let checked_in = fs::read_to_string(path()).unwrap_or_default();
    assert!(
        checked_in == written(),
        "UPDATE=1 cargo test -p baigong-api-oapi --test it matrix, and review the difference"
    );
}

/// The permissions that an operation needs beside that of its line: names are looked up where ids would do.
fn beside(good: &Good) -> &'static [Permission] {
    match (good.method, good.path) {
        ("POST" | "PUT", "/oapi/v1/user") => &[Permission::RoleWrite],
        ("POST", "/oapi/v1/asset") => &[Permission::RobotRead],
        ("PUT" | "DELETE", "/oapi/v1/asset") => &[Permission::AssetRead],
        ("GET", "/oapi/v1/process/version") => &[Permission::ProcessRead],
        _ => &[],
    }
}

fn needed(good: &Good) -> Permission {
    let table = table();
    let operation = table.operations().find(|it| it.path == good.path && it.method == good.method).unwrap();
    match operation.access {
        Access::With(permission) => permission,
        other => panic!("{good:?} is {other:?}"),
    }
}

/// Somebody of the first department, and the same things in both.
struct Company {
    server: Server,
    somebody: Signer,
    role: i64,
    own: Things,
    other: Things,
}

impl Company {
    async fn found(database: TestDatabase) -> Self {
        let server = Server::on(database).await;
        let (own, other) =
            (Things::below_root(&server.tsac, "own").await, Things::below_root(&server.tsac, "other").await);
        let all: Vec<String> = Permission::ALL.iter().map(ToString::to_string).collect();
        let role = json!({ "roleName": "somebody", "permissions": all, "dataScope": "department-and-below" });
        let role = server.tsac.create("role/create", "roleId", role).await.unwrap();
        let body = json!({
            "employeeName": "某人", "username": "somebody", "password": PASSWORD, "depId": own.department, "roleId": role,
        });
        server.tsac.create("employee/create", "employeeId", body).await.unwrap();
        let somebody = server.sign_in("somebody", PASSWORD).await;
        Self { server, somebody, role, own, other }
    }

    async fn grant(&self, permissions: impl IntoIterator<Item = Permission>) {
        let words: Vec<String> = permissions.into_iter().map(|it| it.to_string()).collect();
        self.server.tsac.data("role/update", json!({ "roleId": self.role, "permissions": words })).await.unwrap();
    }

    async fn stored(&self) -> Vec<String> {
        let rows = baigong_testkit::dump::rows(&self.server.whole.platform().store).await.unwrap();
        let apart = ["token:", "role:", "audit:", "node:", "first_answer:", "asset_access:"];
        rows.into_iter().filter(|row| !apart.iter().any(|it| row.starts_with(it))).collect()
    }
}

fn is_not_there(answer: &Value) -> bool {
    answer["code"] == 10001 || answer["code"] == 10002
}

async fn walk(database: TestDatabase) {
    let company = Company::found(database).await;
    let before = company.stored().await;
    for good in goods(&company.other) {
        let answer = good.send(&company.somebody).await;
        if good.is_about {
            assert!(is_not_there(&answer), "another department's: {good:?}: {answer}");
        } else {
            let (own, other) = (format!("-{}", company.own.tag), format!("-{}\"", company.other.tag));
            let (text, is_shared) = (answer.to_string(), good.path == "/oapi/v1/role/list");
            assert!(answer["code"] == 0 && (is_shared || !text.contains(&other)), "{good:?}: {answer}");
            assert!(
                is_shared || good.path.contains("/orgDef/") || text.contains(&own) || text.contains("report.txt"),
                "{good:?}: {answer}"
            );
        }
    }
    assert!(before == company.stored().await, "what was refused has changed something");
    for good in goods(&company.own) {
        let needed = needed(&good);
        company.grant(Permission::ALL.iter().copied().filter(|it| *it != needed)).await;
        let answer = good.send(&company.somebody).await;
        assert_eq!(answer["code"], 4005, "{good:?} without {needed}: {answer}");
    }
    assert!(before == company.stored().await, "what was forbidden has changed something");
    for good in goods(&company.own) {
        // Whoever gives a role must hold what it gives.
        let given = [Permission::TaskRead];
        let pops = (good.body["status"] == "success").then_some(Permission::QueueUse);
        let all = beside(&good).iter().copied().chain([needed(&good)]).chain(given).chain(pops);
        company.grant(all).await;
        let answer = good.send(&company.somebody).await;
        assert_eq!(answer["code"], 0, "{good:?} with {} alone: {answer}", needed(&good));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn departments_are_kept_apart_and_permissions_are_asked_for() {
    walk(TestDatabase::sqlite().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_holds_on_postgresql() {
    walk(TestDatabase::postgres().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialect_that_is_switched_off_is_not_there() {
    let database = TestDatabase::sqlite().unwrap();
    let server = baigong_testkit::TestServer::on(database)
        .settings(|settings| settings.disabled_dialects = ["oapi"][..].into())
        .start()
        .await
        .unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for path in ["/oapi/v1/token?accessKey=admin&secretKey=x", "/oapi/v1/user", "/oapi/v1", "/openapi/oapi.json"] {
        let answer = http.get(format!("{}{path}", server.url())).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.bytes().await.unwrap().len()), (404, 0), "{path}");
    }
}
