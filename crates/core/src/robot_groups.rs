//! Robot groups (T/TSAC 002-2025, 6.2.10.6 to 6.2.10.11).

mod delete;
mod update;

pub use delete::{Affected, delete};
pub use update::{Change, append, remove, update};

use baigong_model::{
    Error, PageOf, Permission, Result,
    ids::{DepartmentId, PoolId, RobotGroupId, RobotId},
};
use baigong_store::{audits, departments as department_rows, entity::robot_group, pools, robot_groups as rows};
use futures_util::FutureExt;
use serde_json::json;

use crate::{
    Caller, Platform, departments,
    lists::{self, ListInput, Table},
    names,
};

/// A robot group to be made.
#[derive(Debug, Clone)]
pub struct NewRobotGroup {
    /// Its department.
    pub department_id: DepartmentId,
    /// Its name, unique in the department.
    pub name: String,
    /// A remark.
    pub remark: Option<String>,
}

/// A robot group in a list.
#[derive(Debug, Clone)]
pub struct ListedGroup {
    /// The group.
    pub group: robot_group::Model,
    /// Its live robots that the caller sees.
    pub robot_ids: Vec<RobotId>,
}

/// Makes an empty robot group.
pub async fn create(platform: &Platform, caller: &Caller, input: NewRobotGroup) -> Result<RobotGroupId> {
    caller.need(Permission::RobotWrite)?;
    departments::live(platform, caller, input.department_id).await?;
    let name = names::name("robotGroupName", &input.name)?;
    let now = platform.now();
    let mut key = [0; 8];
    platform.random.fill(&mut key);
    let mut row = robot_group::Model {
        id: 0,
        department_id: input.department_id,
        pool_id: 0,
        live_name: Some(format!("{}/{name}", input.department_id)),
        name,
        remark: names::remark(input.remark)?,
        created_by: caller.id(),
        created_at: now,
        deleted_at: None,
    };
    let caller = caller.clone();
    let created = platform.store.write(move |tx| {
        async move {
            department_rows::hold(tx, row.department_id).await?;
            row.pool_id = pools::create(tx, &format!("group:{}", hex::encode(key))).await?;
            let (detail, department) = (json!({ "name": row.name }), row.department_id);
            let id = rows::insert(tx, row).await?;
            let audit = caller.audit(now, "create", "robot group", Some(id), Some(department), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    let id = created.await?;
    platform.counts.changed(Table::RobotGroups);
    Ok(id)
}

/// The pool of a live group that the caller sees.
pub async fn pool_of(platform: &Platform, caller: &Caller, id: RobotGroupId) -> Result<PoolId> {
    let group = rows::find(&platform.store, caller.scope(), id).await?;
    let group = group.filter(|group| group.deleted_at.is_none());
    group.map(|group| group.pool_id).ok_or_else(|| Error::not_found("robot group", id))
}

/// A page of groups with their robots, oldest first.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<ListedGroup>> {
    caller.need(Permission::RobotRead)?;
    let filter = input.filter(platform, caller).await?;
    let page = lists::page(platform, Table::RobotGroups, &filter, input.page, rows::count, rows::list).await?;
    let pool_ids: Vec<PoolId> = page.rows.iter().map(|group| group.pool_id).collect();
    let mut members = pools::members_of(&platform.store, caller.scope(), &pool_ids).await?;
    Ok(page.map(|group| {
        let robot_ids = members.remove(&group.pool_id).unwrap_or_default();
        ListedGroup { group, robot_ids }
    }))
}

#[cfg(test)]
mod change_tests;
#[cfg(test)]
mod tests;
