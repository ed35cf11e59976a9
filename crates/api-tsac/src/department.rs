//! 部门 (6.2.2): the tree of departments.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, departments};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, wire::ListQuery};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DepartmentCreate {
    /// 部门名称
    dep_name: String,
    /// 父级部门 ID
    parent_id: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DepartmentCreated {
    /// 部门 ID
    dep_id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: DepartmentCreate) -> Result<DepartmentCreated> {
    let new = departments::NewDepartment { name: body.dep_name, parent_id: body.parent_id };
    Ok(DepartmentCreated { dep_id: departments::create(&platform, &caller, new).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DepartmentDelete {
    /// 部门 ID
    dep_id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: DepartmentDelete) -> Result<Nothing> {
    departments::delete(&platform, &caller, body.dep_id).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DepartmentUpdate {
    /// 部门 ID
    dep_id: i64,
    /// 父级部门 ID
    parent_id: Option<i64>,
    /// 部门名称
    dep_name: Option<String>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: DepartmentUpdate) -> Result<Nothing> {
    let change = departments::Change { name: body.dep_name, parent_id: body.parent_id, ..Default::default() };
    departments::update(&platform, &caller, body.dep_id, change).await?;
    Ok(Nothing {})
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct DepartmentList {
    /// 部门列表, parents first
    departments: Vec<Department>,
    /// 总数 (extension)
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Department {
    /// 部门 ID
    dep_id: i64,
    /// 部门名称
    dep_name: String,
    /// 父级部门 ID; 0 of a root
    parent_id: i64,
    /// 是否删除
    is_deleted: bool,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ListQuery) -> Result<DepartmentList> {
    let page = departments::list(&platform, &caller, &body.input()?).await?.map(|row| Department {
        dep_id: row.id,
        dep_name: row.name,
        parent_id: row.parent_id,
        is_deleted: row.deleted_at.is_some(),
    });
    Ok(DepartmentList { departments: page.rows, total: page.total })
}
