//! 版本管理 (3.7): the versions of the packages that processes run.

use baigong_core::{
    Platform,
    directory::{Directory, Wanted},
    packages,
};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    process::{file_of, work_status},
    wire::{PageQuery, Rows, time},
};

#[derive(Deserialize, JsonSchema)]
pub(crate) struct VersionQuery {
    #[serde(flatten)]
    page: PageQuery,
    /// 流程 id: only versions of what it runs
    proclid: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Version {
    /// id
    id: i64,
    /// 创建时间
    create_time: i64,
    /// 修改时间
    modify_time: i64,
    /// 流程版本设计器修改时间
    pro_change: String,
    /// 流程名称
    proc_name: String,
    /// 部门编号: the cascade
    org_code: String,
    /// 流程编号
    proc_code: String,
    /// 流程文件路径
    proc_file: String,
    /// 流程版本号
    proc_ver: String,
    /// 文件大小
    file_size: i64,
    /// 开发者用户名
    developer_user: String,
    /// 所有者 ID
    owber_user_id: i64,
    /// 所有者用户名
    owber_user: String,
    /// 是否活动
    is_activity: bool,
    /// 版本发布时间
    publish_time: String,
    /// 流程描述
    proc_desc: String,
    /// 版本说明
    ver_explain: String,
    /// 状态
    work_status: &'static str,
    /// 当前部门名称
    cur_org_name: String,
    /// 状态上次修改时间
    status_ctime: String,
}

pub(crate) async fn list(platform: Platform, caller: Caller, query: VersionQuery) -> Result<Rows<Version>> {
    let page = match query.proclid {
        Some(process) => packages::versions_of(&platform, &caller, process, query.page.page()?).await?,
        None => packages::list(&platform, &caller, &query.page.input(None)?).await?,
    };
    let ids: Vec<i64> = page.rows.iter().map(|row| row.id).collect();
    let activated = packages::activations(&platform, &ids).await?;
    let directory = Directory::look_up(&platform, Wanted { packages: ids, ..Wanted::default() }).await?;
    Ok(page
        .map(|row| {
            let process = activated.get(&row.id);
            let uploader = directory.user(row.created_by).to_owned();
            let uploaded = time(&platform, row.created_at);
            Version {
                create_time: row.created_at,
                modify_time: row.created_at,
                pro_change: uploaded.replace('-', "/"),
                proc_name: process.map_or_else(|| row.name.clone(), |(_, name)| name.clone()),
                org_code: directory.tree.cascade_code(row.department_id),
                proc_code: process.map_or_else(|| row.name.clone(), |(id, _)| id.to_string()),
                proc_file: file_of(&row),
                file_size: row.size,
                developer_user: uploader.clone(),
                owber_user_id: row.created_by,
                owber_user: uploader,
                is_activity: process.is_some(),
                publish_time: uploaded.clone(),
                proc_desc: String::new(),
                ver_explain: String::new(),
                work_status: work_status(process.is_some(), row.deleted_at),
                cur_org_name: directory.department(row.department_id).to_owned(),
                status_ctime: uploaded,
                id: row.id,
                proc_ver: row.version,
            }
        })
        .into())
}
