//! 部门 (3.3, 3.4): departments are the platform's, whoever made them.

use baigong_core::{
    Platform, application_access as access, applications, departments,
    departments::{Details, NewDepartment, Tree},
    rows::department::Model,
};
use baigong_model::{Error, Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{Data, PageQuery, Paged},
};

/// 部门类型: 0 其他. The platform knows no others.
const TYPE: &str = "0";

#[derive(Deserialize, JsonSchema)]
pub(crate) struct DepartmentId {
    /// 部门 id
    id: i64,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Department {
    /// 部门 id
    id: i64,
    /// 父部门 id; 0 at the top
    pid: i64,
    /// 部门名称
    name: String,
    /// 部门代码; the id where it has none
    code: String,
    /// 部门类型: always 0 其他
    #[serde(rename = "type")]
    kind: &'static str,
}

impl Department {
    fn of(row: &Model, tree: &Tree) -> Self {
        Self { id: row.id, pid: row.parent_id, name: row.name.clone(), code: tree.code(row.id), kind: TYPE }
    }
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: DepartmentId) -> Result<Data<Department>> {
    caller.need(Permission::DepartmentRead)?;
    caller.need_department(body.id)?;
    let tree = departments::tree(&platform).await?;
    let row = tree.get(body.id).filter(|row| row.deleted_at.is_none());
    let row = row.ok_or_else(|| Error::not_found("department", body.id))?;
    Ok(Data::of(Department::of(row, &tree)))
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: PageQuery) -> Result<Paged<Department>> {
    let tree = departments::tree(&platform).await?;
    let found = departments::list(&platform, &caller, &body.input()?).await?;
    Ok(Paged::of(body.page()?, found.map(|row| Department::of(&row, &tree))))
}

pub(crate) async fn list_by_app(platform: Platform, caller: Caller, body: PageQuery) -> Result<Paged<Department>> {
    let tree = departments::tree(&platform).await?;
    let found = access::departments(&platform, &caller, &body.input()?).await?;
    Ok(Paged::of(body.page()?, found.map(|row| Department::of(&row, &tree))))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeptAdd {
    /// 部门名称
    dept_name: String,
    /// 上级部门 id: below that of the application when absent or 0
    parent_id: Option<String>,
    /// 部门编号
    dept_no: Option<String>,
    /// 排序
    order_num: Option<i32>,
}

pub(crate) async fn add(platform: Platform, caller: Caller, body: DeptAdd) -> Result<Data<i64>> {
    let ids = departments::create_many(&platform, &caller, made(&platform, &caller, vec![body]).await?).await?;
    Ok(Data::done(ids[0]))
}

pub(crate) async fn add_batch(platform: Platform, caller: Caller, body: Vec<DeptAdd>) -> Result<Data<Vec<i64>>> {
    let made = made(&platform, &caller, body).await?;
    departments::create_many(&platform, &caller, made).await.map(Data::done)
}

async fn made(platform: &Platform, caller: &Caller, asked: Vec<DeptAdd>) -> Result<Vec<(NewDepartment, Details)>> {
    let home = applications::home(platform, caller).await?;
    let made = asked.into_iter().map(|it| {
        let parent_id = above(it.parent_id.as_deref())?.unwrap_or(home);
        Ok((NewDepartment { name: it.dept_name, parent_id }, details(it.dept_no, it.order_num)))
    });
    made.collect()
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeptUpdate {
    /// 部门 id
    dept_id: i64,
    /// 部门名称
    dept_name: String,
    /// 上级部门 id: it stays where it is when absent or 0
    parent_id: Option<String>,
    /// 部门编号
    dept_no: Option<String>,
    /// 排序
    order_num: Option<i32>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: DeptUpdate) -> Result<Data<()>> {
    update_batch(platform, caller, vec![body]).await
}

pub(crate) async fn update_batch(platform: Platform, caller: Caller, body: Vec<DeptUpdate>) -> Result<Data<()>> {
    let changes = body.into_iter().map(|it| {
        let parent_id = above(it.parent_id.as_deref())?;
        let details = details(it.dept_no, it.order_num);
        Ok((it.dept_id, departments::Change { name: Some(it.dept_name), parent_id, details }))
    });
    departments::update_many(&platform, &caller, changes.collect::<Result<Vec<_>>>()?).await?;
    Ok(Data::done(()))
}

/// The department above, where one is named: printed as text, 0 for none.
fn above(text: Option<&str>) -> Result<Option<i64>> {
    match text.map(str::trim) {
        None | Some("" | "0") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| Error::not_found("department", text)),
    }
}

fn details(number: Option<String>, place: Option<i32>) -> Details {
    Details { code: number.filter(|it| !it.is_empty()), position: place.map(i64::from), remark: None }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeptNamed {
    /// 部门 id: it goes with all below it
    dept_id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: DeptNamed) -> Result<Data<()>> {
    delete_batch(platform, caller, vec![body.dept_id]).await
}

pub(crate) async fn delete_batch(platform: Platform, caller: Caller, body: Vec<i64>) -> Result<Data<()>> {
    departments::delete_many(&platform, &caller, body).await?;
    Ok(Data::done(()))
}
