//! 任务日志 (6.3.7.1): what a task's run wrote.

use baigong_model::{Page, Result};
use baigong_protocol::LogLine;
use baigong_tsac_kit::wire::log_level;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    dialect::{Caller, Served},
    wire,
};
use crate::own::tasks;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskLogQuery {
    /// 任务 ID
    task_id: i64,
    /// 日志等级: trace, debug, info, warn, error; lines of this level only
    log_level: Option<String>,
    /// 页码 (extension), from 1; the whole log when neither it nor pageSize is given
    page_num: Option<i64>,
    /// 每页条目数 (extension), 1 to 1000
    page_size: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct TaskLog {
    /// 日志记录数组, oldest first
    logs: Vec<Line>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Line {
    /// 日志时间, yyyy-MM-dd HH:mm:ss
    log_time: String,
    /// 日志等级
    log_level: &'static str,
    /// 日志信息
    message: String,
}

pub(crate) async fn query(Served(robot): Served, _: Caller, body: TaskLogQuery) -> Result<TaskLog> {
    let is_paged = body.page_num.is_some() || body.page_size.is_some();
    let page = is_paged.then(|| Page::new(body.page_num, body.page_size)).transpose()?;
    let level = log_level(body.log_level.as_deref())?;
    let lines = tasks::log(&robot, body.task_id, level, page).await?;
    let line = |line: LogLine| Line {
        log_time: wire::time(&robot, line.at),
        log_level: line.level.as_str(),
        message: line.message,
    };
    Ok(TaskLog { logs: lines.into_iter().map(line).collect() })
}
