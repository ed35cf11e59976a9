//! 变量管理 (3.10): assets, as the other interfaces call them. The value of one of type passwd is never shown.

use baigong_api_kit::Nothing;
use baigong_core::{
    Platform, assets, departments,
    directory::{self, Directory, Wanted},
    robots,
    rows::asset,
};
use baigong_model::{Error, Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    agent::id_of,
    wire::{HIDDEN, PageQuery, Rows, either, parse_end, parse_start, time},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccessQuery {
    /// 变量 id, or its name
    asset_id: String,
    /// 访问动作: edit, create, read
    action: Option<String>,
    /// 所属流程
    proc_code: Option<String>,
    /// 所属机器人
    robot_no: Option<String>,
    /// 开始时间
    from: Option<String>,
    /// 结束时间
    to: Option<String>,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Access {
    /// 机器人
    vlog_robot_no: String,
    /// 流程
    vlog_process: String,
    /// 动作: 1 create, 2 edit, 3 read
    vlog_action: i64,
    /// 动作 (extension): its word
    vlog_action_name: String,
    /// jobNo
    vlog_job_no: i64,
    /// 创建时间
    vlog_create_time: String,
    /// 用户 (extension): who did it, where no robot did
    vlog_user: String,
}

pub(crate) async fn accesses(platform: Platform, caller: Caller, query: AccessQuery) -> Result<Rows<Access>> {
    let robots = match query.robot_no.filter(|text| !text.is_empty()) {
        Some(text) => robots::named(&platform, &caller, "robotNo", &text).await?,
        None => None,
    };
    let filter = assets::AccessFilter {
        asset_id: assets::by_id_or_name(&platform, &caller, &query.asset_id).await?,
        action: query.action.filter(|action| !action.is_empty()),
        robot_id: robots.and_then(|ids| ids.first().copied()),
        process_id: query.proc_code.filter(|code| !code.is_empty()).map(|code| id_of(&code, "process")).transpose()?,
        from: parse_start(&platform, "from", query.from.as_deref())?,
        to: parse_end(&platform, "to", query.to.as_deref())?,
    };
    let page = assets::accesses(&platform, &caller, &filter, query.page.page()?).await?;
    let wanted = Wanted {
        users: page.rows.iter().filter_map(|row| row.user_id).collect(),
        processes: page.rows.iter().filter_map(|row| row.process_id).collect(),
        ..Wanted::default()
    };
    let directory = Directory::look_up(&platform, wanted).await?;
    Ok(page
        .map(|row| Access {
            vlog_robot_no: row.robot_id.map(|id| id.to_string()).unwrap_or_default(),
            vlog_process: row
                .process_id
                .and_then(|id| directory.processes.get(&id))
                .map(|it| it.name.clone())
                .unwrap_or_default(),
            vlog_action: assets::ACTIONS
                .iter()
                .zip(1..)
                .find(|(word, _)| **word == row.action)
                .map_or(0, |(_, number)| number),
            vlog_action_name: row.action,
            vlog_job_no: row.task_id.unwrap_or_default(),
            vlog_create_time: time(&platform, row.at),
            vlog_user: row.user_id.map(|id| directory.user(id).to_owned()).unwrap_or_default(),
        })
        .into())
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssetQuery {
    /// 变量名: a part of it
    asset_name: Option<String>,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Asset {
    /// 变量编号
    id: i64,
    /// 机器人编号: those that get it, or all
    robot_no: String,
    /// 是否是 python 表达式
    is_python_expr: &'static str,
    /// 部门编号: the cascade
    org_code: String,
    /// 是否客户端修改
    is_client_edit: &'static str,
    /// 变量名
    asset_name: String,
    /// 变量值: ****** of one of type passwd
    asset_value: String,
    /// 变量类型: text or passwd
    asset_type: &'static str,
    /// 创建时间
    create_time: i64,
    /// 修改时间
    modify_time: i64,
    /// 机器人别名
    agent_alias: String,
    /// 变量描述 (extension)
    asset_desc: String,
}

pub(crate) async fn list(platform: Platform, caller: Caller, query: AssetQuery) -> Result<Rows<Asset>> {
    let page = assets::list(&platform, &caller, &query.page.input(query.asset_name)?).await?;
    let ids: Vec<i64> = page.rows.iter().map(|row| row.id).collect();
    let robots = assets::robots_of(&platform, &page.rows).await?;
    let wanted = Wanted { robots: robots.values().flatten().copied().collect(), ..Wanted::default() };
    let directory = Directory::look_up(&platform, wanted).await?;
    let changed = directory::changed_at(&platform, "asset", &ids).await?;
    Ok(page
        .map(|row| {
            let changed = changed.get(&row.id).copied().unwrap_or(row.created_at);
            let robots = robots.get(&row.id).map_or(&[][..], Vec::as_slice);
            shown(&directory, row, robots, changed)
        })
        .into())
}

fn shown(directory: &Directory, row: asset::Model, robots: &[i64], changed: i64) -> Asset {
    let is_secret = assets::is_secret(&row);
    let names = robots.iter().filter_map(|id| directory.robots.get(id)).map(|robot| robot.name.as_str());
    let joined = |words: Vec<String>| if row.is_global { "all".to_owned() } else { words.join(",") };
    Asset {
        id: row.id,
        robot_no: joined(robots.iter().map(ToString::to_string).collect()),
        is_python_expr: yes_or_no(row.is_expression),
        org_code: directory.tree.cascade_code(row.department_id),
        is_client_edit: yes_or_no(row.is_client_editable),
        agent_alias: joined(names.map(str::to_owned).collect()),
        asset_name: row.name,
        asset_value: if is_secret { HIDDEN.to_owned() } else { row.value },
        asset_type: if is_secret { "passwd" } else { "text" },
        create_time: row.created_at,
        modify_time: changed,
        asset_desc: row.remark.unwrap_or_default(),
    }
}

fn yes_or_no(truth: bool) -> &'static str {
    if truth { "yes" } else { "no" }
}

/// "yes", "no", or nothing, which is no.
pub(crate) fn is_yes(field: &str, text: Option<&str>) -> Result<bool> {
    match text.map(str::trim) {
        Some("yes") => Ok(true),
        Some("no" | "") | None => Ok(false),
        Some(_) => Err(Error::invalid(field, "must be yes or no")),
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssetCreate {
    /// 机器人编号: several with commas between, or all
    robot_no: String,
    /// 是否是 Python 表达式: yes or no
    is_python_expr: Option<String>,
    /// 是否客户端修改: yes or no
    is_client_edit: Option<String>,
    /// 变量描述
    asset_desc: Option<String>,
    /// 变量名
    asset_name: String,
    /// 变量值
    asset_value: Secret<String>,
    /// 变量类型: text, or passwd (password)
    asset_type: String,
    /// 部门编号: the caller's own when absent
    org_code: Option<String>,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: AssetCreate) -> Result<Nothing> {
    let robots = robots::named(&platform, &caller, "robotNo", &body.robot_no).await?;
    let kind = match body.asset_type.as_str() {
        "text" => assets::AssetKind::Text,
        "passwd" | "password" => assets::AssetKind::Hash,
        _ => return Err(Error::invalid("assetType", "must be text or passwd")),
    };
    let new = assets::NewAsset {
        department_id: departments::by_code_or_home(&platform, &caller, "orgCode", body.org_code.as_deref()).await?,
        name: body.asset_name,
        kind,
        value: body.asset_value,
        is_global: robots.is_none(),
        robot_ids: robots.unwrap_or_default(),
        remark: body.asset_desc,
        is_expression: is_yes("isPythonExpr", body.is_python_expr.as_deref())?,
        is_client_editable: is_yes("isClientEdit", body.is_client_edit.as_deref())?,
    };
    assets::create(&platform, &caller, new).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssetUpdate {
    /// 变量名
    asset_name: String,
    /// 变量值
    asset_value: Secret<String>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: AssetUpdate) -> Result<Nothing> {
    let id = assets::by_name(&platform, &caller, &body.asset_name).await?;
    let change = assets::AssetChange { value: Some(body.asset_value), ..assets::AssetChange::default() };
    assets::update(&platform, &caller, id, change).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssetDelete {
    /// 变量 ID; 与变量名称不能同时为空
    asset_id: Option<i64>,
    /// 变量名称
    asset_name: Option<String>,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: AssetDelete) -> Result<Nothing> {
    let id = match either(body.asset_id, body.asset_name, "assetId, assetName")? {
        (Some(id), _) => id,
        (None, name) => assets::by_name(&platform, &caller, &name.unwrap_or_default()).await?,
    };
    assets::delete(&platform, &caller, id).await?;
    Ok(Nothing {})
}
