//! Push, pop and what a holder does with an item.

use baigong_core::{
    Platform,
    queue_items::{self, Grip, ItemInput, Taken},
};
use baigong_model::{Error, Result};
use baigong_tsac_kit::phrases::told;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::shown::Json;
use crate::{
    Caller,
    wire::{parse_time, time, time_or_empty},
};

/// One item in the body itself, or several in `items`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Push {
    /// 数据队列 ID
    queue_id: i64,
    /// 多条数据: 1 to 1000, all or none
    items: Option<Vec<NewItem>>,
    #[serde(flatten)]
    item: NewItem,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewItem {
    /// 数据内容: any JSON but null and "". Required, in each of items too
    #[schemars(extend("x-required-unless" = { "items": null }))]
    payload: Option<Value>,
    /// 唯一标识: unique in the queue
    reference: Option<String>,
    /// 优先级: 0 high, 1 middle, 2 low; the queue's when absent
    #[schemars(range(min = 0, max = 2))]
    priority: Option<i64>,
    /// 生效时间: not given out before
    available_at: Option<String>,
    /// 截止时间: not given out after; in the time to come
    deadline: Option<String>,
    /// 是否保密: stored sealed and shown only to who takes it
    secret: Option<bool>,
}

impl NewItem {
    fn input(self, platform: &Platform) -> Result<ItemInput> {
        Ok(ItemInput {
            payload: self.payload.unwrap_or(Value::Null),
            reference: self.reference.filter(|it| !it.is_empty()),
            priority: self.priority,
            available_at: parse_time(platform, "availableAt", self.available_at.as_deref())?,
            deadline: parse_time(platform, "deadline", self.deadline.as_deref())?,
            is_secret: self.secret.unwrap_or(false),
            ..ItemInput::default()
        })
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pushed {
    /// 数据 ID: of the first item
    item_id: i64,
    /// 数据 ID 列表, in the order they came in
    item_ids: Vec<i64>,
}

pub(crate) async fn push(platform: Platform, caller: Caller, body: Push) -> Result<Pushed> {
    let items = match (body.items, body.item) {
        (Some(_), NewItem { payload: Some(_), .. }) => {
            return Err(Error::invalid("items", "and payload are not given together"));
        }
        (Some(items), _) => items,
        (None, one) => vec![one],
    };
    let items = items.into_iter().map(|item| item.input(&platform)).collect::<Result<_>>()?;
    let item_ids = queue_items::push(&platform, &caller, body.queue_id, items).await?;
    Ok(Pushed { item_id: item_ids.first().copied().unwrap_or(0), item_ids })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pop {
    /// 数据队列 ID
    queue_id: i64,
    /// 条数: 1 to 1000, 1 when absent
    #[schemars(range(min = 1, max = 1000))]
    count: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Popped {
    /// 取出的数据; empty when none is waiting
    items: Vec<TakenItem>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TakenItem {
    /// 数据 ID
    item_id: i64,
    /// 占用序号: to be given back with finish, renew and release
    fence: i64,
    /// 数据内容
    payload: Json,
    /// 唯一标识; "" for none
    reference: String,
    /// 优先级
    priority: i32,
    /// 第几次尝试, from 1
    attempts: i32,
    /// 占用到期时间
    lease_until: String,
    /// 截止时间; "" for none
    deadline: String,
    /// 来源: the item it was forwarded from
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Origin {
    /// 数据 ID
    item_id: i64,
    /// 处理结果, null for none
    output: Json,
    /// 失败原因
    reason: String,
}

pub(crate) async fn pop(platform: Platform, caller: Caller, body: Pop) -> Result<Popped> {
    let count = usize::try_from(body.count.unwrap_or(1)).unwrap_or(0);
    let taken = queue_items::pop(&platform, &caller, body.queue_id, count).await?;
    let items = taken.into_iter().map(|taken| shown(&platform, taken)).collect::<Result<_>>()?;
    Ok(Popped { items })
}

fn shown(platform: &Platform, taken: Taken) -> Result<TakenItem> {
    let origin = match taken.origin {
        Some(from) => Some(Origin {
            item_id: from.item_id,
            output: Json::or_null(from.output)?,
            reason: told(&from.reason.unwrap_or_default()),
        }),
        None => None,
    };
    let row = taken.row;
    Ok(TakenItem {
        item_id: row.id,
        fence: row.fence,
        payload: Json::new(row.payload)?,
        reference: row.reference.unwrap_or_default(),
        priority: row.priority,
        attempts: row.attempts,
        lease_until: time_or_empty(platform, row.lease_until),
        deadline: time_or_empty(platform, row.expires_at),
        origin,
    })
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct State {
    /// 状态: the state the item went to
    state: &'static str,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Renew {
    /// 数据队列 ID
    queue_id: i64,
    /// 数据 ID
    item_id: i64,
    /// 占用序号
    fence: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Renewed {
    /// 占用到期时间
    lease_until: String,
}

pub(crate) async fn renew(platform: Platform, caller: Caller, body: Renew) -> Result<Renewed> {
    let grip = Grip { queue_id: body.queue_id, item_id: body.item_id, fence: body.fence };
    let until = queue_items::renew(&platform, &caller, grip).await?;
    Ok(Renewed { lease_until: time(&platform, until) })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Release {
    /// 数据队列 ID
    queue_id: i64,
    /// 数据 ID
    item_id: i64,
    /// 占用序号
    fence: i64,
    /// 生效时间: not given out again before; at once when absent
    available_at: Option<String>,
}

pub(crate) async fn release(platform: Platform, caller: Caller, body: Release) -> Result<State> {
    let grip = Grip { queue_id: body.queue_id, item_id: body.item_id, fence: body.fence };
    let from = parse_time(&platform, "availableAt", body.available_at.as_deref())?;
    Ok(State { state: queue_items::release(&platform, &caller, grip, from).await? })
}
