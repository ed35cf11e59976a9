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

/// In an order in which each still finds what it names.
pub(crate) fn goods(it: &Things) -> Vec<Good> {
    let all = |body: Value| (body, false);
    let one = |body: Value| (body, true);
    let code = it.department.to_string();
    let page = || json!({ "page": 1, "size": 1000 });
    let with = |name: &str, value: Value| {
        let mut body = page();
        body[name] = value;
        body
    };
    let new = it.named("new");
    let queue = it.named("orders");
    let rows: Vec<(&'static str, &'static str, (Value, bool))> = vec![
        ("GET", "user", all(page())),
        (
            "POST",
            "user",
            one(
                json!({ "userName": new, "roleId": it.role.to_string(), "orgCode": code, "userPassword": "initial-Passw0rd" }),
            ),
        ),
        (
            "PUT",
            "user",
            one(
                json!({ "userName": it.named("li"), "userAlias": "李", "roleId": it.role, "orgCode": code, "id": it.employee }),
            ),
        ),
        ("DELETE", "user", one(json!({ "ids": it.spare_employee }))),
        ("GET", "role/list", all(page())),
        ("GET", "orgDef/list", all(page())),
        (
            "POST",
            "orgDef/addOrg",
            one(json!({ "curCode": "025", "parentOrgCode": code, "curName": new, "orgPos": "3" })),
        ),
        ("PUT", "orgDef/editOrgDef", one(json!({ "id": it.department, "orgPos": "7", "description": "x" }))),
        ("DELETE", "orgDef/delOrgDef", one(json!({ "id": it.spare_department }))),
        ("GET", "robot", all(page())),
        ("PUT", "robot", one(json!({ "id": it.robot.to_string(), "robotAlias": it.named("robot") }))),
        ("GET", "robot/detail", one(json!({ "id": it.robot.to_string() }))),
        ("GET", "studio", all(page())),
        ("PUT", "studio", one(json!({ "id": it.studio.to_string(), "studioAlias": it.named("studio") }))),
        ("GET", "process", all(page())),
        ("DELETE", "process", one(json!({ "id": it.spare_process.to_string() }))),
        ("GET", "process/version", one(with("proclid", it.process.into()))),
        ("GET", "schedule/list", all(page())),
        ("GET", "job", one(with("id", it.process.into()))),
        ("POST", "job/create", one(json!({ "id": it.trigger }))),
        ("POST", "job/retry", one(json!({ "id": it.ended[0] }))),
        ("POST", "job/stop", one(json!({ "id": it.task }))),
        ("DELETE", "job", one(json!({ "id": it.ended[1].to_string() }))),
        (
            "POST",
            "asset",
            one(
                json!({ "robotNo": it.robot.to_string(), "assetName": new, "assetValue": "v", "assetType": "text", "orgCode": code }),
            ),
        ),
        ("PUT", "asset", one(json!({ "assetName": it.named("rate"), "assetValue": "0.02" }))),
        ("POST", "asset/list", all(page())),
        ("GET", "asset/vlog", one(with("assetId", it.asset.to_string().into()))),
        ("DELETE", "asset", one(json!({ "assetId": it.spare_asset }))),
        ("GET", "queue/item", one(json!({ "queueName": queue }))),
        (
            "POST",
            "queue/item",
            one(
                json!({ "queueName": queue, "priority": "high", "deadline": "2030-01-01 00:00:00", "keys": "[{\"key\":\"a\",\"value\":\"b\"}]" }),
            ),
        ),
        (
            "PUT",
            "queue/item",
            one(json!({ "queueName": queue, "itemNo": TAKEN, "status": "success", "result": "done" })),
        ),
        ("GET", "queue/item/pop", one(json!({ "queueName": queue }))),
        (
            "DELETE",
            "queue/item",
            one(
                json!({ "queueName": queue, "items": [{ "itemNo": it.items.last().copied().unwrap_or_default().to_string() }] }),
            ),
        ),
        ("GET", "queue", all(page())),
        (
            "POST",
            "queue",
            one(json!({ "queueName": new, "queueMaxItems": 10, "failTryTimes": 2, "timeOut": "5", "orgCode": code })),
        ),
        ("DELETE", "queue", one(json!({ "queueId": it.spare_queues[0].to_string() }))),
        ("PUT", "queue/clear", one(json!({ "queueName": it.named("spare-b") }))),
        ("GET", "share/file", all(page())),
        ("POST", "share/file", one(json!({ "userId": it.employee, "isOverwrite": "no", "fileTag": "a,b" }))),
        ("GET", "share/file/download", one(json!({ "fileName": "report.txt", "userId": it.employee }))),
        ("DELETE", "share/file", one(json!({ "id": it.file.to_string() }))),
    ];
    let good = |(method, path, (body, is_about)): (&'static str, &str, (Value, bool))| Good {
        method,
        path: format!("/oapi/v1/{path}").leak(),
        body,
        is_about,
    };
    rows.into_iter().map(good).collect()
}
