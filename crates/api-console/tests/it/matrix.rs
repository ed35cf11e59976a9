//! Who may do what: every operation with nobody's token, with every permission but its own, about another department's
//! things, and with exactly its permission. What is needed is checked in as text.

use std::{collections::BTreeMap, fs, path::PathBuf};

use baigong_api_console::table;
use baigong_api_kit::Access;
use baigong_model::Permission;
use serde_json::{Value, json};

use crate::server::Server;

fn needed(access: Access) -> String {
    match access {
        Access::Open => "open".to_owned(),
        Access::Known => "known".to_owned(),
        Access::With(permission) => permission.to_string(),
    }
}

#[test]
fn the_matrix_that_is_checked_in_is_up_to_date() {
    let table = table();
    let rows = table.operations().map(|it| format!("{:6} {:60} {}\n", it.method.as_str(), it.path, needed(it.access)));
    let matrix: String = rows.collect();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/contract/permission-matrix.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &matrix).unwrap();
    }
    let checked_in = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == matrix,
        "tests/contract/permission-matrix.txt is not what the table says:\n    \
         UPDATE=1 cargo test -p baigong-api-console --test it matrix"
    );
}

/// A thing of each kind in a department.
struct Things {
    department: i64,
    application: Value,
    robot: i64,
    scene: Value,
    bridge: Value,
}

impl Things {
    async fn make(server: &Server, name: &str) -> Self {
        let department = server.department(name).await;
        let new = json!({ "name": name, "departmentId": department });
        let application = server.get("POST", "/api/console/applications", new).await["id"].clone();
        let robot = server.robot(department, name).await;
        let scenes = format!("/api/console/robots/{robot}/scenes");
        let scene = server.get("POST", &scenes, json!({ "name": "second" })).await["id"].clone();
        let new = json!({
            "name": name, "kind": "robot", "url": "http://127.0.0.1:9", "secret": "s", "departmentId": department,
        });
        let bridge = server.get("POST", "/api/console/bridges", new).await["id"].clone();
        Self { department, application, robot, scene, bridge }
    }

    /// A request of each operation that names them.
    fn goods(&self) -> BTreeMap<(&'static str, &'static str), (String, Value)> {
        let (department, robot) = (self.department, self.robot);
        let bodies: [(&str, &str, Value); 23] = [
            ("POST", "/api/console/applications", json!({ "name": "new", "departmentId": department })),
            ("GET", "/api/console/applications", Value::Null),
            ("GET", "/api/console/applications/{id}", Value::Null),
            ("PUT", "/api/console/applications/{id}", json!({ "description": "x" })),
            ("POST", "/api/console/applications/{id}/rotate", json!({})),
            ("PUT", "/api/console/applications/{id}/robots", json!({ "robotIds": [robot] })),
            (
                "PUT",
                "/api/console/applications/{id}/scopes",
                json!({ "permissions": ["application:write"], "departmentIds": [department] }),
            ),
            ("PUT", "/api/console/applications/{id}/addresses", json!({ "allowed": [], "denied": [] })),
            ("DELETE", "/api/console/applications/{id}", Value::Null),
            ("POST", "/api/console/robots/{robotId}/scenes", json!({ "name": "third" })),
            ("DELETE", "/api/console/robots/{robotId}/scenes/{id}", Value::Null),
            (
                "POST",
                "/api/console/bridges",
                json!({ "name": "n", "kind": "robot", "url": "http://127.0.0.1:9", "secret": "s", "departmentId": department }),
            ),
            ("GET", "/api/console/bridges", Value::Null),
            ("GET", "/api/console/bridges/{id}", Value::Null),
            ("PUT", "/api/console/bridges/{id}", json!({ "isActive": true })),
            ("POST", "/api/console/bridges/{id}/look-again", json!({})),
            ("GET", "/api/console/bridges/{id}/processes", Value::Null),
            ("GET", "/api/console/bridges/{id}/robots", Value::Null),
            ("GET", "/api/console/bridges/{id}/tasks", Value::Null),
            ("DELETE", "/api/console/bridges/{id}", Value::Null),
            ("POST", "/api/console/me/open-api-token", json!({})),
            ("GET", "/api/console/me", Value::Null),
            ("POST", "/api/console/logout", json!({})),
        ];
        let filled = |path: &str| {
            let id = match path {
                path if path.contains("/bridges/") => &self.bridge,
                path if path.contains("/scenes/") => &self.scene,
                _ => &self.application,
            };
            path.replace("{robotId}", &robot.to_string()).replace("{id}", &id.to_string())
        };
        bodies.into_iter().map(|(method, path, body)| ((method, path), (filled(path), body))).collect()
    }
}

/// Operations that name no thing of a department, or answer a list of what is seen.
const WITHOUT_THINGS: [&str; 4] =
    ["/api/console/me", "/api/console/me/open-api-token", "/api/console/logout", "/api/console/login"];

#[tokio::test]
async fn every_operation_asks_for_its_permission_and_hides_other_departments() {
    let server = Server::start().await;
    let (mine, others) = (Things::make(&server, "mine").await, Things::make(&server, "others").await);
    let (goods, foreign) = (mine.goods(), others.goods());
    let mut tried = 0;
    let table = table();
    for operation in table.operations() {
        let Access::With(permission) = operation.access else { continue };
        let (method, path) = (operation.method.as_str().to_owned(), operation.path);
        if path.contains("{foreignId}") {
            continue;
        }
        let key = goods.keys().find(|(known, at)| *known == method && *at == path);
        let key = key.unwrap_or_else(|| panic!("{method} {path} needs a good request in this test"));
        let (good, body) = &goods[key];
        let nobody = server.send(&method, good, &[], body.to_string()).await;
        assert_eq!(nobody.status, 401, "{method} {path}");
        let name = format!("user{tried}");
        let all = Permission::ALL.iter().map(|it| it.as_str());
        let but: Vec<&str> = all.filter(|word| *word != permission.as_str()).collect();
        let without = server.user(&format!("{name} without"), mine.department, &but).await;
        let refused = server.call_as(&without, &method, good, body).await;
        assert_eq!(refused.status, 403, "{method} {path} without {permission}: {refused:?}");
        let with = server.user(&name, mine.department, &[permission.as_str()]).await;
        let names_a_thing = path.contains('{') || method == "POST";
        if names_a_thing && !WITHOUT_THINGS.contains(&path) {
            let (foreign, body) = &foreign[key];
            let hidden = server.call_as(&with, &method, foreign, body).await;
            assert_eq!(hidden.status, 404, "{method} {path} about another department: {hidden:?}");
        } else {
            let listed = server.call_as(&with, &method, good, body).await;
            assert_eq!(listed.body["total"], 1, "{method} {path} lists another department's: {listed:?}");
        }
        tried += 1;
    }
    assert!(tried > 15, "only {tried} operations were tried");
}

#[tokio::test]
async fn with_exactly_its_permission_everything_works() {
    let server = Server::start().await;
    let mine = Things::make(&server, "mine").await;
    let goods = mine.goods();
    let order = |method: &str| if method == "DELETE" { 1 } else { 0 };
    let mut operations: Vec<_> = goods.iter().collect();
    operations.sort_by_key(|((method, path), _)| (order(method), path.contains("logout"), *path));
    for (index, ((method, path), (good, body))) in operations.into_iter().enumerate() {
        let table = table();
        let operation = table.operations().find(|it| it.method.as_str() == *method && it.path == *path).unwrap();
        let Access::With(permission) = operation.access else { continue };
        let mut permissions = vec![permission.as_str()];
        // Who says which robots it lists must see them, and who uses a bridge's scopes must hold what is given.
        if path.contains("/robots") && !path.contains("bridges") {
            permissions.push("robot:read");
        }
        let token = server.user(&format!("user {index}"), mine.department, &permissions).await;
        let answer = server.call_as(&token, method, good, body).await;
        assert!((200..300).contains(&answer.status), "{method} {good} with {permissions:?}: {answer:?}");
    }
}
