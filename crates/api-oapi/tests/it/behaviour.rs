//! What single operations do beyond the contract.

use baigong_core::{accounts, applications};
use baigong_testkit::PASSWORD;
use serde_json::{Value, json};

use crate::{
    fixture::Things,
    server::{Server, Signer, on_both},
};

fn page() -> Value {
    json!({ "page": 1, "size": 100 })
}

/// The rows of a list.
async fn rows(signer: &Signer, path: &str, query: Value) -> Vec<Value> {
    signer.ok("GET", path, query).await["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_come_for_whoever_a_login_names_and_for_key_pairs() {
    on_both(async |server| {
        let admin = &server.admin;
        let operator = rows(admin, "/oapi/v1/role/list", json!({ "page": 1, "size": 10, "roleName": "operator" })).await;
        let new = json!({
            "userName": "chen1", "userAlias": "陈", "roleId": operator[0]["id"].to_string(), "orgCode": "1", "userPassword": "initial-Passw0rd",
            "phone": "13800000009", "email": "chen@example.com", "description": "永久",
        });
        admin.ok("POST", "/oapi/v1/user", new).await;
        for login in ["chen1", "13800000009", "chen@example.com"] {
            server.sign_in(login, "initial-Passw0rd").await;
        }
        let wrong = admin.token(&[("accessKey", "chen1"), ("secretKey", "wrong")]).await;
        assert_eq!((&wrong["code"], wrong.get("result")), (&json!(4006), None), "{wrong}");
        assert_eq!(admin.token(&[("accessKey", "nobody"), ("secretKey", "x")]).await["code"], 4006);
        assert_eq!(admin.token(&[("refreshToken", "made up")]).await["code"], 4007);
        for empty in [[("accessKey", ""), ("secretKey", "x")], [("accessKey", "chen1"), ("secretKey", "")]] {
            assert_eq!(admin.token(&empty).await["code"], 4001, "{empty:?}");
        }
        assert_eq!(admin.token(&[("refreshToken", "")]).await["code"], 4001);
        let beside = [("accessKey", "chen1"), ("secretKey", "initial-Passw0rd"), ("refreshToken", "")];
        assert_eq!(admin.token(&beside).await["code"], 0, "what is empty is not given");
        let platform = server.whole.platform();
        let owner = accounts::caller_of(platform, 1).await.unwrap();
        let new = applications::NewApplication { department_id: None, name: "scripts".into(), description: None };
        let (_, pair) = applications::create(platform, &owner, new).await.unwrap();
        let scripts = server.sign_in(&pair.access_key_id, pair.secret.expose()).await;
        assert!(!rows(&scripts, "/oapi/v1/user", page()).await.is_empty());
        let wrong = admin.token(&[("accessKey", &pair.access_key_id), ("secretKey", "x")]).await;
        assert_eq!(wrong["code"], 4006, "{wrong}");
        let next = scripts.token(&[("refreshToken", &scripts.refresh)]).await;
        assert_eq!((&next["code"], &next["result"]["expires_in"]), (&json!(0), &json!(1_800_000)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_changed_whole_and_their_old_password_is_asked_for_where_it_is_given() {
    let server = Server::start().await;
    let (north, south) =
        (Things::below_root(&server.tsac, "north").await, Things::below_root(&server.tsac, "south").await);
    let admin = &server.admin;
    let change = |more: Value| {
        let mut body = json!({
            "userName": north.named("li"), "roleId": north.role.to_string(), "orgCode": north.department.to_string(), "id": north.employee,
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let put = async |more: Value| admin.call("PUT", "/oapi/v1/user", change(more)).await["code"].as_i64().unwrap();
    assert_eq!(put(json!({ "lodePass": "wrong", "newPass": "another-Passw0rd" })).await, 4006);
    assert_eq!(put(json!({ "lodePass": "initial-Passw0rd", "newPass": "another-Passw0rd" })).await, 0);
    server.sign_in(&north.named("li"), "another-Passw0rd").await;
    assert_eq!(put(json!({ "oldPass": "another-Passw0rd", "newPass": "third-Passw0rd" })).await, 0, "spelt evidently");
    assert_eq!(
        put(json!({ "orgCode": south.department.to_string(), "userAlias": "李四", "description": "x" })).await,
        0
    );
    assert_eq!(put(json!({ "roleId": "999" })).await, 10002);
    assert_eq!(put(json!({ "orgCode": "nowhere" })).await, 10002);
    let user = rows(admin, "/oapi/v1/user", json!({ "page": 1, "size": 1, "userName": "li-north" })).await.remove(0);
    assert_eq!((&user["userAlias"], &user["description"]), (&json!("李四"), &json!("x")));
    assert_eq!(user["orgCode"], format!("-1-{}-", south.department), "what was refused changed nothing");
    let text = user.to_string();
    assert!(!text.contains("Passw0rd") && !text.contains("argon2"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn departments_have_the_codes_of_all_above_them() {
    on_both(async |server| {
        let admin = &server.admin;
        let add = async |code: &str, parent: &str, name: &str| {
            let body = json!({ "curCode": code, "parentOrgCode": parent, "curName": name, "orgPos": 12 });
            admin.call("POST", "/oapi/v1/orgDef/addOrg", body).await["code"].as_i64().unwrap()
        };
        assert_eq!(add("010", "", "中国").await, 0);
        assert_eq!(add("025", "-1-010-", "江苏").await, 0);
        assert_eq!(add("12", "025", "南京").await, 0);
        assert_eq!(add("12", "025", "twin").await, 10003);
        let list = rows(admin, "/oapi/v1/orgDef/list", page()).await;
        let last = list.iter().find(|it| it["curName"] == "南京").unwrap();
        assert_eq!(
            (&last["orgCode"], &last["curCode"], &last["orgPos"]),
            (&json!("-1-010-025-12-"), &json!("-12-"), &json!(12))
        );
        assert_eq!((&last["parentOrgCode"], &last["parentOrgName"]), (&json!("-1-010-025-"), &json!("江苏")));
        let made = last["createTime"].as_str().unwrap().to_owned();
        assert!(made >= server.at(-1) && made <= server.at(0), "{made}");
        server.clock.advance(2000);
        admin.ok("PUT", "/oapi/v1/orgDef/editOrgDef", json!({ "id": last["id"], "curName": "苏州" })).await;
        let list = rows(admin, "/oapi/v1/orgDef/list", page()).await;
        let last = list.iter().find(|it| it["curName"] == "苏州").unwrap();
        assert_eq!(last["orgPos"], 12);
        assert!(last["modifyTime"].as_str().unwrap() > made.as_str(), "{last}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn designers_are_agents_of_their_own_that_run_nothing() {
    let server = Server::start().await;
    let it = Things::below_root(&server.tsac, "north").await;
    let admin = &server.admin;
    let (robots, studios) = (rows(admin, "/oapi/v1/robot", page()).await, rows(admin, "/oapi/v1/studio", page()).await);
    let ids = |rows: &[Value]| rows.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!((ids(&robots), ids(&studios)), (vec![it.robot.to_string()], vec![it.studio.to_string()]));
    assert_eq!((&studios[0]["agentType"], &studios[0]["agentTypeName"]), (&json!(2), &json!("studio")));
    assert_eq!((&robots[0]["dataStatus"], &robots[0]["agentTypeName"]), (&json!("unbound"), &json!("robot")));
    let rename = json!({ "id": it.studio.to_string(), "studioAlias": "coleus", "robotAlias": "coleus" });
    assert_eq!(admin.call("PUT", "/oapi/v1/robot", rename.clone()).await["code"], 10002, "it is no robot");
    admin.ok("PUT", "/oapi/v1/studio", rename).await;
    assert_eq!(rows(admin, "/oapi/v1/studio", page()).await[0]["agentAlias"], "coleus");
    let group = json!({ "depId": it.department, "robotGroupName": "designers" });
    let group = server.tsac.create("robot-group/create", "robotGroupId", group).await.unwrap();
    let append = json!({ "robotGroupId": group, "robotIds": [it.studio] });
    assert_eq!(server.tsac.call("robot-group/append", append).await.unwrap().status, 404);
    let listed = server.tsac.data("robot/list", json!({})).await.unwrap();
    assert_eq!(listed["total"], 1, "the standard's interface lists no designer among its robots");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_tasks_under_their_printed_states() {
    on_both(async |server| {
        let it = Things::below_root(&server.tsac, "north").await;
        let admin = &server.admin;
        let jobs = async || rows(admin, "/oapi/v1/job", json!({ "id": it.process, "page": 1, "size": 10 })).await;
        let states =
            |jobs: &[Value]| jobs.iter().map(|it| it["STATUS"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(states(&jobs().await), ["cancelled", "cancelled", "pending"]);
        let call = async |method: &str, path: &str, id: Value| {
            admin.call(method, &format!("/oapi/v1/{path}"), json!({ "id": id })).await["code"].as_i64().unwrap()
        };
        assert_eq!(call("POST", "job/retry", it.task.into()).await, 10003, "it has not ended");
        assert_eq!(call("DELETE", "job", it.task.into()).await, 10003, "it has not ended");
        assert_eq!(call("POST", "job/retry", it.ended[0].to_string().into()).await, 0);
        assert_eq!(call("POST", "job/create", it.trigger.into()).await, 0);
        assert_eq!(call("DELETE", "job", it.ended[1].into()).await, 0);
        assert_eq!(call("POST", "job/retry", it.ended[1].into()).await, 10002, "it is deleted");
        assert_eq!(call("POST", "job/stop", it.task.into()).await, 0);
        assert_eq!(call("POST", "job/stop", it.task.into()).await, 10003);
        let jobs = jobs().await;
        assert_eq!(states(&jobs), ["pending", "pending", "cancelled", "cancelled"]);
        let newest = &jobs[0];
        assert_eq!((&newest["PRODUCE_TYPE"], &newest["JOB_TYPE"]), (&json!("手工执行"), &json!("admin")));
        assert_eq!(newest["PROC_FILE"], "1.0_package-north.zip");
        assert_eq!(newest["EXEC_ROBOTS_ALIAS"], "-robot-north-");
        let gone = server.tsac.data("task/query", json!({ "taskId": it.ended[1] })).await;
        assert!(gone.is_ok(), "what is known of it stays");
        let versions =
            rows(admin, "/oapi/v1/process/version", json!({ "page": 1, "size": 10, "procId": it.process })).await;
        assert_eq!((&versions[0]["isActivity"], versions.len()), (&json!(true), 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_never_leaves_in_clear_and_whoever_reads_a_variable_is_written_down() {
    on_both(async |server| {
        let it = Things::below_root(&server.tsac, "north").await;
        let admin = &server.admin;
        let new = json!({ "robotsNo": it.named("robot"), "assetName": "pin", "assetValue": "hunter2-CANARY", "assetType": "password" });
        admin.ok("POST", "/oapi/v1/asset", new).await;
        let both = json!({ "page": 1, "size": 10, "assetName": "" });
        let list = admin.ok("POST", "/oapi/v1/asset/list", both).await;
        assert!(!list.to_string().contains("CANARY"), "{list}");
        let pin = list["items"].as_array().unwrap().iter().find(|it| it["assetName"] == "pin").unwrap().clone();
        assert_eq!((&pin["assetValue"], &pin["assetType"], &pin["robotNo"]), (&json!("******"), &json!("passwd"), &json!(it.robot.to_string())));
        admin.ok("PUT", "/oapi/v1/asset", json!({ "assetName": "pin", "assetValue": "other-CANARY" })).await;
        let log = async |query: Value| {
            let mut query = query;
            (query["page"], query["size"]) = (1.into(), 10.into());
            let log = rows(admin, "/oapi/v1/asset/vlog", query).await;
            assert!(!format!("{log:?}").contains("CANARY"));
            log.iter().map(|it| it["vlogActionName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(log(json!({ "assetId": "pin" })).await, ["edit", "create"], "nobody has seen its value");
        assert_eq!(log(json!({ "assetId": it.named("rate") })).await, ["read", "create"]);
        assert_eq!(log(json!({ "assetId": it.asset.to_string(), "action": "read" })).await, ["read"]);
        server.tsac.data("asset/query", json!({ "assetId": it.asset })).await.unwrap();
        assert_eq!(log(json!({ "assetId": it.asset.to_string(), "action": "read" })).await, ["read", "read"]);
        assert_eq!(log(json!({ "assetId": it.asset.to_string(), "to": server.at(-60) })).await, [""; 0]);
        let today = &server.at(0)[..10];
        let all = json!({ "assetId": it.asset.to_string(), "from": today, "to": today });
        assert_eq!(log(all).await, ["read", "read", "create"], "a day is all of it");
        let wrong = json!({ "assetId": it.asset.to_string(), "action": "look", "page": 1, "size": 1 });
        assert_eq!(admin.call("GET", "/oapi/v1/asset/vlog", wrong).await["code"], 4002);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shared_files_are_files_of_everyone_else_too() {
    let server = Server::start().await;
    let it = Things::below_root(&server.tsac, "north").await;
    let (admin, path) = (&server.admin, "/oapi/v1/share/file");
    let upload = async |overwrite: &str, bytes: &[u8]| {
        let texts = json!({ "userId": it.employee, "isOverwrite": overwrite, "fileTag": "a,b" });
        admin.upload(path, &texts, ("../对账.txt", bytes)).await["code"].as_i64().unwrap()
    };
    assert_eq!(upload("no", b"one").await, 0);
    assert_eq!(upload("no", b"two").await, 10003);
    assert_eq!(upload("maybe", b"two").await, 4002);
    assert_eq!(upload("yes", b"two").await, 0);
    let download = json!({ "fileName": "对账.txt", "userId": it.employee });
    assert_eq!(admin.ok("GET", "/oapi/v1/share/file/download", download.clone()).await, "two");
    let list = rows(admin, path, json!({ "page": 1, "size": 10, "userId": it.employee })).await;
    let file = list.iter().find(|it| it["fileName"] == "对账.txt").unwrap();
    assert_eq!((&file["fileSize"], &file["fileTag"]), (&json!("3B"), &json!("a,b")));
    assert_eq!(file["fileAllPath"], format!("/share/{}/对账.txt", it.employee));
    let theirs = server.tsac.data("file/list", json!({ "depId": it.department })).await.unwrap().to_string();
    assert!(theirs.contains("对账.txt"), "{theirs}");
    admin.ok("DELETE", path, json!({ "id": file["fileId"] })).await;
    assert_eq!(admin.call("GET", "/oapi/v1/share/file/download", download).await["code"], 10001);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_account_is_told_so() {
    let server = Server::start().await;
    let mut last = Value::Null;
    for _ in 0..6 {
        last = server.admin.token(&[("accessKey", "admin"), ("secretKey", "wrong")]).await;
        assert_eq!(last["code"], 4006);
    }
    assert!(last["msg"].as_str().unwrap().contains("锁定"), "{last}");
    assert_eq!(server.admin.token(&[("accessKey", "admin"), ("secretKey", PASSWORD)]).await["code"], 4006);
}
