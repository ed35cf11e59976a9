//! Items as answers show them, and JSON that is passed on as it is stored.

use std::borrow::Cow;

use baigong_core::{Platform, queue_items::Item};
use baigong_model::{Error, Result};
use baigong_tsac_kit::phrases::told;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::wire::{HIDDEN, time, time_or_empty};

/// Any JSON, as it is stored: it was checked when it came in.
#[derive(Debug)]
pub(crate) struct Json(Box<RawValue>);

impl Json {
    pub(super) fn new(text: String) -> Result<Self> {
        RawValue::from_string(text).map(Self).map_err(Error::internal)
    }

    /// JSON that may not be there.
    pub(super) fn or_null(text: Option<String>) -> Result<Self> {
        Self::new(text.unwrap_or_else(|| "null".into()))
    }

    /// What stands for JSON that is not shown.
    fn hidden() -> Result<Self> {
        Self::new(format!("\"{HIDDEN}\""))
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl JsonSchema for Json {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Json".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

/// An item.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShownItem {
    /// 数据 ID
    item_id: i64,
    /// 状态: new, postponed, running, succeeded, business-failed, failed, expired or deleted
    state: String,
    /// 优先级: 0 high, 1 middle, 2 low
    priority: i32,
    /// 唯一标识; "" for none
    reference: String,
    /// 数据内容: any JSON; "******" where it is secret
    payload: Json,
    /// 是否保密
    is_secret: bool,
    /// 已尝试次数
    attempts: i32,
    /// 占用者: "user 3", "task 7:1"; "" for none
    holder: String,
    /// 处理结果: any JSON, null for none
    output: Json,
    /// 失败原因
    reason: String,
    /// 来源数据 ID: the item it was forwarded from; 0 for none
    origin_id: i64,
    /// 创建时间
    create_time: String,
    /// 生效时间
    available_at: String,
    /// 截止时间; "" for none
    deadline: String,
    /// 占用到期时间; "" while nobody holds it
    lease_until: String,
    /// 结束时间; "" while it has not ended
    end_time: String,
    /// 是否删除
    is_deleted: bool,
}

impl ShownItem {
    pub(super) fn of(platform: &Platform, item: Item) -> Result<Self> {
        let payload = match item.payload() {
            Some(text) => Json::new(text.to_owned())?,
            None => Json::hidden()?,
        };
        let row = item.row;
        Ok(Self {
            item_id: row.id,
            is_deleted: row.state == "deleted",
            state: row.state,
            priority: row.priority,
            reference: row.reference.unwrap_or_default(),
            payload,
            is_secret: row.is_secret,
            attempts: row.attempts,
            holder: row.holder.unwrap_or_default(),
            output: Json::or_null(row.output)?,
            reason: told(&row.reason.unwrap_or_default()),
            origin_id: row.origin_id.unwrap_or(0),
            create_time: time(platform, row.created_at),
            available_at: time(platform, row.available_at),
            deadline: time_or_empty(platform, row.expires_at),
            lease_until: time_or_empty(platform, row.lease_until),
            end_time: time_or_empty(platform, row.ended_at),
        })
    }
}
