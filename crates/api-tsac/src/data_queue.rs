//! 数据队列 (6.2.8): queues of work items and how far they are.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, queues};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, wire::ListQuery};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueCreate {
    /// 部门 ID
    dep_id: i64,
    /// 数据队列名称
    queue_name: String,
    /// 备注
    remark: Option<String>,
    #[serde(flatten)]
    settings: Settings,
}

/// 扩展: how the queue treats its items.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Settings {
    /// 锁定时长 (extension): seconds an item is held before it goes to another, 3600 unless said
    #[schemars(range(min = 1, max = 604_800))]
    lease_seconds: Option<i64>,
    /// 最大尝试次数 (extension): 3 unless said
    #[schemars(range(min = 1, max = 1000))]
    max_attempts: Option<i64>,
    /// 默认优先级 (extension): 0 high, 1 middle, 2 low
    #[schemars(range(min = 0, max = 2))]
    default_priority: Option<i64>,
    /// 成功转入队列 (extension): where items go on to that ended well; 0 for nowhere
    success_queue_id: Option<i64>,
    /// 失败转入队列 (extension): where items go on to that ended badly; 0 for nowhere
    failure_queue_id: Option<i64>,
}

impl From<Settings> for queues::QueueSettings {
    fn from(settings: Settings) -> Self {
        Self {
            lease_seconds: settings.lease_seconds,
            max_attempts: settings.max_attempts,
            default_priority: settings.default_priority,
            success_queue_id: settings.success_queue_id,
            failure_queue_id: settings.failure_queue_id,
            ..Self::default()
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueCreated {
    /// 数据队列 ID
    queue_id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: QueueCreate) -> Result<QueueCreated> {
    let new = queues::NewQueue {
        department_id: body.dep_id,
        name: body.queue_name,
        remark: body.remark,
        settings: body.settings.into(),
    };
    Ok(QueueCreated { queue_id: queues::create(&platform, &caller, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueUpdate {
    /// 数据队列 ID
    queue_id: i64,
    /// 数据队列名称
    queue_name: Option<String>,
    /// 备注
    remark: Option<String>,
    #[serde(flatten)]
    settings: Settings,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: QueueUpdate) -> Result<Nothing> {
    let change = queues::QueueChange { name: body.queue_name, remark: body.remark, settings: body.settings.into() };
    queues::update(&platform, &caller, body.queue_id, change).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueQuery {
    /// 数据队列 ID
    queue_id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: QueueQuery) -> Result<Nothing> {
    queues::delete(&platform, &caller, body.queue_id).await?;
    Ok(Nothing {})
}

/// What became of a queue's items. Every item is in exactly one of unconsumed, consumed, unavailable and expired, so that
/// these four make up the total.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueCounts {
    /// 未消费消息数: waiting, ready to be taken
    unconsumed_message_count: i64,
    /// 消费消息数: taken, whatever came of it
    consumed_message_count: i64,
    /// 未生效消息数: waiting for its time
    unavailable_message_count: i64,
    /// 过期消息数: its time went by
    expired_message_count: i64,
    /// 消费消息成功数
    consumed_message_success_count: i64,
    /// 消费消息失败数
    consumed_message_fail_count: i64,
    /// 总数
    total_count: i64,
    /// 是否删除
    is_deleted: bool,
    /// 数据队列名称 (extension)
    queue_name: String,
    /// 备注 (extension)
    remark: String,
    /// 部门 ID (extension)
    dep_id: i64,
    /// 已删除消息数 (extension): taken out by hand, and not in the total
    deleted_message_count: i64,
    /// 锁定时长 (extension), seconds
    lease_seconds: i64,
    /// 最大尝试次数 (extension)
    max_attempts: i32,
    /// 默认优先级 (extension)
    default_priority: i32,
    /// 成功转入队列 (extension); 0 for none
    success_queue_id: i64,
    /// 失败转入队列 (extension); 0 for none
    failure_queue_id: i64,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: QueueQuery) -> Result<QueueCounts> {
    let queue = queues::query(&platform, &caller, body.queue_id).await?;
    Ok(QueueCounts {
        unconsumed_message_count: queue.unconsumed,
        consumed_message_count: queue.consumed,
        unavailable_message_count: queue.unavailable,
        expired_message_count: queue.expired,
        consumed_message_success_count: queue.succeeded,
        consumed_message_fail_count: queue.failed,
        total_count: queue.total,
        is_deleted: queue.queue.deleted_at.is_some(),
        queue_name: queue.queue.name,
        remark: queue.queue.remark.unwrap_or_default(),
        dep_id: queue.queue.department_id,
        deleted_message_count: queue.deleted,
        lease_seconds: queue.queue.lease_seconds,
        max_attempts: queue.queue.max_attempts,
        default_priority: queue.queue.default_priority,
        success_queue_id: queue.queue.success_queue_id.unwrap_or(0),
        failure_queue_id: queue.queue.failure_queue_id.unwrap_or(0),
    })
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct QueueList {
    /// 数据队列列表
    queues: Vec<Queue>,
    /// 总数 (extension)
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Queue {
    /// 数据队列 ID
    queue_id: i64,
    /// 数据队列名称
    queue_name: String,
    /// 备注
    remark: String,
    /// 部门 ID
    dep_id: i64,
    /// 是否删除
    is_deleted: bool,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ListQuery) -> Result<QueueList> {
    let page = queues::list(&platform, &caller, &body.input()?).await?.map(|row| Queue {
        queue_id: row.id,
        queue_name: row.name,
        remark: row.remark.unwrap_or_default(),
        dep_id: row.department_id,
        is_deleted: row.deleted_at.is_some(),
    });
    Ok(QueueList { queues: page.rows, total: page.total })
}
