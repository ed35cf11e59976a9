//! 任务数据队列项 (3.11.1 to 3.11.5): the items of spaces, by the words of this dialect.

use baigong_api_kit::Nothing;
use baigong_core::{
    Platform,
    queue_items::{self, ItemFilter, ItemInput, Verdict, Vocabulary},
    queues,
    rows::{data_queue, queue_item},
};
use baigong_model::{Error, Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Caller,
    agent::id_of,
    queue::robots_of,
    wire::{Rows, page, parse_end, parse_start, parse_time, time, time_or_empty},
};

/// The words of this dialect for items, for filters.
const WORDS: Vocabulary = Vocabulary {
    fields: &[("itemNo", "itemId"), ("id", "itemId"), ("runTimes", "attempts"), ("timestamp", "createdAt")],
    values: &[
        ("status", "pending", "(state:new AND attempts:0) OR state:postponed"),
        ("status", "retry", "state:new AND attempts:[1 TO *]"),
        ("status", "running", "state:running"),
        ("status", "success", "state:succeeded"),
        ("status", "failed", "state:failed OR state:\"business-failed\""),
        ("status", "expired", "state:expired"),
        ("priority", "high", "priority:0"),
        ("priority", "normal", "priority:1"),
        ("priority", "low", "priority:2"),
    ],
};

/// The priorities, by their numbers.
const PRIORITIES: [&str; 3] = ["high", "normal", "low"];

/// What an item is doing: one of the printed words, or expired.
fn status(row: &queue_item::Model, now: i64) -> &'static str {
    match row.state.as_str() {
        "new" | "postponed" if row.expires_at.is_some_and(|until| until <= now) => "expired",
        "new" if row.attempts > 0 => "retry",
        "new" | "postponed" => "pending",
        "running" => "running",
        "succeeded" => "success",
        "expired" => "expired",
        _ => "failed",
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemQuery {
    /// 空间名
    queue_name: String,
    /// 等级: high, normal, low
    priority: Option<String>,
    /// 开始时间
    from: Option<String>,
    /// 结束时间
    to: Option<String>,
    /// 队列项状态: failed, success, running, retry, pending
    status: Option<String>,
    /// 表达式过滤: a Lucene expression such as status:success
    filter: Option<String>,
    /// 页数 (extension)
    page: Option<i64>,
    /// 每页记录数 (extension)
    size: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    /// ID
    id: i64,
    /// 队列名
    queue_name: String,
    /// 执行机器人编号
    robot_no: String,
    /// 尝试失败次数
    fail_try_times: i32,
    /// 队列子项最大数
    queue_max_items: i64,
    /// 队列描述
    queue_desc: String,
    /// 队列项级别: high, normal, low
    priority: &'static str,
    /// 过期时间
    deadline: String,
    /// 队列项编号
    item_no: String,
    /// 运行次数
    run_times: i32,
    /// 时间戳
    timestamp: String,
    /// 队列项状态
    status: &'static str,
    /// 自定义键值对 (extension)
    keys: Vec<KeyValue>,
    /// 说明 (extension)
    result: String,
}

/// A pair of what an item carries.
#[derive(Serialize, Deserialize, JsonSchema)]
struct KeyValue {
    /// Its name
    key: String,
    /// Its value
    value: Value,
}

pub(crate) async fn list(platform: Platform, caller: Caller, query: ItemQuery) -> Result<Rows<Item>> {
    let id = queue_items::by_name(&platform, &caller, Permission::QueueRead, &query.queue_name).await?;
    let page = page(query.page, query.size)?;
    let queue = queues::query_row(&platform, &caller, id).await?;
    let words = [("priority", query.priority), ("status", query.status)];
    let words = words.into_iter().filter_map(|(field, word)| Some((field, word.filter(|word| !word.is_empty())?)));
    let also: Vec<String> = words.map(|(field, word)| format!("{field}:{:?}", word.replace('"', ""))).collect();
    let filter = ItemFilter {
        created: (
            parse_start(&platform, "from", query.from.as_deref())?,
            parse_end(&platform, "to", query.to.as_deref())?.map(|to| to.saturating_add(1)),
        ),
        expression: query.filter,
        also: (!also.is_empty()).then(|| also.join(" AND ")),
        vocabulary: Some(&WORDS),
        ..ItemFilter::default()
    };
    let found = queue_items::list(&platform, &caller, id, &filter, page, None).await?;
    let robots =
        queue_items::robots_of(&platform, &found.rows.iter().map(|item| &item.row).collect::<Vec<_>>()).await?;
    Ok(found.map(|item| shown(&platform, &queue, robots.get(&item.row.id).copied(), item.row)).into())
}

fn shown(platform: &Platform, queue: &data_queue::Model, robot: Option<i64>, row: queue_item::Model) -> Item {
    let status = status(&row, platform.now());
    let robot = robot.or_else(|| robots_of(queue).first().copied());
    let place = usize::try_from(row.priority).unwrap_or(1);
    Item {
        id: row.id,
        queue_name: queue.name.clone(),
        robot_no: robot.map(|id| id.to_string()).unwrap_or_default(),
        fail_try_times: queue.max_attempts - 1,
        queue_max_items: queue.max_items.unwrap_or_default(),
        queue_desc: queue.remark.clone().unwrap_or_default(),
        priority: PRIORITIES.get(place).copied().unwrap_or("normal"),
        deadline: time_or_empty(platform, row.expires_at),
        item_no: row.id.to_string(),
        run_times: row.attempts,
        timestamp: time(platform, row.created_at),
        status,
        keys: pairs(&row.payload),
        result: row.reason.or(row.output).unwrap_or_default(),
    }
}

/// The fields of an item's data. What is no object has none.
fn pairs(payload: &str) -> Vec<KeyValue> {
    let fields: Option<Map<String, Value>> = serde_json::from_str(payload).ok();
    fields.into_iter().flatten().map(|(key, value)| KeyValue { key, value }).collect()
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemPush {
    /// 空间名
    queue_name: String,
    /// 队列项级别: high, normal, low
    priority: String,
    /// 时间: after it the item expires; at once where it has gone by
    deadline: String,
    /// 自定义键值对: [{"key":"ww","value":"ww"}], or such a list as text
    #[serde(default)]
    keys: Value,
}

pub(crate) async fn push(platform: Platform, caller: Caller, body: ItemPush) -> Result<Nothing> {
    let id = queue_items::by_name(&platform, &caller, Permission::QueueUse, &body.queue_name).await?;
    let priority = PRIORITIES.iter().zip(0..).find(|(word, _)| **word == body.priority);
    let priority = priority.ok_or_else(|| Error::invalid("priority", "must be high, normal or low"))?.1;
    let item = ItemInput {
        priority: Some(priority),
        deadline: parse_time(&platform, "deadline", Some(&body.deadline))?,
        may_be_over: true,
        ..ItemInput::of(payload(body.keys)?)
    };
    queue_items::push_once(&platform, &caller, id, item, caller.signed().key()).await?;
    Ok(Nothing {})
}

/// The data of an item: its pairs as an object.
fn payload(keys: Value) -> Result<Value> {
    let wrong = || Error::invalid("keys", "must be a list such as [{\"key\":\"ww\",\"value\":\"ww\"}]");
    match keys {
        Value::Null => Ok(Value::Object(Map::new())),
        Value::String(text) if text.is_empty() => Ok(Value::Object(Map::new())),
        Value::Object(fields) => Ok(Value::Object(fields)),
        keys => {
            let pairs: Vec<KeyValue> = serde_json::from_value(keys).map_err(|_| wrong())?;
            let mut fields = Map::new();
            for KeyValue { key, value } in pairs {
                if fields.contains_key(&key) {
                    return Err(Error::invalid("keys", format!("\"{key}\" stands twice")));
                }
                fields.insert(key, value);
            }
            Ok(Value::Object(fields))
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemUpdate {
    /// 队列项编号
    item_no: String,
    /// 队列项状态: success, failed, retry (one more try), pending (back as if not taken), running (keep it longer)
    status: String,
    /// 空间名称
    queue_name: String,
    /// 说明
    result: Option<String>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: ItemUpdate) -> Result<Nothing> {
    let id = queue_items::by_name(&platform, &caller, Permission::QueueUse, &body.queue_name).await?;
    let verdict = match body.status.as_str() {
        "success" => Verdict::Succeeded,
        "failed" => Verdict::Failed,
        "retry" => Verdict::Retry,
        "pending" => Verdict::Back,
        "running" => Verdict::Kept,
        _ => return Err(Error::invalid("status", "must be failed, success, running, retry or pending")),
    };
    let item = id_of(&body.item_no, "queue item")?;
    queue_items::settle(&platform, &caller, id, item, verdict, body.result).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemPop {
    /// 队列名称
    queue_name: String,
}

/// The most urgent item, then the oldest; null where none waits. As it was given: what it became since is not told.
pub(crate) async fn pop(platform: Platform, caller: Caller, query: ItemPop) -> Result<Option<Item>> {
    let id = queue_items::by_name(&platform, &caller, Permission::QueueUse, &query.queue_name).await?;
    let taken = queue_items::pop_once(&platform, &caller, id, caller.signed().key()).await?;
    let Some(taken) = taken else { return Ok(None) };
    let queue = queue_items::known(&platform, &caller, id).await?;
    Ok(Some(Item { status: "running", ..shown(&platform, &queue, None, taken.row) }))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemDelete {
    /// 队列项编号数组: [{"itemNo":"1"}], or the numbers themselves
    items: Items,
    /// 空间名
    queue_name: String,
}

/// A list of items, or such a list as text.
#[derive(Deserialize)]
#[serde(transparent)]
struct Items(Value);

impl JsonSchema for Items {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Items".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({})
    }
}

impl Items {
    fn ids(&self) -> Result<Vec<i64>> {
        let wrong = || Error::invalid("items", "must be a list such as [{\"itemNo\":\"1\"}]");
        let one = |item: &Value| match item.get("itemNo").unwrap_or(item) {
            Value::String(text) => id_of(text, "queue item"),
            number => number.as_i64().ok_or_else(wrong),
        };
        match &self.0 {
            Value::Array(items) => items.iter().map(one).collect(),
            item => Ok(vec![one(item)?]),
        }
    }
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: ItemDelete) -> Result<Nothing> {
    let id = queue_items::by_name(&platform, &caller, Permission::QueueWrite, &body.queue_name).await?;
    queue_items::delete(&platform, &caller, id, body.items.ids()?).await?;
    Ok(Nothing {})
}
