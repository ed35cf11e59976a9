//! What every list takes, and how many rows it holds in all. Counting ten thousand rows would cost more than reading a
//! page of them, so a count is kept until the table changes, and for a second at most.

use std::{
    collections::HashMap,
    future::Future,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use baigong_model::{Page, Result, ids::DepartmentId};
use baigong_store::ListFilter;

use crate::{Caller, Platform, departments};

/// How long a count is believed: another node may have changed the table.
const FRESH_FOR: i64 = 1000;
/// More kept counts than this are thrown away.
const MOST: usize = 4096;

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
        let keyword = self.keyword.as_deref().map(str::trim).filter(|keyword| !keyword.is_empty());
        Ok(ListFilter { scope, keyword: keyword.map(str::to_owned), include_deleted: self.include_deleted })
    }
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
}

/// The kept counts.
#[derive(Default)]
pub(crate) struct Counts {
    changes: [AtomicU64; 8],
    kept: Mutex<HashMap<Key, Count>>,
}

/// A list: its table, its rows, and the pool of robots where it is limited to one.
type Key = (Table, ListFilter, Option<i64>);

struct Count {
    total: u64,
    change: u64,
    at: i64,
}

impl Counts {
    /// The table has changed: to be called after the commit.
    pub(crate) fn changed(&self, table: Table) {
        self.changes[table as usize].fetch_add(1, Ordering::Release);
    }

    /// The kept count of `key`, or what `count` says.
    pub(crate) async fn total<F>(&self, now: i64, key: Key, count: impl FnOnce() -> F) -> Result<u64>
    where
        F: Future<Output = Result<u64>>,
    {
        // Before counting: a change that comes meanwhile makes this count old at once.
        let change = self.changes[key.0 as usize].load(Ordering::Acquire);
        if let Some(kept) = self.kept().get(&key)
            && kept.change == change
            && (0..FRESH_FOR).contains(&(now - kept.at))
        {
            return Ok(kept.total);
        }
        let total = count().await?;
        let mut kept = self.kept();
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(key, Count { total, change, at: now });
        Ok(total)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Count>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use baigong_store::Scope;

    use super::*;

    fn key(keyword: Option<&str>) -> Key {
        let filter = ListFilter { keyword: keyword.map(str::to_owned), ..ListFilter::all(Scope::All) };
        (Table::Robots, filter, None)
    }

    async fn total(counts: &Counts, now: i64, key: Key, real: u64) -> u64 {
        counts.total(now, key, || async move { Ok(real) }).await.unwrap()
    }

    #[tokio::test]
    async fn a_count_is_kept_until_the_table_changes_or_a_second_passes() {
        let counts = Counts::default();
        assert_eq!(total(&counts, 0, key(None), 5).await, 5);
        assert_eq!(total(&counts, 999, key(None), 6).await, 5, "kept");
        assert_eq!(total(&counts, 999, key(Some("a")), 1).await, 1, "another list");
        counts.changed(Table::Users);
        assert_eq!(total(&counts, 999, key(None), 6).await, 5, "another table");
        counts.changed(Table::Robots);
        assert_eq!(total(&counts, 999, key(None), 6).await, 6, "changed");
        assert_eq!(total(&counts, 1999, key(None), 7).await, 7, "a second later");
        assert_eq!(total(&counts, 0, key(None), 8).await, 8, "the clock was set back");
    }

    #[tokio::test]
    async fn a_change_while_counting_is_not_missed() {
        let counts = Counts::default();
        let count = || async {
            counts.changed(Table::Robots);
            Ok(1)
        };
        assert_eq!(counts.total(0, key(None), count).await.unwrap(), 1);
        assert_eq!(total(&counts, 0, key(None), 2).await, 2);
    }
}
