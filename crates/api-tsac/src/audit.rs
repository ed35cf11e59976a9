//! 审计日志 (extension; T/TSAC 002-2025, 5.7): who changed what.

use baigong_core::{
    Platform,
    audits::{self, AuditQuery},
};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{parse_time, time},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditList {
    /// 部门 ID: that department and all below
    dep_id: Option<i64>,
    /// 用户 ID
    employee_id: Option<i64>,
    /// 对象类型: department, employee, robot, task, …; one that there is not is answered with those that there are
    kind: Option<String>,
    /// 对象 ID
    object_id: Option<i64>,
    /// 操作: create, update, delete, …
    action: Option<String>,
    /// 开始时间, yyyy-MM-dd HH:mm:ss
    start_time: Option<String>,
    /// 结束时间, exclusive
    end_time: Option<String>,
    /// Only rows before this one: the auditId of the last row goes on to the next page
    before_id: Option<i64>,
    /// 每页条目数, 1 to 1000, 100 when absent
    #[schemars(range(min = 1, max = 1000))]
    page_size: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Audits {
    /// 审计日志, newest first
    audits: Vec<Audit>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Audit {
    /// 审计日志 ID
    audit_id: i64,
    /// 时间
    time: String,
    /// 用户 ID; 0 for the platform itself
    employee_id: i64,
    /// 用户名
    username: String,
    /// 来源地址
    address: String,
    /// 操作
    action: String,
    /// 对象类型
    kind: String,
    /// 对象 ID; 0 for none
    object_id: i64,
    /// 部门 ID; 0 for none
    dep_id: i64,
    /// JSON, without secrets
    detail: String,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: AuditList) -> Result<Audits> {
    let query = AuditQuery {
        department_id: body.dep_id,
        user_id: body.employee_id,
        kind: body.kind,
        object_id: body.object_id,
        action: body.action,
        from: parse_time(&platform, "startTime", body.start_time.as_deref())?,
        to: parse_time(&platform, "endTime", body.end_time.as_deref())?,
        before: body.before_id,
        limit: body.page_size,
    };
    let rows = audits::list(&platform, &caller, query).await?.into_iter().map(|row| Audit {
        audit_id: row.id,
        time: time(&platform, row.at),
        employee_id: row.user_id.unwrap_or_default(),
        username: row.username,
        address: row.address.unwrap_or_default(),
        action: row.action,
        kind: row.kind,
        object_id: row.object_id.unwrap_or_default(),
        dep_id: row.department_id.unwrap_or_default(),
        detail: row.detail,
    });
    Ok(Audits { audits: rows.collect() })
}
