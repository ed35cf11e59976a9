//! The file center and the operation log, as their examples send and show them.

use baigong_core::files;
use baigong_testkit::on_both;
use serde_json::{Value, json};

use crate::server::{Server, path};

#[tokio::test]
async fn a_file_is_handed_in_shown_fetched_and_deleted() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let made = server.upload(&server.client, "1.jpg", "图".as_bytes()).await;
        assert!(made.is_good(), "{made:?}");
        let made = &made.body["data"];
        let id = made["id"].as_str().unwrap();
        let url = made["furl"].as_str().unwrap();
        assert!(url.starts_with("http://portal.test:8080/download/file/"), "{url}");
        let (by, at) = (&made["createBy"], &made["createTime"]);
        assert_eq!(
            (by, at, &made["fname"], &made["ftype"]),
            (&json!("admin"), &json!("2026-11-21 20:00:00"), &json!("1.jpg"), &json!("jpg"))
        );
        let again = server.upload(&server.client, "1.jpg", b"another").await;
        assert!(again.is_good() && again.body["data"]["id"] != made["id"], "every name is free: {again:?}");
        let list =
            server.get("GET", &path("file/client/list"), json!({ "pageNum": 1, "pageSize": 1, "fname": "1.j" })).await;
        assert_eq!((&list["msg"], &list["total"], &list["pageNum"]), (&json!("查询成功"), &json!(2), &json!(2)));
        assert_eq!(list["rows"][0]["id"], *id);
        assert_eq!(list["rows"][0].as_object().unwrap().len(), 6);
        let asked = json!({ "id": id });
        assert_eq!(server.get("GET", &path("file/client/download"), asked.clone()).await["data"]["file"], "图");
        for check in ["exist", "hasPermission"] {
            let answer = server.get("GET", &path(&format!("file/client/{check}")), asked.clone()).await;
            assert_eq!(answer, json!({ "code": 0, "msg": "请求成功", "data": null }));
        }
        server.get("GET", &path("file/client/delete"), asked.clone()).await;
        for (call, said) in [
            ("exist", "当前文件不存在"),
            ("download", "当前文件不存在"),
            ("delete", "当前文件不存在"),
            ("hasPermission", "无权查看该文件"),
        ] {
            let answer = server.call("GET", &path(&format!("file/client/{call}")), asked.clone()).await;
            assert_eq!(answer.refusal(), said, "{call}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_may_be_somebody_elses_and_wants_its_password() {
    let server = Server::start().await;
    let department = server.department("north").await;
    server.user("li", department, &["robot:read"]).await;
    let good = crate::goods::Good {
        method: "POST",
        printed: path("file/client/add"),
        path: path("file/client/add"),
        body: json!({ "userName": "li" }),
        names_department: false,
        file: Some("file"),
        needs: &[],
    };
    let made = server.ask(&server.client, &good).await;
    assert_eq!(made.body["data"]["createBy"], "li");
    let nobody =
        server.ask(&server.client, &crate::goods::Good { body: json!({ "userName": "nobody" }), ..good }).await;
    assert!(nobody.refusal().contains("nobody"), "{nobody:?}");
    let id: i64 = made.body["data"]["id"].as_str().unwrap().parse().unwrap();
    let password = Some(baigong_model::Secret::new("芝麻".to_owned()));
    let change = files::FileChange { password, ..Default::default() };
    files::update(&server.platform, &server.admin, id, change).await.unwrap();
    let asked = json!({ "id": id });
    assert!(server.call("GET", &path("file/client/exist"), asked.clone()).await.is_good());
    for call in ["download", "hasPermission"] {
        server.call("GET", &path(&format!("file/client/{call}")), asked.clone()).await.refusal();
    }
}

#[tokio::test]
async fn the_operation_log_keeps_and_finds_what_is_written_into_it() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let department = server.department("north").await;
        let li = server.user("li", department, &["robot:read"]).await;
        let whole = json!({
            "title": "流程管理", "businessType": 2, "method": "save", "requestMethod": "POST", "operatorType": 1,
            "operName": "li", "operNick": "李", "operRole": "clerk", "deptName": "north", "operUrl": "/save",
            "operIp": "10.0.0.7", "operParam": "{\"a\":1}", "jsonResult": "{}", "status": 1, "errorMsg": "boom",
            "operTime": "2026-11-20 08:30:00",
        });
        let done = server.get("POST", &path("operlog"), whole.clone()).await;
        assert_eq!(done, json!({ "code": 0, "msg": "操作成功", "data": null }));
        server.get("POST", &path("operlog"), json!({ "title": "测试" })).await;
        let list = async |query: Value| server.get("GET", &path("operlog/list"), query).await;
        let all = list(json!({})).await;
        assert_eq!((&all["total"], &all["rows"][0]["title"]), (&json!(2), &json!("测试")));
        let row = &all["rows"][1];
        for (name, value) in whole.as_object().unwrap() {
            assert_eq!(row[name], *value, "{name}");
        }
        assert_eq!((&row["operUserId"], &row["createBy"], &row["delFlag"]), (&json!(li), &json!("admin"), &json!("0")));
        assert_eq!((&row["appId"], &row["appName"]), (&json!(server.client.id), &json!("portal")));
        for (query, found) in [
            (json!({ "title": "流程" }), 1),
            (json!({ "businessType": 2, "status": 1 }), 1),
            (json!({ "businessType": 3 }), 0),
            (json!({ "operName": "l", "operNick": "李" }), 1),
            (json!({ "beginTime": "2026-11-20", "endTime": "2026-11-20" }), 1),
            (json!({ "beginTime": "2026-11-20 08:30:01" }), 1),
            (json!({ "beginTime": "2026-11-21 20:00:00", "endTime": "2026-11-21 20:00:00" }), 1),
            (json!({ "appId": server.client.id }), 2),
            (json!({ "appId": 999 }), 0),
            (json!({ "parentId": server.root }), 2),
            (json!({ "pageNum": 2, "pageSize": 1 }), 2),
        ] {
            assert_eq!(list(query.clone()).await["total"], found, "{query}");
        }
        let token = server.token("north only", department, &["audit:read"]).await;
        let theirs = server.call_as(&server.client.with(&token), "GET", &path("operlog/list"), &json!({})).await;
        assert_eq!(theirs.body["total"], 0, "the application belongs to another department");
        for wrong in [json!({ "businessType": 10 }), json!({ "status": 2 }), json!({ "operTime": "2026-11-20" })] {
            server.call("POST", &path("operlog"), wrong).await.refusal();
        }
    })
    .await;
}
