//! Every row of the printed contract, the signatures in both versions, the printed messages, and who sees what.

use std::{collections::BTreeSet, sync::Arc};

use axum::{Router, body::Body, http::Request};
use baigong_api_kit::Access;
use baigong_api_km::table;
use baigong_core::{
    Caller, Config, Platform, accounts, applications, bootstrap, departments, employees, machines, open_api_tokens,
    robot_scenes, robots, roles,
};
use baigong_model::{ManualClock, Secret, SeededRandom};
use baigong_protocol::km_signature::Signed;
use baigong_testkit::TestDatabase;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

const NOW: i64 = 1_795_262_400_000;
const PASSWORD: &str = "correct horse battery staple";
const ADMIN: &str = "admin@baigong.local";

struct Server {
    platform: Platform,
    clock: Arc<ManualClock>,
    admin: Caller,
    /// The administrator's open API token.
    token: String,
    key: String,
    robot: i64,
    router: Router,
    _folder: TempDir,
    _database: TestDatabase,
}

impl Server {
    async fn start(database: TestDatabase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(NOW));
        let mut config = Config::new(folder.path().to_owned());
        config.database.url = database.url().to_owned();
        let platform =
            Platform::open(config, clock.clone(), Arc::new(SeededRandom::new(7)), Arc::default()).await.unwrap();
        bootstrap::bootstrap(&platform, Some(Secret::new(PASSWORD.to_owned()))).await.unwrap();
        let admin = accounts::caller_of(&platform, 1).await.unwrap();
        let token = open_api_tokens::of_caller(&platform, &admin, false).await.unwrap().token.expose().clone();
        let robot = robot(&platform, &admin, 1, "对账机器人").await;
        robot_scenes::create(&platform, &admin, robot, ("场景2", Some("月末".into()))).await.unwrap();
        let new = applications::NewApplication {
            department_id: None,
            name: "orders".into(),
            description: Some("222".into()),
        };
        let (id, key) = applications::create(&platform, &admin, new).await.unwrap();
        applications::set_robots(&platform, &admin, id, vec![robot]).await.unwrap();
        let router = table().router(&platform);
        let key = key.access_key_id;
        Self { platform, clock, admin, token, key, robot, router, _folder: folder, _database: database }
    }

    async fn raw(&self, path: &str) -> (u16, Value) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {body:?}")))
    }

    /// A signed request of the administrator.
    async fn get(&self, path: &str, query: &str) -> Value {
        let (status, body) = self.raw(&signed(path, query, ADMIN, &self.token, self.clock_seconds())).await;
        assert_eq!(status, 200, "{path} {query}: {body}");
        body
    }

    fn clock_seconds(&self) -> i64 {
        self.platform.now() / 1000
    }
}

async fn robot(platform: &Platform, admin: &Caller, department_id: i64, name: &str) -> i64 {
    let machine = machines::NewMachine { name: format!("machine of {name}"), remark: None };
    let machine_id = machines::create(platform, admin, machine).await.unwrap();
    let new = robots::NewRobot {
        department_id,
        name: name.into(),
        robot_type: 0,
        machine_id,
        machine_name: "PC-01".into(),
        machine_username: "robot".into(),
        machine_password: None,
        remark: None,
        desktop_type: None,
        resolution_width: None,
        resolution_height: None,
        resolution_depth: None,
        is_auto_unlock_enabled: None,
        log_level: None,
        max_tasks: None,
    };
    robots::create(platform, admin, new).await.unwrap().id
}

fn signed(path: &str, query: &str, email: &str, token: &str, timestamp: i64) -> String {
    let timestamp = timestamp.to_string();
    let sign = Signed { email, timestamp: &timestamp, nonce: None }.sign(token);
    format!("{path}?email={email}&timestamp={timestamp}&sign={sign}{query}")
}

fn signed_v2(path: &str, token: &str, timestamp: i64, nonce: &str) -> String {
    let timestamp = timestamp.to_string();
    let sign = Signed { email: ADMIN, timestamp: &timestamp, nonce: Some(nonce) }.sign(token);
    format!("{path}?email={ADMIN}&timestamp={timestamp}&sign={sign}&nonce={nonce}&sign_version=v2")
}

async fn both() -> [Server; 2] {
    [Server::start(TestDatabase::sqlite().unwrap()).await, Server::start(TestDatabase::postgres().unwrap()).await]
}

/// Whether what is printed as `data[].appRobotResponseList[].robotId` is there.
fn has(value: &Value, printed: &str) -> bool {
    let Some((name, rest)) = printed.split_once('.').map(|(name, rest)| (name, Some(rest))).or(Some((printed, None)))
    else {
        return false;
    };
    let (name, is_list) = name.strip_suffix("[]").map_or((name, false), |name| (name, true));
    let Some(inner) = value.get(name) else { return false };
    let Some(rest) = rest else { return true };
    match is_list {
        true => inner.as_array().is_some_and(|rows| !rows.is_empty() && rows.iter().all(|row| has(row, rest))),
        false => has(inner, rest),
    }
}

#[tokio::test]
async fn every_printed_field_of_every_row_is_answered() {
    let contract: Value = serde_json::from_str(include_str!("../contract/km.json")).unwrap();
    let served: BTreeSet<_> = table().operations().map(|it| (it.method.to_string(), it.path)).collect();
    for server in both().await {
        for row in contract.as_array().unwrap() {
            let (method, path) = (row["method"].as_str().unwrap(), row["path"].as_str().unwrap());
            assert!(served.contains(&(method.to_owned(), path)), "{method} {path} is not served");
            let query = format!("&appID={}&pageNum=1&pageSize=10", server.key);
            let answer = server.get(path, &query).await;
            assert_eq!((&answer["code"], &answer["message"]), (&json!(200), &json!("OK")), "{answer}");
            for printed in row["returns"].as_array().unwrap() {
                let printed = printed.as_str().unwrap();
                assert!(has(&answer, printed), "{path} does not answer {printed}: {answer}");
            }
        }
    }
}

#[tokio::test]
async fn applications_and_robots_are_as_printed() {
    let server = Server::start(TestDatabase::sqlite().unwrap()).await;
    let apps = server.get("/api/v1/apps", "").await;
    let app = &apps["data"][0];
    assert_eq!(
        *app,
        json!({
            "id": 1, "name": "orders", "description": "222", "createTime": "2026-11-21 20:00:00", "companyId": 1,
            "accessKeyId": server.key, "accessKeySecret": "******",
            "appRobotResponseList": [{ "robotId": server.robot, "robotName": "对账机器人" }],
        })
    );
    let robots = server.get("/api/v1/robots", &format!("&appID={}", server.key)).await;
    assert_eq!(robots["paging"], json!({ "pageNum": 1, "pageSize": 1, "total": 1 }));
    let channels = &robots["data"][0]["channelList"];
    assert_eq!((&channels[0]["name"], &channels[0]["type"]), (&json!("系统默认场景"), &json!(1)));
    assert_eq!((&channels[1]["name"], &channels[1]["type"]), (&json!("场景2"), &json!(2)));
    assert!(channels[0]["robotId"] == server.robot && channels[0]["id"] != channels[1]["id"]);
    let none = server.get("/api/v1/robots", "&appID=nobody").await;
    assert_eq!((&none["code"], &none["message"]), (&json!(400), &json!("The ID has no corresponding application")));
    let mistyped = server.get("/api/v1/apps", "&pageNum=one").await;
    let message = "Failed to convert value of type 'java.lang.String' to required type 'int';";
    assert_eq!((&mistyped["code"], &mistyped["message"]), (&json!(400), &json!(message)));
}

#[tokio::test]
async fn lists_come_in_pages() {
    let server = Server::start(TestDatabase::sqlite().unwrap()).await;
    for name in ["b", "c"] {
        let new = applications::NewApplication { name: name.into(), ..Default::default() };
        applications::create(&server.platform, &server.admin, new).await.unwrap();
    }
    let second = server.get("/api/v1/apps", "&pageNum=2&pageSize=2").await;
    assert_eq!((second["data"].as_array().unwrap().len(), &second["data"][0]["name"]), (1, &json!("c")));
    assert_eq!(second["paging"], json!({ "pageNum": 2, "pageSize": 2, "total": 3 }));
    let more = robot(&server.platform, &server.admin, 1, "another").await;
    applications::set_robots(&server.platform, &server.admin, 1, vec![server.robot, more]).await.unwrap();
    let second = server.get("/api/v1/robots", &format!("&appID={}&pageNum=2&pageSize=1", server.key)).await;
    assert_eq!((&second["data"][0]["id"], &second["paging"]["total"]), (&json!(more), &json!(2)));
}

#[tokio::test]
async fn signatures_are_good_for_a_time_and_nonces_once() {
    for server in both().await {
        let (apps, now) = ("/api/v1/apps", server.clock_seconds());
        let v2 = signed_v2(apps, &server.token, now, "n-1");
        assert_eq!(server.raw(&v2).await.1["code"], 200);
        let again = server.raw(&v2).await.1;
        assert_eq!((&again["code"], &again["message"]), (&json!(400), &json!("nonce was used before")));
        assert_eq!(server.raw(&signed_v2(apps, &server.token, now, "n-2")).await.1["code"], 200);
        let v1 = signed(apps, "", ADMIN, &server.token, now);
        for _ in 0..2 {
            assert_eq!(server.raw(&v1).await.1["code"], 200, "version 1 has no nonce");
        }
        server.clock.advance(301_000);
        let late = server.raw(&v1).await.1;
        assert!(late["code"] == 400 && late["message"].as_str().unwrap().contains("timestamp"), "{late}");
        let early = signed(apps, "", ADMIN, &server.token, server.clock_seconds() + 301);
        assert_eq!(server.raw(&early).await.1["code"], 400);
    }
}

#[tokio::test]
async fn what_is_not_signed_as_it_should_be_is_refused_and_told() {
    let server = Server::start(TestDatabase::sqlite().unwrap()).await;
    let now = server.clock_seconds();
    let good = signed("/api/v1/apps", "", ADMIN, &server.token, now);
    let sign = good.rsplit_once("sign=").unwrap().1;
    let cases = [
        ("/api/v1/apps".to_owned(), "Required parameter 'email' is not present"),
        (format!("/api/v1/apps?email={ADMIN}"), "Required parameter 'timestamp' is not present"),
        (format!("/api/v1/apps?email={ADMIN}&timestamp={now}&sign="), "Required parameter 'sign' is not present"),
        (format!("/api/v1/apps?email={ADMIN}&timestamp=now&sign={sign}"), "timestamp"),
        (format!("/api/v1/apps?email={ADMIN}&timestamp=99999999999999999999&sign={sign}"), "timestamp"),
        (format!("/api/v1/apps?email=nobody@x&timestamp={now}&sign={sign}"), "sign is wrong"),
        (format!("/api/v1/apps?email={ADMIN}&timestamp={now}&sign={}", &sign[1..]), "sign is wrong"),
        (format!("/api/v1/apps?email={ADMIN}&timestamp={now}&sign={}", "0".repeat(50_000)), "sign is wrong"),
        (format!("{good}&email=other"), "stands twice"),
        (format!("{good}&sign_version=v3"), "sign_version must be v2"),
        (format!("{good}&sign_version=v2"), "Required parameter 'nonce' is not present"),
        (format!("{good}&sign_version=v2&nonce={}", "n".repeat(200)), "sign is wrong"),
        (format!("{good}&pageSize=0"), "pageSize"),
        (signed("/api/v1/robots", "", ADMIN, &server.token, now), "Required parameter 'appID' is not present"),
    ];
    for (path, message) in cases {
        let (status, body) = server.raw(&path).await;
        assert_eq!((status, &body["code"]), (200, &json!(400)), "{path:.200}: {body}");
        assert!(body["message"].as_str().unwrap().contains(message), "{path:.200}: {body}");
    }
    assert_eq!(server.raw("/api/v1/nothing").await.0, 404);
}

#[tokio::test]
async fn everybody_sees_their_own_departments_only() {
    let matrix: Vec<_> = table().operations().map(|it| (it.path, it.access)).collect();
    let permission = baigong_model::Permission::ApplicationRead;
    assert!(matrix.iter().all(|(_, access)| *access == Access::With(permission)), "{matrix:?}");
    for server in both().await {
        let new = departments::NewDepartment { name: "north".into(), parent_id: 1 };
        let north = departments::create(&server.platform, &server.admin, new).await.unwrap();
        for (name, permissions) in [("reader", vec!["application:read"]), ("clerk", vec!["task:read"])] {
            let role = roles::RoleInput {
                name: Some(name.into()),
                permissions: Some(permissions.iter().map(|it| (*it).to_owned()).collect()),
                data_scope: Some("department".into()),
                ..Default::default()
            };
            let role = roles::create(&server.platform, &server.admin, role).await.unwrap();
            let user = employees::NewEmployee {
                name: name.into(),
                username: name.into(),
                password: Secret::new(PASSWORD.into()),
                department_id: north,
                email: Some(format!("{name}@baigong.local")),
                mobile: None,
                role_id: Some(role),
                remark: None,
            };
            let user = employees::create(&server.platform, &server.admin, user).await.unwrap();
            let caller = accounts::caller_of(&server.platform, user).await.unwrap();
            let told = open_api_tokens::of_caller(&server.platform, &caller, false).await.unwrap();
            let ask = async |path: &str, query: &str| {
                let path = signed(path, query, &told.email, told.token.expose(), server.clock_seconds());
                server.raw(&path).await.1
            };
            let (apps, robots) =
                (ask("/api/v1/apps", "").await, ask("/api/v1/robots", &format!("&appID={}", server.key)).await);
            if name == "clerk" {
                assert!(
                    apps["code"] == 400 && apps["message"].as_str().unwrap().contains("application:read"),
                    "{apps}"
                );
                assert_eq!(robots["code"], 400);
            } else {
                assert_eq!((&apps["code"], &apps["paging"]["total"]), (&json!(200), &json!(0)));
                assert_eq!(robots["message"], "The ID has no corresponding application");
            }
        }
    }
}
