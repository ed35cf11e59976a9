//! What ends something: after it, others are refused. Things go before what they stand in.

use serde_json::json;

use super::Body;
use crate::fixture::Fixture;

impl Fixture {
    pub(super) fn endings(&self) -> Vec<Body> {
        let Self { spare, .. } = self;
        vec![
            ("/api/platform/task/cancel", json!({ "taskId": self.tasks[1] })),
            ("/api/platform/trigger/delete", json!({ "triggerId": self.trigger })),
            ("/api/platform/process/delete", json!({ "processId": spare.process })),
            ("/api/platform/package/delete", json!({ "packageId": self.packages[1] })),
            ("/api/platform/data-queue/delete", json!({ "queueId": spare.queue })),
            ("/api/platform/maintenance/delete", json!({ "maintenanceId": self.maintenance })),
            ("/api/platform/agent-rollout/stop", json!({ "rolloutId": self.rollout })),
            ("/api/platform/agent-version/delete", json!({ "agentVersionId": spare.agent_version })),
            ("/api/platform/robot-group/remove", json!({ "robotGroupId": self.group, "robotIds": [self.robot] })),
            ("/api/platform/robot-group/delete", json!({ "robotGroupId": spare.group })),
            ("/api/platform/robot/delete", json!({ "robotId": spare.robot })),
            ("/api/platform/machine/delete", json!({ "machineId": spare.machine })),
            ("/api/platform/credential/delete", json!({ "credentialId": self.credential })),
            ("/api/platform/asset/delete", json!({ "assetId": self.asset })),
            ("/api/platform/file/delete", json!({ "fileId": self.file })),
            ("/api/platform/folder/delete", json!({ "folderId": self.folder })),
            ("/api/platform/calendar/delete", json!({ "calendarId": spare.calendar })),
            ("/api/platform/warn-channel/delete", json!({ "channelId": self.channel })),
            ("/api/platform/employee/delete", json!({ "employeeId": self.employee })),
            ("/api/platform/role/delete", json!({ "roleId": spare.role })),
            ("/api/platform/department/delete", json!({ "depId": spare.department })),
            ("/api/platform/account/sign-out", json!({})),
        ]
    }
}
