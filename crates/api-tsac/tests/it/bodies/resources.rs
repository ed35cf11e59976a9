//! Credentials, assets, files and folders, calendars.

use serde_json::json;

use super::Body;
use crate::fixture::Fixture;

impl Fixture {
    pub(super) fn resources(&self) -> Vec<Body> {
        let Self { department, robot, credential, asset, file, folder, calendar, tag, .. } = self;
        vec![
            (
                "/api/platform/credential/create",
                json!({
                    "credentialName": "柜台", "credentialUsername": "op", "credentialPassword": "counter-Passw0rd",
                    "isGlobal": false, "robotIds": [robot], "depId": department, "remark": "r",
                }),
            ),
            (
                "/api/platform/credential/update",
                json!({ "credentialId": credential, "credentialPassword": "newer-Passw0rd", "isGlobal": false, "robotIds": [robot] }),
            ),
            ("/api/platform/credential/query", json!({ "credentialId": credential })),
            ("/api/platform/credential/list", json!({ "depId": department })),
            (
                "/api/platform/asset/create",
                json!({
                    "assetName": "密钥", "assetValue": "asset-s3cret", "dataType": 3, "isGlobal": false, "robotIds": [robot],
                    "depId": department, "remark": "r",
                }),
            ),
            (
                "/api/platform/asset/update",
                json!({ "assetId": asset, "assetValue": "0.02", "isGlobal": false, "robotIds": [robot] }),
            ),
            ("/api/platform/asset/query", json!({ "assetId": asset })),
            ("/api/platform/asset/list", json!({ "depId": department })),
            ("/api/platform/file/query", json!({ "fileId": file })),
            ("/api/platform/file/list", json!({ "depId": department, "folderId": self.file_folder })),
            ("/api/platform/file/version/list", json!({ "fileId": file })),
            ("/api/platform/folder/create", json!({ "depId": department, "folderPath": "/新建" })),
            ("/api/platform/folder/rename", json!({ "folderId": folder, "folderName": "存档" })),
            ("/api/platform/folder/move", json!({ "folderId": folder, "folderPath": "/对账" })),
            ("/api/platform/folder/list", json!({ "depId": department })),
            (
                "/api/platform/calendar/create",
                json!({ "calendarName": format!("节假日{tag}"), "nonWorkingDays": ["2027-01-01"] }),
            ),
            (
                "/api/platform/calendar/update",
                json!({ "calendarId": calendar, "calendarName": format!("新日历{tag}"), "nonWorkingDays": ["2027-01-01", "2027-01-02"] }),
            ),
            ("/api/platform/calendar/query", json!({ "calendarId": calendar })),
            ("/api/platform/calendar/day", json!({ "calendarId": calendar, "date": "2027-01-01" })),
            ("/api/platform/calendar/export", json!({ "calendarId": calendar })),
            ("/api/platform/calendar/list", json!({})),
        ]
    }
}
