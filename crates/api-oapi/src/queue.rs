//! 空间管理 (3.11.6 to 3.11.9): spaces are the data queues of the other interfaces.

use baigong_api_kit::Nothing;
use baigong_core::{
    Platform, departments,
    directory::{self, Directory, Wanted},
    queue_items, queues, robots,
    rows::data_queue,
};
use baigong_model::{Error, Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    agent::id_of,
    wire::{PageQuery, Rows, either},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueQuery {
    /// 空间名: a part of it
    queue_name: Option<String>,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Queue {
    /// 队列名
    queue_name: String,
    /// 空间编号
    id: i64,
    /// 创建时间
    create_time: i64,
    /// 修改时间
    modify_time: i64,
    /// 机器人别名
    agent_alias: String,
    /// 机器人编号
    agent_no: String,
    /// 部门名称
    org_name: String,
    /// 部门编号
    org_id: i64,
    /// 超时时间: minutes
    time_out: String,
    /// 执行机器人编号
    robot_no: String,
    /// 尝试失败次数
    fail_try_times: i32,
    /// 队列子项最大数: 0 for no limit
    queue_max_items: i64,
    /// 队列描述
    queue_desc: String,
    /// 部门: the cascade
    org_code: String,
}

/// The robots that a space is for.
pub(crate) fn robots_of(row: &data_queue::Model) -> Vec<i64> {
    row.robots.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

pub(crate) async fn list(platform: Platform, caller: Caller, query: QueueQuery) -> Result<Rows<Queue>> {
    let page = queues::list(&platform, &caller, &query.page.input(query.queue_name)?).await?;
    let ids: Vec<i64> = page.rows.iter().map(|row| row.id).collect();
    let wanted = Wanted { robots: page.rows.iter().flat_map(robots_of).collect(), ..Wanted::default() };
    let directory = Directory::look_up(&platform, wanted).await?;
    let changed = directory::changed_at(&platform, "data queue", &ids).await?;
    Ok(page
        .map(|row| {
            let robots = robots_of(&row);
            let numbers = robots.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let names: Vec<&str> =
                robots.iter().filter_map(|id| Some(directory.robots.get(id)?.name.as_str())).collect();
            Queue {
                create_time: row.created_at,
                modify_time: changed.get(&row.id).copied().unwrap_or(row.created_at),
                agent_alias: if robots.is_empty() { "动态分配".to_owned() } else { names.join(",") },
                agent_no: numbers.clone(),
                org_name: directory.department(row.department_id).to_owned(),
                org_id: row.department_id,
                time_out: (row.lease_seconds / 60).to_string(),
                robot_no: numbers,
                fail_try_times: row.max_attempts - 1,
                queue_max_items: row.max_items.unwrap_or_default(),
                org_code: directory.tree.cascade_code(row.department_id),
                id: row.id,
                queue_name: row.name,
                queue_desc: row.remark.unwrap_or_default(),
            }
        })
        .into())
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueCreate {
    /// 空间名
    queue_name: String,
    /// 空间最大数: 0 for no limit
    queue_max_items: i64,
    /// 失败重试次数: 0 to 999
    #[schemars(range(min = 0, max = 999))]
    fail_try_times: i64,
    /// 空间描述
    queue_desc: Option<String>,
    /// 机器人编号: the only robots whose tasks take items; several with commas between
    robots_no: Option<String>,
    /// 超时: minutes, an hour when absent
    time_out: Option<String>,
    /// 部门编号: the caller's own when absent
    org_code: Option<String>,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: QueueCreate) -> Result<Nothing> {
    let minutes = body.time_out.filter(|text| !text.is_empty()).map(|text| text.trim().parse::<i64>());
    let minutes = minutes.transpose().map_err(|_| Error::invalid("timeOut", "must be a number of minutes"))?;
    let robots = match body.robots_no.filter(|text| !text.is_empty()) {
        Some(text) => robots::named(&platform, &caller, "robotsNo", &text).await?,
        None => None,
    };
    let settings = queues::QueueSettings {
        lease_seconds: minutes.map(|minutes| minutes.saturating_mul(60)),
        max_attempts: Some(body.fail_try_times + 1),
        max_items: Some(body.queue_max_items),
        robot_ids: robots,
        ..queues::QueueSettings::default()
    };
    let department_id = departments::by_code_or_home(&platform, &caller, "orgCode", body.org_code.as_deref()).await?;
    let new = queues::NewQueue { department_id, name: body.queue_name, remark: body.queue_desc, settings };
    queues::create(&platform, &caller, new).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueId {
    /// 空间 ID; 和空间名不能同时为空
    queue_id: Option<String>,
    /// 空间名
    queue_name: Option<String>,
}

impl QueueId {
    async fn find(self, platform: &Platform, caller: &Caller) -> Result<i64> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        match either(given(self.queue_id), given(self.queue_name), "queueId, queueName")? {
            (Some(id), _) => id_of(&id, "data queue"),
            (None, name) => {
                queue_items::by_name(platform, caller, Permission::QueueWrite, &name.unwrap_or_default()).await
            }
        }
    }
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: QueueId) -> Result<Nothing> {
    let id = body.find(&platform, &caller).await?;
    queues::delete(&platform, &caller, id).await?;
    Ok(Nothing {})
}

pub(crate) async fn clear(platform: Platform, caller: Caller, body: QueueId) -> Result<Nothing> {
    let id = body.find(&platform, &caller).await?;
    queue_items::clear(&platform, &caller, id).await?;
    Ok(Nothing {})
}
