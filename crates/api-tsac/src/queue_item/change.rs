//! What the owners of a queue do to its items.

use baigong_api_kit::Nothing;
use baigong_core::{
    Platform,
    queue_items::{self, ItemChange},
};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::{Caller, wire::parse_time};

/// What is absent stays as it is.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemUpdate {
    /// 数据队列 ID
    queue_id: i64,
    /// 数据 ID: of an item that nobody holds and that did not succeed
    item_id: i64,
    /// 数据内容: any JSON
    payload: Option<Value>,
    /// 唯一标识; "" takes it away
    reference: Option<String>,
    /// 优先级
    #[schemars(range(min = 0, max = 2))]
    priority: Option<i64>,
    /// 生效时间
    available_at: Option<String>,
    /// 截止时间; "" takes it away
    deadline: Option<String>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: ItemUpdate) -> Result<Nothing> {
    let deadline = match &body.deadline {
        Some(text) => Some(parse_time(&platform, "deadline", Some(text))?),
        None => None,
    };
    let change = ItemChange {
        payload: body.payload,
        reference: body.reference,
        priority: body.priority,
        available_at: parse_time(&platform, "availableAt", body.available_at.as_deref())?,
        deadline,
    };
    queue_items::update(&platform, &caller, body.queue_id, body.item_id, change).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemDelete {
    /// 数据队列 ID
    queue_id: i64,
    /// 数据 ID 列表: 1 to 1000, all or none; none that is held
    item_ids: Vec<i64>,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: ItemDelete) -> Result<Nothing> {
    queue_items::delete(&platform, &caller, body.queue_id, body.item_ids).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemRequeue {
    /// 数据队列 ID
    queue_id: i64,
    /// 数据 ID 列表: 1 to 1000 items that have ended, all or none
    item_ids: Vec<i64>,
    /// 生效时间; at once when absent
    available_at: Option<String>,
}

pub(crate) async fn requeue(platform: Platform, caller: Caller, body: ItemRequeue) -> Result<Nothing> {
    let from = parse_time(&platform, "availableAt", body.available_at.as_deref())?;
    queue_items::requeue(&platform, &caller, body.queue_id, body.item_ids, from).await?;
    Ok(Nothing {})
}
