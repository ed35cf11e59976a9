//! Credentials, assets, files and folders over the wire: what only these do.

use axum::{body::Body, http::Request};
use baigong_testkit::on_both;
use serde_json::{Value, json};

use crate::{
    fixture::{Fixture, Good},
    server::{Answer, PASSWORD, Server},
};

fn is(answer: &Answer, status: u16, code: &str) -> bool {
    answer.status == status && answer.body["resultCode"] == code
}

/// A department with nothing in it.
async fn department(server: &Server) -> i64 {
    let root = server.get("/api/platform/department/list", json!({})).await["departments"][0]["depId"].clone();
    let new = json!({ "depName": "资源部", "parentId": root });
    server.get("/api/platform/department/create", new).await["depId"].as_i64().unwrap()
}

/// Uploads a file, or changes one.
async fn put(server: &Server, path: &str, body: Value, file: &[u8]) -> Answer {
    let good = Good { path: format!("/api/platform/file/{path}"), body, file: Some(file.to_owned()) };
    server.try_good(&server.token, &good).await
}

async fn create_file(server: &Server, department: i64, more: Value, file: &[u8]) -> i64 {
    let mut body = json!({ "depId": department, "folderPath": "/对账/2026", "fileName": "差异 1.xlsx" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = put(server, "create", body, file).await;
    assert!(is(&answer, 201, "00000"), "{answer:?}");
    answer.body["data"]["fileId"].as_i64().unwrap()
}

/// Fetches what lies at an address, as curl does.
async fn fetch(server: &Server, url: &Value, password: Option<&str>) -> (u16, Vec<u8>) {
    let url = url.as_str().unwrap();
    let path = url.strip_prefix("http://rpa.example:8600").unwrap_or_else(|| panic!("{url}"));
    let mut request = Request::get(path);
    if let Some(password) = password {
        request = request.header("file-password", password.as_bytes());
    }
    let (status, _, body) = server.raw(request.body(Body::empty()).unwrap()).await;
    (status, body.to_vec())
}

#[tokio::test]
async fn a_file_is_fetched_by_its_address_and_in_its_versions() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let department = department(&server).await;
        let id = create_file(&server, department, json!({}), b"one").await;
        let query = async || server.get("/api/platform/file/query", json!({ "fileId": id })).await;
        let first = query().await;
        for (name, value) in [
            ("fileName", json!("差异 1.xlsx")),
            ("folderPath", json!("/对账/2026")),
            ("updateTime", json!("2026-11-21 20:00:00")),
            ("isDeleted", json!(false)),
            ("depId", json!(department)),
            ("version", json!(1)),
        ] {
            assert_eq!(first[name], value, "{first}");
        }
        assert_eq!(fetch(&server, &first["url"], None).await, (200, b"one".to_vec()));
        assert!(is(&put(&server, "update", json!({ "fileId": id }), b"two").await, 200, "00000"));
        assert_eq!(fetch(&server, &query().await["url"], None).await.1, b"two");
        let versions = server.get("/api/platform/file/version/list", json!({ "fileId": id })).await;
        assert_eq!(versions["versions"][0]["version"], 2);
        assert_eq!(fetch(&server, &versions["versions"][1]["url"], None).await.1, b"one");
        let taken = json!({ "depId": department, "folderPath": "对账/2026/", "fileName": "差异 1.xlsx" });
        let taken = put(&server, "create", taken, b"x").await;
        assert!(is(&taken, 409, "10201"), "{taken:?}");
        server.get("/api/platform/file/delete", json!({ "fileId": id })).await;
        let gone = query().await;
        assert_eq!((&gone["isDeleted"], &gone["url"]), (&json!(true), &json!("")));
        assert_eq!(fetch(&server, &first["url"], None).await.0, 404);
        let list = server.get("/api/platform/file/list", json!({ "keyword": "差异" })).await;
        assert_eq!(list["total"], 0);
        let list = server.get("/api/platform/file/list", json!({ "keyword": "差异", "includeDeleted": true })).await;
        assert_eq!(list["files"][0]["fileId"], id);
    })
    .await;
}

#[tokio::test]
async fn an_update_needs_no_file() {
    let server = Server::start().await;
    let department = department(&server).await;
    let id = create_file(&server, department, json!({}), b"one").await;
    let body = format!(
        "--B\r\nContent-Disposition: form-data; name=\"fileId\"\r\n\r\n{id}\r\n--B\r\nContent-Disposition: form-data; name=\"folderPath\"\r\n\r\n/\r\n--B--\r\n"
    );
    let headers =
        [("token", &*server.token), ("version", "1.0.0"), ("content-type", "multipart/form-data; boundary=B")];
    let moved = server.send("/api/platform/file/update", &headers, body).await;
    assert!(is(&moved, 200, "00000"), "{moved:?}");
    let found = server.get("/api/platform/file/query", json!({ "fileId": id })).await;
    assert_eq!((&found["folderPath"], &found["version"]), (&json!("/"), &json!(1)));
    let without = server.send("/api/platform/file/create", &headers, "--B--\r\n".into()).await;
    assert!(is(&without, 400, "10006"), "{without:?}");
}

#[tokio::test]
async fn a_protected_file_wants_its_password() {
    let server = Server::start().await;
    let department = department(&server).await;
    let id = create_file(&server, department, json!({ "filePassword": "芝麻 open" }), b"secret").await;
    let query = async |body: Value| server.call("/api/platform/file/query", &body).await;
    let locked = query(json!({ "fileId": id })).await.body["data"].clone();
    assert_eq!(locked["isProtected"], true);
    assert_eq!(fetch(&server, &locked["url"], None).await.0, 404);
    assert_eq!(fetch(&server, &locked["url"], Some("wrong")).await.0, 404);
    assert_eq!(fetch(&server, &locked["url"], Some("芝麻 open")).await, (200, b"secret".to_vec()));
    let forged = json!(locked["url"].as_str().unwrap().replace("locked-file", "file"));
    assert_eq!(fetch(&server, &forged, None).await.0, 403);
    let wrong = query(json!({ "fileId": id, "filePassword": "wrong" })).await;
    assert!(is(&wrong, 404, "10203"), "{wrong:?}");
    let open = query(json!({ "fileId": id, "filePassword": "芝麻 open" })).await.body["data"].clone();
    assert_eq!(fetch(&server, &open["url"], None).await, (200, b"secret".to_vec()));
    let refused = put(&server, "update", json!({ "fileId": id }), b"x").await;
    assert!(is(&refused, 404, "10203"), "{refused:?}");
    let changed = json!({ "fileId": id, "filePassword": "芝麻 open", "newFilePassword": "" });
    assert!(is(&put(&server, "update", changed, b"y").await, 200, "00000"));
    assert_eq!(query(json!({ "fileId": id })).await.body["data"]["isProtected"], false);
}

#[tokio::test]
async fn no_path_leads_out_of_its_folder() {
    let server = Server::start().await;
    let department = department(&server).await;
    for (path, name) in [
        ("/../etc", "f"),
        ("/a", "../f"),
        ("/a\\b", "f"),
        ("C:\\", "f"),
        ("/a", ".."),
        ("/a//b", "f"),
        ("/a", "a/b"),
        ("/a", " f"),
        ("/a", "f\n"),
    ] {
        let body = json!({ "depId": department, "folderPath": path, "fileName": name });
        let refused = put(&server, "create", body, b"x").await;
        assert!(is(&refused, 400, "10011"), "{path} {name}: {refused:?}");
        let path = json!({ "depId": department, "folderPath": format!("{path}/{name}") });
        let refused = server.call("/api/platform/folder/create", &path).await;
        let is_plain = name == "f" && path["folderPath"] == "/a/f";
        assert!(is_plain || is(&refused, 400, "10011") || name == "a/b", "{path}: {refused:?}");
    }
    assert_eq!(server.get("/api/platform/file/list", json!({})).await["total"], 0);
    for (field, value) in [("folderPath", ""), ("fileName", "")] {
        let mut body = json!({ "depId": department, "folderPath": "/", "fileName": "f" });
        body[field] = value.into();
        let empty = put(&server, "create", body, b"x").await;
        assert!(is(&empty, 400, "10005"), "{field}: {empty:?}");
    }
}

#[tokio::test]
async fn folders_are_made_moved_and_deleted() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let department = department(&server).await;
        create_file(&server, department, json!({}), b"one").await;
        let folder = async |path: &str, body: Value| server.call(&format!("/api/platform/folder/{path}"), &body).await;
        let made = folder("create", json!({ "depId": department, "folderPath": "/归档" })).await;
        assert!(is(&made, 201, "00000"), "{made:?}");
        let list = folder("list", json!({ "depId": department, "keyword": "对账" })).await.body["data"].clone();
        assert_eq!((&list["total"], &list["folders"][0]["folderPath"]), (&json!(1), &json!("/对账")));
        let id = list["folders"][0]["folderId"].clone();
        let moved = folder("move", json!({ "folderId": id, "folderPath": "/归档" })).await;
        assert!(is(&moved, 200, "00000"), "{moved:?}");
        let file = server.get("/api/platform/file/list", json!({})).await;
        assert_eq!(file["files"][0]["folderPath"], "/归档/对账/2026");
        let ring = json!({ "folderId": made.body["data"]["folderId"], "folderPath": "/归档/对账" });
        let ring = folder("move", ring).await;
        assert!(is(&ring, 409, "10009"), "{ring:?}");
        assert_eq!(ring.body["message"], "名称已存在或状态冲突：文件夹不能移动到自身之内。");
        let full = folder("delete", json!({ "folderId": id })).await;
        assert!(is(&full, 409, "10009"), "{full:?}");
        let deleted = folder("delete", json!({ "folderId": id, "recursive": true })).await;
        assert_eq!(deleted.body["data"]["fileCount"], 1, "{deleted:?}");
        let unknown = folder("rename", json!({ "folderId": id, "folderName": "x" })).await;
        assert!(is(&unknown, 404, "10008"), "{unknown:?}");
    })
    .await;
}

#[tokio::test]
async fn passwords_and_secret_assets_are_never_shown_in_clear() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let fixture = Fixture::make(&server).await;
        let credential = json!({
            "depId": fixture.department, "credentialName": "交易柜台", "credentialUsername": "trader",
            "credentialPassword": "hunter2-hunter2", "isGlobal": false, "robotIds": [fixture.robot], "remark": "r",
        });
        let id = server.get("/api/platform/credential/create", credential.clone()).await["credentialId"].clone();
        let again = server.call("/api/platform/credential/create", &credential).await;
        assert!(is(&again, 409, "10009"), "{again:?}");
        let query = async || server.get("/api/platform/credential/query", json!({ "credentialId": id })).await;
        let shown = query().await;
        let expected = json!({
            "credentialName": "交易柜台", "credentialUsername": "trader", "credentialPassword": "******", "isGlobal": false,
            "robotIds": [fixture.robot], "remark": "r", "depId": fixture.department, "isDeleted": false,
        });
        assert_eq!(shown, expected);
        let key = a_public_key();
        let register = json!({ "publicKey": key, "password": PASSWORD });
        let kid = server.get("/api/platform/account/register-key", register).await["kid"].clone();
        let shown = query().await["credentialPassword"].as_str().unwrap().to_owned();
        assert!(shown.starts_with(&format!("sm2:v1:{}:", kid.as_str().unwrap())), "{shown}");
        server.get("/api/platform/account/unregister-key", json!({})).await;
        assert_eq!(query().await["credentialPassword"], "******");
        let asset = json!({
            "depId": fixture.department, "assetName": "密钥", "assetValue": "9f86d081884c7d65", "dataType": 3, "isGlobal": true,
        });
        let asset = server.get("/api/platform/asset/create", asset).await["assetId"].clone();
        let shown = server.get("/api/platform/asset/query", json!({ "assetId": asset })).await;
        assert_eq!((&shown["assetValue"], &shown["dataType"]), (&json!("******"), &json!(3)));
        for row in server.stored().await {
            assert!(!row.contains("hunter2") && !row.contains("9f86d081"), "{row}");
        }
    })
    .await;
}

/// A point of SM2: the base point.
fn a_public_key() -> &'static str {
    "0432c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7\
     bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
}

#[tokio::test]
async fn assets_are_of_their_kind() {
    let server = Server::start().await;
    let department = department(&server).await;
    let create = async |kind: i64, value: &str| {
        let name = format!("a{kind}{value}");
        let body =
            json!({ "depId": department, "assetName": name, "assetValue": value, "dataType": kind, "isGlobal": true });
        server.call("/api/platform/asset/create", &body).await
    };
    for (kind, value) in [(0, "任意"), (1, "True"), (2, "-0.50"), (3, "x")] {
        let made = create(kind, value).await;
        assert!(is(&made, 201, "00000"), "{kind} {value}: {made:?}");
    }
    for (kind, value) in [(1, "yes"), (2, "1,000"), (4, "x"), (-1, "x")] {
        let refused = create(kind, value).await;
        assert!(is(&refused, 400, "10011"), "{kind} {value}: {refused:?}");
    }
    assert!(is(&create(0, "").await, 400, "10005"));
    let list = server.get("/api/platform/asset/list", json!({ "depId": department })).await;
    assert_eq!(list["total"], 4);
    assert!(list["assets"][0].get("assetValue").is_none(), "a list shows no values");
    let id = &list["assets"][1]["assetId"];
    let wrong = json!({ "assetId": id, "assetValue": "maybe" });
    assert!(is(&server.call("/api/platform/asset/update", &wrong).await, 400, "10011"));
    server.get("/api/platform/asset/update", json!({ "assetId": id, "assetValue": "FALSE", "remark": "7" })).await;
    let shown = server.get("/api/platform/asset/query", json!({ "assetId": id })).await;
    assert_eq!((&shown["assetValue"], &shown["remark"], &shown["dataType"]), (&json!("false"), &json!("7"), &json!(1)));
    server.get("/api/platform/asset/delete", json!({ "assetId": id })).await;
    assert!(is(&server.call("/api/platform/asset/delete", &json!({ "assetId": id })).await, 404, "10008"));
    assert_eq!(server.get("/api/platform/asset/query", json!({ "assetId": id })).await["isDeleted"], true);
}
