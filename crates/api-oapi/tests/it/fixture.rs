//! One of everything in a department, made through the standard's interface.

use std::io::Write;

use baigong_testkit::TestClient;
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

/// The ids of what lies in a department.
#[derive(Debug, Default, Clone)]
pub(crate) struct Things {
    pub(crate) tag: String,
    pub(crate) department: i64,
    pub(crate) role: i64,
    pub(crate) employee: i64,
    pub(crate) spare_employee: i64,
    pub(crate) spare_department: i64,
    pub(crate) robot: i64,
    pub(crate) studio: i64,
    pub(crate) process: i64,
    pub(crate) spare_process: i64,
    pub(crate) package: i64,
    pub(crate) trigger: i64,
    /// Waiting.
    pub(crate) task: i64,
    /// Cancelled.
    pub(crate) ended: [i64; 2],
    pub(crate) asset: i64,
    pub(crate) spare_asset: i64,
    pub(crate) queue: i64,
    pub(crate) spare_queues: [i64; 2],
    /// Waiting items; the last are the last to be taken.
    pub(crate) items: Vec<i64>,
    pub(crate) file: i64,
}

/// Who makes them, for whom.
struct Maker<'c> {
    client: &'c TestClient,
    department: i64,
    tag: &'c str,
}

impl Maker<'_> {
    async fn make(&self, operation: &str, name: &str, body: Value) -> i64 {
        self.client.create(operation, name, body).await.unwrap()
    }

    fn tagged(&self, text: &str) -> String {
        format!("{text}-{}", self.tag)
    }

    async fn employee(&self, name: &str, role: i64) -> i64 {
        let body = json!({
            "employeeName": name, "username": self.tagged(name), "password": "initial-Passw0rd", "depId": self.department,
            "roleId": role,
        });
        self.make("employee/create", "employeeId", body).await
    }

    async fn robot(&self, name: &str, kind: i64) -> i64 {
        let machine = self.make("machine/create", "machineId", json!({ "machineName": self.tagged(name) })).await;
        let body = json!({
            "depId": self.department, "robotName": self.tagged(name), "robotType": kind, "machineId": machine,
            "machineName": "rpa-01", "machineUsername": "rpa",
        });
        self.make("robot/create", "robotId", body).await
    }

    async fn process(&self, name: &str, group: i64) -> i64 {
        let body = json!({
            "processName": self.tagged(name), "depId": self.department, "robotGroupId": group, "isRecord": false,
        });
        self.make("process/create", "processId", body).await
    }

    async fn queue(&self, name: &str) -> i64 {
        let body = json!({ "depId": self.department, "queueName": self.tagged(name) });
        self.make("data-queue/create", "queueId", body).await
    }

    async fn asset(&self, name: &str) -> i64 {
        let body = json!({
            "assetName": self.tagged(name), "assetValue": "0.01", "dataType": 0, "isGlobal": true, "robotIds": [],
            "depId": self.department,
        });
        self.make("asset/create", "assetId", body).await
    }
}

impl Things {
    /// A department below the root, with one of everything.
    pub(crate) async fn below_root(client: &TestClient, tag: &str) -> Self {
        let root = client.data("department/list", json!({})).await.unwrap()["departments"][0]["depId"].clone();
        let department =
            client.create("department/create", "depId", json!({ "depName": tag, "parentId": root })).await.unwrap();
        Self::make(client, department, tag).await
    }

    /// One of everything in `department`. `tag` goes into every name.
    pub(crate) async fn make(client: &TestClient, department: i64, tag: &str) -> Self {
        let maker = Maker { client, department, tag };
        let mut it = Self { tag: tag.to_owned(), department, ..Self::default() };
        let role = json!({ "roleName": maker.tagged("role"), "permissions": ["task:read"], "dataScope": "self" });
        it.role = maker.make("role/create", "roleId", role).await;
        it.employee = maker.employee("li", it.role).await;
        it.spare_employee = maker.employee("wang", it.role).await;
        let below = json!({ "depName": maker.tagged("below"), "parentId": department });
        it.spare_department = maker.make("department/create", "depId", below).await;
        it.runs(&maker).await;
        it.asset = maker.asset("rate").await;
        it.spare_asset = maker.asset("spare-rate").await;
        it.queue = maker.queue("orders").await;
        it.spare_queues = [maker.queue("spare-a").await, maker.queue("spare-b").await];
        let items: Vec<Value> = (0..6).map(|number| json!({ "payload": { "amount": number } })).collect();
        let pushed = client.data("data-queue/item/push", json!({ "queueId": it.queue, "items": items })).await.unwrap();
        it.items = pushed["itemIds"].as_array().unwrap().iter().filter_map(Value::as_i64).collect();
        let (folder, id) = (format!("/share/{}", it.employee), department.to_string());
        let texts = [("depId", id.as_str()), ("folderPath", folder.as_str()), ("fileName", "report.txt")];
        let file = client.upload("file/create", &texts, "file", b"first".to_vec()).await.unwrap();
        it.file = file["fileId"].as_i64().or_else(|| file["fileId"].as_str()?.parse().ok()).unwrap();
        it
    }

    async fn runs(&mut self, maker: &Maker<'_>) {
        let client = maker.client;
        self.robot = maker.robot("robot", 0).await;
        self.studio = maker.robot("studio", 2).await;
        let group = json!({ "depId": self.department, "robotGroupName": maker.tagged("group") });
        let group = maker.make("robot-group/create", "robotGroupId", group).await;
        let members = json!({ "robotGroupId": group, "robotIds": [self.robot] });
        client.data("robot-group/append", members).await.unwrap();
        let (id, name) = (self.department.to_string(), maker.tagged("package"));
        let texts = [("packageName", name.as_str()), ("packageVersion", "1.0"), ("depId", id.as_str())];
        let package = client.upload("package/create", &texts, "package", package()).await;
        self.package = package.unwrap()["packageId"].as_i64().unwrap();
        self.process = maker.process("reconcile", group).await;
        self.spare_process = maker.process("spare", group).await;
        let activate = json!({ "processId": self.process, "packageId": self.package, "inParameters": [] });
        client.data("process/activate-package-version", activate).await.unwrap();
        let tasks = json!({ "processId": self.process, "priority": 1, "isRecord": false, "totalCount": 3 });
        let tasks = client.data("task/create", tasks).await.unwrap();
        let task = |place: usize| tasks["taskIds"][place].as_i64().unwrap();
        (self.task, self.ended) = (task(0), [task(1), task(2)]);
        for task in self.ended {
            client.data("task/cancel", json!({ "taskId": task })).await.unwrap();
        }
        let trigger = json!({
            "triggerName": maker.tagged("daily"), "depId": self.department, "processId": self.process, "assignType": 1,
            "isRecord": false, "cronExpression": "0 0 9 * * ?", "isDefineCalendar": false, "robotIds": [],
            "inParameters": [],
        });
        self.trigger = maker.make("trigger/create", "triggerId", trigger).await;
    }

    pub(crate) fn named(&self, name: &str) -> String {
        format!("{name}-{}", self.tag)
    }
}

/// A package that runs one command.
fn package() -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("baigong.yaml", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"kind: command\nname: reconciliation\nversion: \"1.0\"\ncommand: [\"true\"]\n").unwrap();
    zip.finish().unwrap().into_inner()
}
