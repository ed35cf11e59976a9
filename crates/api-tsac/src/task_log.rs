//! 任务日志 (6.2.11.1): what a task's run wrote.

use baigong_core::{Platform, tasks};
use baigong_model::{Error, Page, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, wire};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskLogQuery {
    /// 任务 ID
    task_id: i64,
    /// 日志等级: trace, debug, info, warn, error; lines of this level only
    log_level: Option<String>,
    /// 页码 (extension), from 1; the whole log when neither it nor pageSize is given
    #[schemars(range(min = 1))]
    page_num: Option<i64>,
    /// 每页条目数 (extension), 1 to 1000
    #[schemars(range(min = 1, max = 1000))]
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
    /// 日志等级: trace, debug, info, warn, error
    log_level: &'static str,
    /// 日志信息
    message: String,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: TaskLogQuery) -> Result<TaskLog> {
    let page = match (body.page_num, body.page_size) {
        (None, None) => None,
        (number, size) => Some(Page::new(number, size)?),
    };
    let too_far = |_| Error::invalid("pageNum", "is beyond every log");
    let filter = tasks::LogFilter {
        level: wire::log_level(body.log_level.as_deref())?,
        limit: page.map(|page| usize::try_from(page.size())).transpose().map_err(too_far)?,
        offset: page.map_or(Ok(0), |page| usize::try_from(page.offset())).map_err(too_far)?,
    };
    let lines = tasks::log(&platform, &caller, body.task_id, filter).await?;
    let line = |line: tasks::LogLine| Line {
        log_time: wire::time(&platform, line.at),
        log_level: line.level.as_str(),
        message: line.message,
    };
    Ok(TaskLog { logs: lines.into_iter().map(line).collect() })
}
