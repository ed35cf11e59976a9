//! Which of the platform's users and departments an application knows.

use std::collections::BTreeSet;

use baigong_model::{PageOf, Permission, Result, ids::UserId};
use baigong_store::{application_access::users as rows, entity::department};

use crate::{Caller, ListInput, Platform, departments::tree, employees::Employee};

/// A page of the users who have a role in the application, oldest first.
pub async fn users(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<Employee>> {
    caller.need(Permission::EmployeeRead)?;
    let application = caller.need_application()?;
    let (filter, now) = (input.filter(platform, caller).await?, platform.now());
    let total = rows::count(&platform.store, &filter, application).await?;
    let found = rows::list(&platform.store, &filter, application, input.page).await?;
    Ok(PageOf { rows: found.into_iter().map(|row| Employee::of(row, now)).collect(), total })
}

/// Those of `users` who have a role in the application.
pub async fn is_authorized(platform: &Platform, caller: &Caller, users: &[UserId]) -> Result<BTreeSet<UserId>> {
    rows::among(&platform.store, caller.need_application()?, users).await
}

/// A page of the departments that the application has made, or in which somebody has a role of it, parents first.
pub async fn departments(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<department::Model>> {
    caller.need(Permission::DepartmentRead)?;
    let known = rows::departments(&platform.store, caller.need_application()?).await?;
    let (filter, tree) = (input.filter(platform, caller).await?, tree(platform).await?);
    let seen = tree.parents_first().filter(|row| {
        known.contains(&row.id) && filter.scope.covers(row.id) && (filter.include_deleted || row.deleted_at.is_none())
    });
    let seen: Vec<&department::Model> = seen.collect();
    let (from, size) = (usize::try_from(input.page.offset()), usize::try_from(input.page.size()));
    let (from, size) = (from.unwrap_or(usize::MAX), size.unwrap_or(usize::MAX));
    let rows = seen.iter().skip(from).take(size).map(|row| (*row).clone()).collect();
    Ok(PageOf { rows, total: seen.len() as u64 })
}
