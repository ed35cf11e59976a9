//! 流程管理 (3.6).

use baigong_api_kit::Nothing;
use baigong_core::{
    Platform, departments,
    directory::{self, Directory, Wanted},
    processes,
    rows::{package, process},
};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    agent::id_of,
    wire::{PageQuery, Rows},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProcessQuery {
    /// 流程名: a part of it
    proc_name: Option<String>,
    /// 开发者用户名
    deve_user_name: Option<String>,
    /// 所有者用户名
    own_user_name: Option<String>,
    /// 所属部门编号: that department and all below
    org_code: Option<String>,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Process {
    /// 流程 id
    id: String,
    /// 创建时间
    create_time: String,
    /// 修改时间
    modify_time: String,
    /// 流程编号
    proc_code: String,
    /// 流程名称
    proc_name: String,
    /// 流程文件
    proc_file: String,
    /// 流程版本
    proc_ver: String,
    /// 开发者用户名
    developer_user: String,
    /// 所有者 ID
    owber_user_id: i64,
    /// 所有者用户名
    owber_user: String,
    /// 所有者用户名, as it is spelt (extension)
    owner_user: String,
    /// 所属部门编号: the cascade
    org_code: String,
    /// 当前部门名称
    cur_org_name: String,
    /// 部门
    cur_name: String,
    /// 版本发布时间
    publish_time: Option<i64>,
    /// 流程描述信息
    proc_desc: String,
    /// 等待超时时间，分钟
    pending_timeout: i64,
    /// 运行超时时间，分钟
    running_timeout: i64,
    /// 人工执行耗时，分钟
    hand_do_min: i64,
    /// 自动停止时长，分钟
    auto_stop_time: i64,
    /// 失败重试次数
    fail_try_times: i32,
    /// 图标名称
    proclcon: String,
    /// 图标名称, as it is spelt (extension)
    proc_icon: String,
    /// 关键字
    key_words: String,
    /// 状态: edit 编辑中, release 已发布, deleted 已删除
    work_status: &'static str,
    /// 状态上次修改时间
    status_ctime: i64,
    /// 是否助手
    is_assistant: i64,
    /// 是否开机启动
    is_start_up: i64,
}

pub(crate) async fn list(platform: Platform, caller: Caller, query: ProcessQuery) -> Result<Rows<Process>> {
    let mut list = query.page.input(query.proc_name)?;
    if let Some(code) = query.org_code.filter(|code| !code.is_empty()) {
        list.department_id = Some(departments::by_code(&platform, &caller, "orgCode", &code).await?);
    }
    let search = processes::Search { list, owner: query.own_user_name, developer: query.deve_user_name };
    let page = processes::search(&platform, &caller, &search).await?;
    let ids: Vec<i64> = page.rows.iter().map(|row| row.id).collect();
    let directory = Directory::look_up(&platform, Wanted { processes: ids.clone(), ..Wanted::default() }).await?;
    let changed = directory::changed_at(&platform, "process", &ids).await?;
    Ok(page.map(|row| shown(&directory, &row, changed.get(&row.id).copied().unwrap_or(row.created_at))).into())
}

fn shown(directory: &Directory, row: &process::Model, changed: i64) -> Process {
    let package = row.package_id.and_then(|id| directory.packages.get(&id));
    let owner = directory.user(row.created_by).to_owned();
    let department = directory.department(row.department_id).to_owned();
    Process {
        id: row.id.to_string(),
        create_time: row.created_at.to_string(),
        modify_time: changed.to_string(),
        proc_code: row.id.to_string(),
        proc_name: row.name.clone(),
        proc_file: package.map(file_of).unwrap_or_default(),
        proc_ver: package.map(|package| package.version.clone()).unwrap_or_default(),
        developer_user: package.map(|package| directory.user(package.created_by).to_owned()).unwrap_or_default(),
        owber_user_id: row.created_by,
        owber_user: owner.clone(),
        owner_user: owner,
        org_code: directory.tree.cascade_code(row.department_id),
        cur_org_name: department.clone(),
        cur_name: department,
        publish_time: package.map(|package| package.created_at),
        proc_desc: row.remark.clone().unwrap_or_default(),
        pending_timeout: 0,
        running_timeout: 0,
        hand_do_min: 0,
        auto_stop_time: 0,
        fail_try_times: row.fail_try_times,
        proclcon: ICON.to_owned(),
        proc_icon: ICON.to_owned(),
        key_words: String::new(),
        work_status: work_status(package.is_some(), row.deleted_at),
        status_ctime: changed,
        is_assistant: 0,
        is_start_up: 0,
    }
}

const ICON: &str = "default_proc_inc.png";

/// What a package version is called as a file.
pub(crate) fn file_of(package: &package::Model) -> String {
    format!("{}_{}.zip", package.version, package.name)
}

/// Where something stands on its way to being used.
pub(crate) fn work_status(is_activated: bool, deleted_at: Option<i64>) -> &'static str {
    match (deleted_at, is_activated) {
        (Some(_), _) => "deleted",
        (None, true) => "release",
        (None, false) => "edit",
    }
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct ProcessDelete {
    /// 流程 id
    id: String,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: ProcessDelete) -> Result<Nothing> {
    processes::delete(&platform, &caller, id_of(&body.id, "process")?).await?;
    Ok(Nothing {})
}
