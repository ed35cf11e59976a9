//! 通知 (extension): what was told over which channel, and what could not be.

use baigong_core::{
    Platform,
    notices::{self, NoticeQuery},
};
use baigong_model::{Error, Page, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{time, time_or_empty},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoticeList {
    /// 部门 ID: that department and all below
    dep_id: Option<i64>,
    /// new, waiting, sent, merged, failed or no-channel
    state: Option<String>,
    /// task-failed, task-run-expired, task-wait-expired, task-lost, calendar-ending, license-expiring, trigger-skipped, robot-offline, test or message
    kind: Option<String>,
    /// 渠道 ID
    channel_id: Option<i64>,
    /// 页码, from 1
    #[schemars(range(min = 1))]
    page_num: Option<i64>,
    /// 每页条目数, 1 to 1000, 100 when absent
    #[schemars(range(min = 1, max = 1000))]
    page_size: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Notices {
    /// 通知列表, newest first
    notices: Vec<Notice>,
    /// 总数
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Notice {
    /// 通知 ID
    notice_id: i64,
    /// 部门 ID
    dep_id: i64,
    /// What happened
    kind: String,
    /// 级别: 0 info, 1 warning, 2 error
    level: i32,
    /// What it is about: of a task's end, the task; 0 for nothing
    object_id: i64,
    /// 流程 ID of the task; 0 for none
    process_id: i64,
    /// 渠道 ID; 0 where no channel takes it
    channel_id: i64,
    /// new, waiting, sent, merged, failed or no-channel
    state: String,
    /// How many notices its message stands for
    occurrences: i64,
    /// The notice whose message tells of this one too; 0 for none
    merged_into: i64,
    /// How often it was tried
    attempts: i32,
    /// 下次发送时间
    next_try_time: String,
    /// Why the last try failed
    last_error: String,
    /// 创建时间
    create_time: String,
    /// 发送时间
    sent_time: String,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: NoticeList) -> Result<Notices> {
    fn read<T: std::str::FromStr>(field: &str, text: Option<&str>) -> Result<Option<T>> {
        let wrong = |_| Error::invalid(field, "must be one of the documented words");
        text.filter(|text| !text.is_empty()).map(|text| text.parse().map_err(wrong)).transpose()
    }
    let query = NoticeQuery {
        department_id: body.dep_id,
        state: read("state", body.state.as_deref())?,
        kind: read("kind", body.kind.as_deref())?,
        channel_id: body.channel_id,
        page: Page::new(body.page_num, body.page_size)?,
    };
    let page = notices::list(&platform, &caller, query).await?.map(|row| Notice {
        notice_id: row.id,
        dep_id: row.department_id,
        kind: row.kind,
        level: row.level,
        object_id: row.object_id.unwrap_or_default(),
        process_id: row.process_id.unwrap_or_default(),
        channel_id: row.channel_id.unwrap_or_default(),
        state: row.state,
        occurrences: row.occurrences,
        merged_into: row.merged_into.unwrap_or_default(),
        attempts: row.attempts,
        next_try_time: time_or_empty(&platform, row.next_try),
        last_error: row.last_error.unwrap_or_default(),
        create_time: time(&platform, row.created_at),
        sent_time: time_or_empty(&platform, row.sent_at),
    });
    Ok(Notices { notices: page.rows, total: page.total })
}
