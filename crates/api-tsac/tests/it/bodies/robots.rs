//! Machines, robots and their groups, maintenance windows, licenses.

use serde_json::json;

use super::Body;
use crate::fixture::Fixture;

impl Fixture {
    pub(super) fn robots(&self) -> Vec<Body> {
        let Self { department, machine, robot, group, process, maintenance, tag, .. } = self;
        let Self { operation, agent_version, rollout, .. } = self;
        vec![
            ("/api/platform/machine/create", json!({ "machineName": format!("rpa-02{tag}"), "remark": "second" })),
            ("/api/platform/machine/update", json!({ "machineId": machine, "remark": "changed" })),
            ("/api/platform/machine/query", json!({ "machineId": machine })),
            ("/api/platform/machine/list", json!({})),
            (
                "/api/platform/robot/create",
                json!({
                    "depId": department, "robotName": "备用机器人", "robotType": 1, "machineId": machine,
                    "machineName": "rpa-01", "machineUsername": "rpa", "desktopType": 1, "resolutionWidth": 1920,
                    "resolutionHeight": 1080, "resolutionDepth": 32, "isAutoUnlockEnabled": true, "logLevel": "warn",
                }),
            ),
            (
                "/api/platform/robot/update",
                json!({ "robotId": robot, "robotName": "对账机器人二", "machinePassword": "new-secret", "logLevel": "warn" }),
            ),
            ("/api/platform/robot/reset-secret", json!({ "robotId": robot })),
            ("/api/platform/robot/query", json!({ "robotId": robot })),
            ("/api/platform/robot/list", json!({ "depId": department, "processId": process })),
            ("/api/platform/robot/pause", json!({ "robotId": robot })),
            ("/api/platform/robot/resume", json!({ "robotId": robot })),
            ("/api/platform/robot/stop", json!({ "robotId": robot })),
            ("/api/platform/robot/start", json!({ "robotId": robot })),
            ("/api/platform/robot/restart", json!({ "robotId": robot, "drainSeconds": 60 })),
            ("/api/platform/robot/reboot", json!({ "robotId": robot })),
            ("/api/platform/robot/shutdown", json!({ "robotId": robot })),
            ("/api/platform/robot/operation/list", json!({ "depId": department, "robotId": robot })),
            ("/api/platform/robot/operation/cancel", json!({ "operationId": operation })),
            ("/api/platform/agent-version/list", json!({ "depId": department })),
            (
                "/api/platform/agent-rollout/create",
                json!({
                    "rolloutName": "全面升级", "depId": department, "agentVersionId": agent_version, "robotIds": [robot],
                    "waveSize": 5, "maxUnavailable": 2, "drainSeconds": 0,
                }),
            ),
            ("/api/platform/agent-rollout/query", json!({ "rolloutId": rollout })),
            ("/api/platform/agent-rollout/list", json!({ "depId": department })),
            ("/api/platform/robot-group/create", json!({ "depId": department, "robotGroupName": "备用组" })),
            ("/api/platform/robot-group/update", json!({ "robotGroupId": group, "robotGroupName": "对账组二" })),
            ("/api/platform/robot-group/append", json!({ "robotGroupId": group, "robotIds": [robot] })),
            ("/api/platform/robot-group/list", json!({ "depId": department })),
            (
                "/api/platform/maintenance/create",
                json!({
                    "maintenanceName": "夜间维护", "depId": department, "targetType": 0, "targetId": robot,
                    "startTime": "2030-01-01 22:00:00", "endTime": "2030-01-01 23:00:00",
                }),
            ),
            (
                "/api/platform/maintenance/update",
                json!({ "maintenanceId": maintenance, "targetType": 1, "targetId": group, "remark": "changed" }),
            ),
            ("/api/platform/maintenance/query", json!({ "maintenanceId": maintenance })),
            ("/api/platform/maintenance/list", json!({ "depId": department })),
            ("/api/platform/license/info", json!({})),
            ("/api/platform/license/import", json!({ "license": self.license() })),
            ("/api/platform/license/reclaim", json!({ "robotId": robot })),
            ("/api/platform/license/allocate", json!({ "robotId": robot })),
            ("/api/platform/license/seat/list", json!({})),
        ]
    }
}
