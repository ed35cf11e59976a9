//! Warn channels, notices, the audit, one's own key.

use serde_json::json;

use super::Body;
use crate::{fixture::Fixture, server::PASSWORD};

/// The base point of SM2: a point of the curve like any other.
const PUBLIC_KEY: &str = "0432C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0";

impl Fixture {
    pub(super) fn watching(&self) -> Vec<Body> {
        let Self { department, channel, .. } = self;
        vec![
            (
                "/api/platform/warn-channel/create",
                json!({
                    "depId": department, "channelName": "值班", "warnType": 2, "format": "webhook",
                    "url": "https://hooks.example/1", "secret": "hook-s3cret",
                }),
            ),
            (
                "/api/platform/warn-channel/update",
                json!({ "channelId": channel, "url": "https://hooks.example/2", "secret": "hook-s3cret-2" }),
            ),
            ("/api/platform/warn-channel/query", json!({ "channelId": channel })),
            ("/api/platform/warn-channel/list", json!({ "depId": department })),
            ("/api/platform/warn-channel/test", json!({ "channelId": channel })),
            ("/api/platform/notice/list", json!({ "depId": department })),
            ("/api/platform/audit/list", json!({ "depId": department })),
            ("/api/platform/account/register-key", json!({ "publicKey": PUBLIC_KEY, "password": PASSWORD })),
            ("/api/platform/account/unregister-key", json!({})),
        ]
    }
}
