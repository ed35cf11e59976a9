//! Packages, processes, triggers, tasks; data queues and their items.

use serde_json::json;

use super::Body;
use crate::fixture::Fixture;

impl Fixture {
    pub(super) fn work(&self) -> Vec<Body> {
        let Self { department, group, packages, process, tasks, robot, trigger, calendar, .. } = self;
        vec![
            ("/api/platform/package/query", json!({ "depId": department })),
            (
                "/api/platform/process/create",
                json!({
                    "processName": "月结", "depId": department, "robotGroupId": group, "isRecord": true, "remark": "monthly",
                }),
            ),
            (
                "/api/platform/process/update",
                json!({ "processId": process, "processName": "日终对账二", "robotGroupId": group, "isRecord": false }),
            ),
            (
                "/api/platform/process/activate-package-version",
                json!({ "processId": process, "packageId": packages[0] }),
            ),
            ("/api/platform/process/list", json!({ "depId": department })),
            (
                "/api/platform/trigger/create",
                json!({
                    "triggerName": "月末", "depId": department, "processId": process, "assignType": 2, "robotIds": [robot],
                    "robotGroupId": group, "isRecord": false, "cronExpression": "0 0 18 L * ?", "isDefineCalendar": true,
                    "calendarId": calendar, "timeZone": "Asia/Shanghai",
                }),
            ),
            (
                "/api/platform/trigger/update",
                json!({ "triggerId": trigger, "processId": process, "robotGroupId": group, "calendarId": calendar, "priority": 0 }),
            ),
            ("/api/platform/trigger/query", json!({ "triggerId": trigger })),
            ("/api/platform/trigger/list", json!({ "depId": department, "processId": process })),
            ("/api/platform/trigger/preview", json!({ "triggerId": trigger, "calendarId": calendar, "count": 3 })),
            ("/api/platform/trigger/firing/list", json!({ "triggerId": trigger })),
            (
                "/api/platform/task/create",
                json!({
                    "processId": process, "robotGroupId": group, "robotIds": [robot], "priority": 0, "isRecord": false,
                    "isWarn": true, "warnType": 0, "inParameters": [{ "name": "tolerance", "value": "1" }], "maxRunTime": 30,
                    "maxWaitingTime": 60,
                }),
            ),
            ("/api/platform/task/query", json!({ "taskId": tasks[0] })),
            ("/api/platform/task/list", json!({ "depId": department, "processId": process })),
            ("/api/platform/task/pause", json!({ "taskId": tasks[0] })),
            ("/api/platform/task/resume", json!({ "taskId": tasks[0] })),
            ("/api/platform/task-log/query", json!({ "taskId": tasks[0], "logLevel": "info" })),
            ("/api/platform/task-artifact/list", json!({ "taskId": tasks[0] })),
            ("/api/platform/video/query", json!({ "taskId": tasks[0] })),
        ]
    }

    pub(super) fn queues(&self) -> Vec<Body> {
        let Self { department, queue, items, held, .. } = self;
        let held = |place: usize| json!({ "queueId": queue, "itemId": held[place].0, "fence": held[place].1 });
        let mut finish = held(0);
        finish["outcome"] = "success".into();
        vec![
            (
                "/api/platform/data-queue/create",
                json!({ "depId": department, "queueName": "复核", "remark": "r", "successQueueId": queue, "failureQueueId": queue }),
            ),
            (
                "/api/platform/data-queue/update",
                json!({ "queueId": queue, "queueName": "差异二", "remark": "changed" }),
            ),
            ("/api/platform/data-queue/query", json!({ "queueId": queue })),
            ("/api/platform/data-queue/list", json!({ "depId": department })),
            (
                "/api/platform/data-queue/item/push",
                json!({ "queueId": queue, "payload": { "amount": 1 }, "reference": "r-9" }),
            ),
            ("/api/platform/data-queue/item/list", json!({ "queueId": queue })),
            ("/api/platform/data-queue/item/query", json!({ "queueId": queue, "itemId": items[0] })),
            ("/api/platform/data-queue/item/update", json!({ "queueId": queue, "itemId": items[0], "priority": 2 })),
            ("/api/platform/data-queue/item/export", json!({ "queueId": queue, "format": "csv" })),
            ("/api/platform/data-queue/item/renew", held(1)),
            ("/api/platform/data-queue/item/release", held(1)),
            ("/api/platform/data-queue/item/finish", finish),
            ("/api/platform/data-queue/item/pop", json!({ "queueId": queue })),
            ("/api/platform/data-queue/item/requeue", json!({ "queueId": queue, "itemIds": [self.ended] })),
            ("/api/platform/data-queue/item/delete", json!({ "queueId": queue, "itemIds": [items[1]] })),
        ]
    }
}
