//! What both operations share: the signed parameters, pages, times.

use baigong_core::Platform;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Paging {
    /// From 1
    pub(crate) page_num: i64,
    /// The most rows of a page
    pub(crate) page_size: i64,
    /// How many there are in all
    pub(crate) total: u64,
}

/// The rows, and which of them these are. It is the dialect's answer but for its head.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Listed<T> {
    /// The rows
    pub(crate) data: Vec<T>,
    /// Which page this is
    pub(crate) paging: Paging,
}

/// What every request carries; it is checked before anything else is read.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Signature {
    /// 邮箱: whose token the request is signed with
    #[serde(rename = "email")]
    _email: String,
    /// 时间戳, in seconds; within 5 minutes
    #[serde(rename = "timestamp")]
    _timestamp: i64,
    /// 签名: hex SHA-1 of `email&open_api_token&timestamp`, or with version 2 hex SHA-256 of
    /// `email&open_api_token&timestamp&nonce&sign_version`
    #[serde(rename = "sign")]
    _sign: String,
    /// A text that is used once, for version 2
    #[serde(rename = "nonce")]
    _nonce: Option<String>,
    /// `v2`, or absent for the first version
    #[serde(rename = "sign_version")]
    _sign_version: Option<String>,
}

/// `yyyy-MM-dd HH:mm:ss` in the server's zone.
pub(crate) fn time(platform: &Platform, milliseconds: i64) -> String {
    let at = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    at.to_zoned(platform.config.time_zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
