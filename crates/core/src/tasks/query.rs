//! Looking at tasks (T/TSAC 002-2025, 6.2.7.5 and 6.2.7.6).

use baigong_model::{Error, Page, PageOf, Permission, Result};
use baigong_store::{
    entity::task,
    processes,
    tasks::{self as rows, positions::Growing},
};

use super::waiting::{self, Waiting};
use crate::{Caller, Platform, departments, names};

/// A task and, while it waits, why.
#[derive(Debug, Clone)]
pub struct Details {
    /// The task.
    pub task: task::Model,
    /// Why it waits.
    pub waiting: Option<Waiting>,
}

/// Which tasks of a list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this department and those below.
    pub department_id: Option<i64>,
    /// Of this process.
    pub process_id: Option<i64>,
    /// Started at this time or after, milliseconds since the epoch.
    pub started_from: Option<i64>,
    /// Started at this time or before.
    pub started_until: Option<i64>,
    /// Of processes whose name contains this.
    pub keyword: Option<String>,
    /// Those that were deleted too.
    pub include_deleted: bool,
}

/// The task `id`.
pub async fn query(platform: &Platform, caller: &Caller, id: i64) -> Result<Details> {
    caller.need(Permission::TaskRead)?;
    let task = rows::find(&platform.store, caller.scope(), id).await?.ok_or_else(|| Error::not_found("task", id))?;
    let waiting = waiting::reasons(platform, std::slice::from_ref(&task)).await?.pop().flatten();
    Ok(Details { task, waiting })
}

/// A page of tasks, newest first.
pub async fn list(platform: &Platform, caller: &Caller, filter: Filter, page: Page) -> Result<PageOf<Details>> {
    caller.need(Permission::TaskRead)?;
    let scope = departments::scope_of(platform, caller, filter.department_id).await?;
    if let Some(process) = filter.process_id {
        let found = processes::find(&platform.store, caller.scope(), process).await?;
        found.ok_or_else(|| Error::not_found("process", process))?;
    }
    let filter = rows::Filter {
        process_id: filter.process_id,
        started_from: filter.started_from,
        started_until: filter.started_until,
        keyword: names::keyword(filter.keyword.as_deref())?,
        include_deleted: filter.include_deleted,
    };
    let page = if filter.is_growing() {
        let list = Growing { scope, process_id: filter.process_id };
        platform.task_positions.page(&platform.store, &list, page, platform.now()).await?
    } else {
        rows::list(&platform.store, &scope, &filter, page).await?
    };
    let waiting = waiting::reasons(platform, &page.rows).await?;
    let rows = page.rows.into_iter().zip(waiting).map(|(task, waiting)| Details { task, waiting });
    Ok(PageOf { rows: rows.collect(), total: page.total })
}
