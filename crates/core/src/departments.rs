//! Departments (T/TSAC 002-2025, 6.2.2) and their tree, which decides what callers see.

mod batch;
mod codes;
mod delete;
mod home;
mod tree;
mod update;

pub use batch::{create_many, delete_many, update_many};
pub use codes::{by_code, by_code_or_home};
pub use delete::delete;
pub use home::{home, nearest, top};
pub(crate) use tree::Cache;
pub use tree::Tree;
pub use update::{Change, update};

use std::{collections::BTreeSet, sync::Arc};

use baigong_model::{Error, PageOf, Permission, Result, ids::DepartmentId};
pub use baigong_store::departments::Details;
use baigong_store::{Scope, entity::department};

use crate::{Caller, Platform, lists::ListInput, policy};

/// A department to be made.
#[derive(Debug, Clone)]
pub struct NewDepartment {
    /// Its name, unique among its siblings.
    pub name: String,
    /// The department above.
    pub parent_id: DepartmentId,
}

/// Makes a department below one that the caller sees.
pub async fn create(platform: &Platform, caller: &Caller, input: NewDepartment) -> Result<DepartmentId> {
    create_with(platform, caller, input, Details::default()).await
}

/// The same, with a code, a place and a remark.
pub async fn create_with(
    platform: &Platform,
    caller: &Caller,
    input: NewDepartment,
    details: Details,
) -> Result<DepartmentId> {
    let ids = create_many(platform, caller, vec![(input, details)]).await?;
    ids.into_iter().next().ok_or_else(|| Error::internal("a department got no id"))
}

/// A page of departments, parents first.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<department::Model>> {
    caller.need(Permission::DepartmentRead)?;
    let filter = input.filter(platform, caller).await?;
    let keyword = filter.keyword.map(|keyword| keyword.to_lowercase());
    let tree = tree(platform).await?;
    let wanted = tree.parents_first().filter(|row| {
        filter.scope.covers(row.id)
            && (filter.include_deleted || row.deleted_at.is_none())
            && keyword.as_ref().is_none_or(|keyword| row.name.to_lowercase().contains(keyword))
    });
    let mut total = 0;
    let (from, size) = (input.page.offset(), input.page.size());
    let mut page = Vec::new();
    for row in wanted {
        if (from..from + size).contains(&total) {
            page.push(row.clone());
        }
        total += 1;
    }
    Ok(PageOf { rows: page, total })
}

/// The tree as it is now, from memory: read again after a change, and once a second while it is used.
pub async fn tree(platform: &Platform) -> Result<Arc<Tree>> {
    platform.departments.tree(&platform.store, platform.now()).await
}

/// What the caller sees, within `department` and all below where one is given.
pub async fn scope_of(platform: &Platform, caller: &Caller, department: Option<DepartmentId>) -> Result<Scope> {
    let Some(department) = department else { return Ok(caller.scope().clone()) };
    let tree = tree(platform).await?;
    if !tree.has(department) {
        return Err(Error::not_found("department", department));
    }
    caller.need_department(department)?;
    Ok(caller.scope().within(tree.subtree(department)))
}

/// Fails unless `department` is there, live and visible: where new things may be put.
pub(crate) async fn live(platform: &Platform, caller: &Caller, department: DepartmentId) -> Result<()> {
    caller.need_department(department)?;
    let tree = tree(platform).await?;
    if tree.is_live(department) { Ok(()) } else { Err(Error::not_found("department", department)) }
}

/// Fails unless the caller sees all of `departments`: what lies below a department and is not theirs is not moved, and
/// shown to others, or deleted by them.
fn need_all(caller: &Caller, departments: &BTreeSet<DepartmentId>) -> Result<()> {
    if departments.iter().all(|id| caller.scope().covers(*id)) { Ok(()) } else { Err(policy::too_wide()) }
}

#[cfg(test)]
mod change_tests;
#[cfg(test)]
mod tests;
