//! For every JSON operation a body that succeeds on a fixture, every optional id in it, in an order in which all succeed:
//! what makes and looks comes before what deletes. A new operation gets a line here.

use serde_json::{Value, json};

use crate::{
    fixture::Fixture,
    server::{PASSWORD, package},
};

impl Fixture {
    /// Path, text parts and file of every upload.
    pub(crate) fn good_uploads(&self) -> Vec<(&'static str, Value, Vec<u8>)> {
        let Self { department, .. } = self;
        vec![(
            "/api/platform/package/create",
            json!({ "packageName": "月结", "packageVersion": "2.0", "depId": department }),
            package("2.0"),
        )]
    }

    /// Path and body of every JSON operation.
    pub(crate) fn good_bodies(&self) -> Vec<(&'static str, Value)> {
        let all =
            [self.organisation(), self.work(), self.robots(), self.calendars(), self.triggers(), self.deletions()]
                .concat();
        assert!(all.iter().all(|(path, _)| path.starts_with("/api/platform/")));
        all
    }

    fn organisation(&self) -> Vec<(&'static str, Value)> {
        let Self { department, employee, role, tag, .. } = self;
        vec![
            ("/api/platform/account/authenticate", json!({ "username": "admin", "password": PASSWORD })),
            ("/api/platform/account/public-key", json!({})),
            ("/api/platform/department/create", json!({ "depName": "清算组", "parentId": department })),
            ("/api/platform/department/list", json!({ "depId": department })),
            (
                "/api/platform/employee/create",
                json!({
                    "employeeName": "王芳", "username": format!("wangfang{tag}"), "password": "initial-Passw0rd",
                    "depId": department, "email": "wang@example.com", "mobile": "13800000000", "roleId": role,
                }),
            ),
            ("/api/platform/employee/query", json!({ "employeeId": employee })),
            ("/api/platform/employee/list", json!({ "depId": department })),
            ("/api/platform/employee/assign-role", json!({ "employeeId": employee, "roleId": role })),
            (
                "/api/platform/role/create",
                json!({
                    "roleName": format!("复核角色{tag}"), "permissions": ["role:write"], "dataScope": "self", "remark": "r",
                }),
            ),
            ("/api/platform/role/update", json!({ "roleId": role, "remark": "changed" })),
            ("/api/platform/role/query", json!({ "roleId": role })),
            ("/api/platform/role/list", json!({})),
        ]
    }

    fn work(&self) -> Vec<(&'static str, Value)> {
        let Self { department, group, packages, process, queue, tasks, .. } = self;
        vec![
            ("/api/platform/package/query", json!({ "depId": department })),
            (
                "/api/platform/process/create",
                json!({
                    "processName": "月结", "depId": department, "robotGroupId": group, "isRecord": true, "remark": "monthly",
                }),
            ),
            (
                "/api/platform/process/activate-package-version",
                json!({ "processId": process, "packageId": packages[0] }),
            ),
            ("/api/platform/process/list", json!({ "depId": department })),
            (
                "/api/platform/task/create",
                json!({
                    "processId": process, "robotGroupId": group, "priority": 0, "isRecord": false,
                    "isWarn": true, "warnType": 0, "inParameters": [{ "name": "tolerance", "value": "1" }], "maxRunTime": 30,
                    "maxWaitingTime": 60,
                }),
            ),
            ("/api/platform/task/query", json!({ "taskId": tasks[0] })),
            ("/api/platform/task/list", json!({ "depId": department, "processId": process })),
            ("/api/platform/task-log/query", json!({ "taskId": tasks[0], "logLevel": "info" })),
            ("/api/platform/task-artifact/list", json!({ "taskId": tasks[0] })),
            ("/api/platform/data-queue/create", json!({ "depId": department, "queueName": "复核", "remark": "r" })),
            ("/api/platform/data-queue/query", json!({ "queueId": queue })),
            ("/api/platform/data-queue/list", json!({ "depId": department })),
        ]
    }

    fn robots(&self) -> Vec<(&'static str, Value)> {
        let Self { department, machine, robot, group, process, tag, .. } = self;
        vec![
            ("/api/platform/machine/create", json!({ "machineName": format!("rpa-02{tag}"), "remark": "second" })),
            (
                "/api/platform/robot/create",
                json!({
                    "depId": department, "robotName": "备用机器人", "robotType": 1, "machineId": machine,
                    "machineName": "rpa-01", "machineUsername": "rpa", "desktopType": 1, "resolutionWidth": 1920,
                    "resolutionHeight": 1080, "resolutionDepth": 32, "isAutoUnlockEnabled": true, "logLevel": "warn",
                }),
            ),
            ("/api/platform/robot/query", json!({ "robotId": robot })),
            ("/api/platform/robot/list", json!({ "depId": department, "processId": process })),
            ("/api/platform/robot-group/create", json!({ "depId": department, "robotGroupName": "备用组" })),
            ("/api/platform/robot-group/append", json!({ "robotGroupId": group, "robotIds": [robot] })),
            ("/api/platform/robot-group/list", json!({ "depId": department })),
        ]
    }

    fn calendars(&self) -> Vec<(&'static str, Value)> {
        let Self { calendar, tag, .. } = self;
        let days = json!(["2026-12-25", "2027-01-01"]);
        vec![
            (
                "/api/platform/calendar/create",
                json!({ "calendarName": format!("交易日历{tag}"), "nonWorkingDays": days }),
            ),
            ("/api/platform/calendar/update", json!({ "calendarId": calendar, "nonWorkingDays": days })),
            ("/api/platform/calendar/query", json!({ "calendarId": calendar })),
            ("/api/platform/calendar/list", json!({})),
            ("/api/platform/calendar/day", json!({ "calendarId": calendar, "date": "2026-12-25" })),
        ]
    }

    fn triggers(&self) -> Vec<(&'static str, Value)> {
        let Self { department, process, group, robot, calendar, queue, trigger, .. } = self;
        vec![
            (
                "/api/platform/trigger/create",
                json!({
                    "triggerName": "收盘后", "description": "daily", "isActivated": true, "depId": department,
                    "processId": process, "priority": 0, "assignType": 2, "robotIds": [robot], "robotGroupId": group,
                    "inParameters": [{ "name": "tolerance", "value": "1" }], "isRecord": true, "isWarn": true, "warnType": 0,
                    "cronExpression": "0 30 15 ? * MON-FRI", "isDefineCalendar": true, "calendarId": calendar,
                    "timeZone": "Asia/Shanghai", "maxRunTime": 30, "maxWaitingTime": 60, "queueId": queue,
                    "misfirePolicy": "skip", "overlapPolicy": "queue", "startTime": "2026-12-01 00:00:00",
                    "endTime": "2027-12-01 00:00:00",
                }),
            ),
            (
                "/api/platform/trigger/update",
                json!({ "triggerId": trigger, "description": "nightly", "calendarId": calendar, "isDefineCalendar": true }),
            ),
            ("/api/platform/trigger/query", json!({ "triggerId": trigger })),
            ("/api/platform/trigger/list", json!({ "depId": department, "processId": process, "isActivated": true })),
            (
                "/api/platform/trigger/preview",
                json!({ "triggerId": trigger, "after": "2026-12-24 12:00:00", "count": 2 }),
            ),
            ("/api/platform/trigger/firing/list", json!({ "triggerId": trigger })),
        ]
    }

    /// What ends something: after it, others are refused.
    fn deletions(&self) -> Vec<(&'static str, Value)> {
        let Self { packages, tasks, spare_role, spare_calendar, spare_trigger, .. } = self;
        vec![
            ("/api/platform/task/cancel", json!({ "taskId": tasks[1] })),
            ("/api/platform/package/delete", json!({ "packageId": packages[1] })),
            ("/api/platform/role/delete", json!({ "roleId": spare_role })),
            ("/api/platform/trigger/delete", json!({ "triggerId": spare_trigger })),
            ("/api/platform/calendar/delete", json!({ "calendarId": spare_calendar })),
            ("/api/platform/account/sign-out", json!({})),
        ]
    }
}
