//! For every operation a request that succeeds, about the things of one department.

use serde_json::{Value, json};

use crate::{
    fixture::Things,
    server::{Asked, Signer},
};

/// A request that succeeds.
#[derive(Debug, Clone)]
pub(crate) struct Good {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) body: Value,
    /// Whether it names something of the department.
    pub(crate) is_about: bool,
}

/// Stands for the item that was taken last.
const TAKEN: &str = "the item that was taken";

impl Good {
    /// Sends it; an upload with a file, and what settles an item after taking one.
    pub(crate) async fn send(&self, signer: &Signer) -> Value {
        if self.path == "/oapi/v1/share/file" && self.method == "POST" {
            return signer.upload(self.path, &self.body, ("a.txt", b"shared")).await;
        }
        let mut body = self.body.clone();
        if body["itemNo"] == TAKEN {
            let pop = json!({ "queueName": body["queueName"] });
            let taken = signer.call("GET", "/oapi/v1/queue/item/pop", pop).await;
            body["itemNo"] = taken["result"]["itemNo"].as_str().unwrap_or("1").into();
        }
        signer.call(self.method, self.path, body).await
    }

    /// As it is sent, where it is no upload.
    pub(crate) fn asked(&self) -> Asked {
        Asked::new(self.method, self.path, &self.body)
    }
}

/// Method, path, body, and whether it names something of the department.
type Line = (&'static str, &'static str, Value, bool);

/// In an order in which each still finds what it names.
pub(crate) fn goods(it: &Things) -> Vec<Good> {
    let lines = [organisation(it), agents_and_work(it), assets(it), queues(it), files(it)].concat();
    let good =
        |(method, path, body, is_about): Line| Good { method, path: format!("/oapi/v1/{path}").leak(), body, is_about };
    lines.into_iter().map(good).collect()
}

fn page() -> Value {
    json!({ "page": 1, "size": 1000 })
}

fn page_of(name: &str, value: impl Into<Value>) -> Value {
    let mut body = page();
    body[name] = value.into();
    body
}

fn organisation(it: &Things) -> Vec<Line> {
    let (code, new, li) = (it.department.to_string(), it.named("new"), it.named("li"));
    let user =
        json!({ "userName": new, "roleId": it.role.to_string(), "orgCode": code, "userPassword": "initial-Passw0rd" });
    let change = json!({ "userName": li, "userAlias": "李", "roleId": it.role, "orgCode": code, "id": it.employee });
    let department = json!({ "curCode": "025", "parentOrgCode": code, "curName": new, "orgPos": "3" });
    vec![
        ("GET", "user", page(), false),
        ("POST", "user", user, true),
        ("PUT", "user", change, true),
        ("DELETE", "user", json!({ "ids": it.spare_employee }), true),
        ("GET", "role/list", page(), false),
        ("GET", "orgDef/list", page(), false),
        ("POST", "orgDef/addOrg", department, true),
        ("PUT", "orgDef/editOrgDef", json!({ "id": it.department, "orgPos": "7", "description": "x" }), true),
        ("DELETE", "orgDef/delOrgDef", json!({ "id": it.spare_department }), true),
    ]
}

fn agents_and_work(it: &Things) -> Vec<Line> {
    let (robot, studio) = (it.robot.to_string(), it.studio.to_string());
    vec![
        ("GET", "robot", page(), false),
        ("PUT", "robot", json!({ "id": robot, "robotAlias": it.named("robot") }), true),
        ("GET", "robot/detail", json!({ "id": robot }), true),
        ("GET", "studio", page(), false),
        ("PUT", "studio", json!({ "id": studio, "studioAlias": it.named("studio") }), true),
        ("GET", "process", page(), false),
        ("DELETE", "process", json!({ "id": it.spare_process.to_string() }), true),
        ("GET", "process/version", page_of("proclid", it.process), true),
        ("GET", "schedule/list", page(), false),
        ("GET", "job", page_of("id", it.process), true),
        ("POST", "job/create", json!({ "id": it.trigger }), true),
        ("POST", "job/retry", json!({ "id": it.ended[0] }), true),
        ("POST", "job/stop", json!({ "id": it.task }), true),
        ("DELETE", "job", json!({ "id": it.ended[1].to_string() }), true),
    ]
}

fn assets(it: &Things) -> Vec<Line> {
    let (robot, code) = (it.robot.to_string(), it.department.to_string());
    let asset = json!({
        "robotNo": robot, "assetName": it.named("new"), "assetValue": "v", "assetType": "text", "orgCode": code,
    });
    vec![
        ("POST", "asset", asset, true),
        ("PUT", "asset", json!({ "assetName": it.named("rate"), "assetValue": "0.02" }), true),
        ("POST", "asset/list", page(), false),
        ("GET", "asset/vlog", page_of("assetId", it.asset.to_string()), true),
        ("DELETE", "asset", json!({ "assetId": it.spare_asset }), true),
    ]
}

fn queues(it: &Things) -> Vec<Line> {
    let queue = it.named("orders");
    let item = it.items.last().copied().unwrap_or_default().to_string();
    let push = json!({
        "queueName": queue, "priority": "high", "deadline": "2030-01-01 00:00:00", "keys": "[{\"key\":\"a\",\"value\":\"b\"}]",
    });
    let space = json!({
        "queueName": it.named("new"), "queueMaxItems": 10, "failTryTimes": 2, "timeOut": "5",
        "orgCode": it.department.to_string(),
    });
    let settle = json!({ "queueName": queue, "itemNo": TAKEN, "status": "success", "result": "done" });
    vec![
        ("GET", "queue/item", json!({ "queueName": queue }), true),
        ("POST", "queue/item", push, true),
        ("PUT", "queue/item", settle, true),
        ("GET", "queue/item/pop", json!({ "queueName": queue }), true),
        ("DELETE", "queue/item", json!({ "queueName": queue, "items": [{ "itemNo": item }] }), true),
        ("GET", "queue", page(), false),
        ("POST", "queue", space, true),
        ("DELETE", "queue", json!({ "queueId": it.spare_queues[0].to_string() }), true),
        ("PUT", "queue/clear", json!({ "queueName": it.named("spare-b") }), true),
    ]
}

fn files(it: &Things) -> Vec<Line> {
    let user = it.employee;
    vec![
        ("GET", "share/file", page(), false),
        ("POST", "share/file", json!({ "userId": user, "isOverwrite": "no", "fileTag": "a,b" }), true),
        ("GET", "share/file/download", json!({ "fileName": "report.txt", "userId": user }), true),
        ("DELETE", "share/file", json!({ "id": it.file.to_string() }), true),
    ]
}
