//! What every list takes, and how many rows it holds in all. Counting ten thousand rows would cost more than reading a
//! page of them, so counts are kept, and so are the pages of the one list that is asked for all day.

use std::{future::Future, sync::Arc};

use baigong_model::{Page, PageOf, Result, ids::DepartmentId};
use baigong_store::{ListFilter, Store, robots};

use crate::{
    Caller, Platform, departments,
    kept::{Changes, Kept},
    names,
};

/// Counts kept at most.
const MOST_COUNTS: usize = 4096;
/// Pages of robots kept at most, each of [`LONGEST_PAGE`] rows at most: a few megabytes.
const MOST_PAGES: usize = 256;
const LONGEST_PAGE: u64 = 200;

/// What every list takes.
#[derive(Debug, Clone)]
pub struct ListInput {
    /// Only of this department and all below.
    pub department_id: Option<DepartmentId>,
    /// Only rows whose name contains this.
    pub keyword: Option<String>,
    /// Deleted rows too.
    pub include_deleted: bool,
    /// Which page.
    pub page: Page,
}

impl ListInput {
    /// All live rows the caller may see, by page.
    #[must_use]
    pub fn all(page: Page) -> Self {
        Self { department_id: None, keyword: None, include_deleted: false, page }
    }

    /// As rows of the store: what the caller sees, within the department asked for.
    pub(crate) async fn filter(&self, platform: &Platform, caller: &Caller) -> Result<ListFilter> {
        let scope = departments::scope_of(platform, caller, self.department_id).await?;
        let keyword = names::keyword(self.keyword.as_deref())?;
        Ok(ListFilter { scope, keyword, include_deleted: self.include_deleted })
    }
}

/// A page of the rows of `table` that `filter` lets through, and how many there are in all.
pub(crate) async fn page<M>(
    platform: &Platform,
    table: Table,
    filter: &ListFilter,
    page: Page,
    count: impl AsyncFnOnce(&Store, &ListFilter) -> Result<u64>,
    rows: impl AsyncFnOnce(&Store, &ListFilter, Page) -> Result<Vec<M>>,
) -> Result<PageOf<M>> {
    let store = &platform.store;
    let key = (table, filter.clone(), None);
    let total = platform.counts.total(platform.now(), key, || count(store, filter)).await?;
    Ok(PageOf { rows: rows(store, filter, page).await?, total })
}

/// A table whose rows are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Table {
    Users,
    Machines,
    Robots,
    RobotGroups,
    Packages,
    Processes,
    Queues,
    Assets,
    Credentials,
    Folders,
    Files,
    MaintenanceWindows,
    Calendars,
    AgentVersions,
    AgentRollouts,
}

/// The kept counts and pages.
pub(crate) struct Counts {
    changes: [Changes; 32],
    totals: Kept<Key, u64>,
    robots: Kept<(robots::Filter, Page), Arc<[robots::Listed]>>,
}

/// A list: its table, its rows, and the pool of robots where it is limited to one.
type Key = (Table, ListFilter, Option<i64>);

impl Default for Counts {
    fn default() -> Self {
        Self { changes: Default::default(), totals: Kept::new(MOST_COUNTS), robots: Kept::new(MOST_PAGES) }
    }
}

impl Counts {
    /// The table has changed: to be called after the commit.
    pub(crate) fn changed(&self, table: Table) {
        self.changes[table as usize].note();
    }

    /// The kept count of `key`, or what `count` says.
    pub(crate) async fn total<F>(&self, now: i64, key: Key, count: impl FnOnce() -> F) -> Result<u64>
    where
        F: Future<Output = Result<u64>>,
    {
        self.totals.get(&self.changes[key.0 as usize], now, key, count).await
    }

    /// The kept page of robots, or what `read` says. What robots do changes without their table: a list that asks for
    /// it is never kept.
    pub(crate) async fn robots<F>(
        &self,
        now: i64,
        which: &robots::Filter,
        page: Page,
        read: impl FnOnce() -> F,
    ) -> Result<Arc<[robots::Listed]>>
    where
        F: Future<Output = Result<Arc<[robots::Listed]>>>,
    {
        if which.state.is_some() || page.size() > LONGEST_PAGE {
            return read().await;
        }
        self.robots.get(&self.changes[Table::Robots as usize], now, (which.clone(), page), read).await
    }
}
