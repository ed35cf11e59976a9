//! A small company to ask about: a department with one of everything. What each operation can be asked about it is in
//! `bodies`: a new kind of thing gets a field here, a new operation a line there.

use serde_json::{Value, json};

use crate::server::{Server, package};

/// A request that succeeds.
#[derive(Debug, Clone)]
pub(crate) struct Good {
    pub(crate) path: String,
    /// Of an upload: its text parts.
    pub(crate) body: Value,
    /// Of an upload: its file.
    pub(crate) file: Option<Vec<u8>>,
}

impl Good {
    pub(crate) fn json(path: impl Into<String>, body: Value) -> Self {
        Self { path: path.into(), body, file: None }
    }
}

/// The ids of a department with a robot, a process, a queue and two waiting tasks.
#[derive(Debug, Default)]
pub(crate) struct Fixture {
    /// Goes into names that must be unique everywhere; empty in the only fixture of a test.
    pub(crate) tag: String,
    /// The department above.
    pub(crate) root: i64,
    pub(crate) department: i64,
    pub(crate) employee: i64,
    pub(crate) role: i64,
    /// A role that nobody has.
    pub(crate) spare_role: i64,
    pub(crate) machine: i64,
    pub(crate) robot: i64,
    pub(crate) group: i64,
    pub(crate) packages: [i64; 2],
    pub(crate) process: i64,
    pub(crate) queue: i64,
    pub(crate) tasks: [i64; 2],
    pub(crate) calendar: i64,
    /// A calendar that nothing uses.
    pub(crate) spare_calendar: i64,
    pub(crate) trigger: i64,
    pub(crate) spare_trigger: i64,
}

impl Fixture {
    /// A request that succeeds for every operation, in an order in which all succeed.
    pub(crate) fn goods(&self) -> Vec<Good> {
        let uploads = self.good_uploads().into_iter();
        let uploads = uploads.map(|(path, body, file)| Good { path: path.to_owned(), body, file: Some(file) });
        uploads.chain(self.good_bodies().into_iter().map(|(path, body)| Good::json(path, body))).collect()
    }

    /// The administrator makes a department below the root and fills it.
    pub(crate) async fn make(server: &Server) -> Self {
        let departments = server.get("/api/platform/department/list", json!({})).await;
        let root = departments["departments"][0]["depId"].as_i64().unwrap();
        let department = json!({ "depName": "运营部", "parentId": root });
        let department = server.get("/api/platform/department/create", department).await["depId"].as_i64().unwrap();
        Self::fill(server, &server.token, (root, department), "").await
    }

    /// The caller with `token` fills the second of `departments`, which lies below the first. `tag` tells the fixtures of
    /// a test apart.
    pub(crate) async fn fill(server: &Server, token: &str, departments: (i64, i64), tag: &str) -> Self {
        let (root, department) = departments;
        let id = async |path: &str, body: Value, name: &str| {
            server.get_as(token, &format!("/api/platform/{path}"), body).await[name].as_i64().unwrap()
        };
        let tagged = |text: &str| format!("{text}{tag}");
        let role = |name: &str| json!({ "roleName": tagged(name), "permissions": ["role:write"], "dataScope": "self" });
        let spare_role = id("role/create", role("备用角色"), "roleId").await;
        let role = id("role/create", role("管理角色"), "roleId").await;
        let employee = json!({
            "employeeName": "李明", "username": tagged("liming"), "password": "initial-Passw0rd", "depId": department,
            "roleId": role,
        });
        let employee = id("employee/create", employee, "employeeId").await;
        let machine = id("machine/create", json!({ "machineName": tagged("rpa-01") }), "machineId").await;
        let robot = json!({
            "depId": department, "robotName": "对账机器人", "robotType": 0, "machineId": machine, "machineName": "rpa-01",
            "machineUsername": "rpa", "machinePassword": "secret", "logLevel": "info",
        });
        let robot = id("robot/create", robot, "robotId").await;
        let group = json!({ "depId": department, "robotGroupName": "对账组" });
        let group = id("robot-group/create", group, "robotGroupId").await;
        let append = json!({ "robotGroupId": group, "robotIds": [robot] });
        server.get_as(token, "/api/platform/robot-group/append", append).await;
        let mut packages = [0; 2];
        for (place, version) in packages.iter_mut().zip(["1.0", "1.1"]) {
            let fields = [("packageName", "对账"), ("packageVersion", version), ("depId", &department.to_string())];
            let answer = server.upload_as(token, &fields, &package(version)).await;
            assert_eq!((answer.status, &answer.body["resultCode"]), (201, &json!("00000")), "{answer:?}");
            *place = answer.body["data"]["packageId"].as_i64().unwrap();
        }
        let process =
            json!({ "processName": "日终对账", "depId": department, "robotGroupId": group, "isRecord": false });
        let process = id("process/create", process, "processId").await;
        let parameters = json!([{ "name": "tolerance", "value": "0.01" }]);
        let activate = json!({ "processId": process, "packageId": packages[0], "inParameters": parameters });
        server.get_as(token, "/api/platform/process/activate-package-version", activate).await;
        let queue = id("data-queue/create", json!({ "depId": department, "queueName": "差异" }), "queueId").await;
        let tasks = json!({ "processId": process, "priority": 1, "isRecord": false, "totalCount": 2 });
        let tasks = server.get_as(token, "/api/platform/task/create", tasks).await;
        let tasks = [0, 1].map(|place| tasks["taskIds"][place].as_i64().unwrap());
        let calendar = |name: &str| json!({ "calendarName": tagged(name), "nonWorkingDays": ["2026-12-25"] });
        let spare_calendar = id("calendar/create", calendar("备用日历"), "calendarId").await;
        let calendar = id("calendar/create", calendar("清算日历"), "calendarId").await;
        let trigger = |name: &str| {
            json!({
                "triggerName": name, "depId": department, "processId": process, "assignType": 1, "isRecord": false,
                "cronExpression": "0 0 20 * * ?", "isDefineCalendar": false,
            })
        };
        let spare_trigger = id("trigger/create", trigger("备用调度"), "triggerId").await;
        let trigger = id("trigger/create", trigger("日终"), "triggerId").await;
        let tag = tag.to_owned();
        Self {
            tag,
            root,
            department,
            employee,
            role,
            spare_role,
            machine,
            robot,
            group,
            packages,
            process,
            queue,
            tasks,
            calendar,
            spare_calendar,
            trigger,
            spare_trigger,
        }
    }
}
