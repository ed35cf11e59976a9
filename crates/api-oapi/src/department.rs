//! 部门管理 (3.3): departments with the codes of all above them.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, departments, directory};
use baigong_model::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{PageQuery, Rows, time},
};

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Department {
    /// 部门 id
    id: i64,
    /// 创建时间
    create_time: String,
    /// 修改时间
    modify_time: String,
    /// 本部门编号
    cur_code: String,
    /// 本部门名称
    cur_name: String,
    /// 部门编号: the cascade
    org_code: String,
    /// 部门名称: the cascade
    org_name: String,
    /// 上级部门 id; 0 of a root
    parent_org_id: i64,
    /// 上级部门编号
    parent_org_code: String,
    /// 上级部门名称
    parent_org_name: String,
    /// 上级加下级 id
    cur_parent_id: Option<Nothing>,
    /// 部门排序
    org_pos: i64,
    /// 部门来源
    org_source: &'static str,
    /// 描述信息
    description: String,
    /// 策略 id
    policy_id: Option<i64>,
    /// 策略名称
    policy_name: Option<String>,
}

pub(crate) async fn list(platform: Platform, caller: Caller, query: PageQuery) -> Result<Rows<Department>> {
    let page = departments::list(&platform, &caller, &query.input(None)?).await?;
    let ids: Vec<i64> = page.rows.iter().map(|row| row.id).collect();
    let changed = directory::changed_at(&platform, "department", &ids).await?;
    let tree = departments::tree(&platform).await?;
    Ok(page
        .map(|row| Department {
            create_time: time(&platform, row.created_at),
            modify_time: time(&platform, changed.get(&row.id).copied().unwrap_or(row.created_at)),
            cur_code: format!("-{}-", tree.code(row.id)),
            org_code: tree.cascade_code(row.id),
            org_name: tree.cascade_name(row.id),
            parent_org_code: tree.cascade_code(row.parent_id),
            parent_org_name: tree.get(row.parent_id).map(|parent| parent.name.clone()).unwrap_or_default(),
            id: row.id,
            cur_name: row.name,
            parent_org_id: row.parent_id,
            cur_parent_id: None,
            org_pos: row.position,
            org_source: "local",
            description: row.remark.unwrap_or_default(),
            policy_id: None,
            policy_name: None,
        })
        .into())
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DepartmentCreate {
    /// 本级部门编号
    cur_code: String,
    /// 上级部门编号: the root's when absent
    parent_org_code: Option<String>,
    /// 部门名称
    cur_name: String,
    /// 部门排序
    org_pos: Option<i64>,
    /// 部门描述
    description: Option<String>,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: DepartmentCreate) -> Result<Nothing> {
    let parent_id = match body.parent_org_code.filter(|code| !code.is_empty()) {
        Some(code) => departments::by_code(&platform, &caller, "parentOrgCode", &code).await?,
        None => departments::top(&platform, &caller).await?,
    };
    let details = departments::Details { code: Some(body.cur_code), position: body.org_pos, remark: body.description };
    let new = departments::NewDepartment { name: body.cur_name, parent_id };
    departments::create_with(&platform, &caller, new, details).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DepartmentUpdate {
    /// 部门 id
    id: i64,
    /// 部门名称
    cur_name: Option<String>,
    /// 排序: a number
    org_pos: Option<String>,
    /// 描述信息
    description: Option<String>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: DepartmentUpdate) -> Result<Nothing> {
    let position = body.org_pos.filter(|text| !text.is_empty()).map(|text| text.trim().parse());
    let position = position.transpose().map_err(|_| Error::invalid("orgPos", "must be a number"))?;
    let details = departments::Details { code: None, position, remark: body.description };
    let change = departments::Change { name: body.cur_name.filter(|it| !it.is_empty()), parent_id: None, details };
    departments::update(&platform, &caller, body.id, change).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct DepartmentDelete {
    /// 部门 id
    id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: DepartmentDelete) -> Result<Nothing> {
    departments::delete(&platform, &caller, body.id).await?;
    Ok(Nothing {})
}
