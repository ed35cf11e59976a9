//! Pages of long lists of tasks, as quick at the end as at the beginning. What is kept in memory is every thousandth id of a
//! list, oldest first: a million tasks are eight kilobytes. Rows seldom leave such a list (a person deletes one: then all is
//! looked up anew, on other nodes when they have remembered for long enough) and come only at its end, so what is kept stays
//! true; the newest rows, which other nodes may still be committing, are counted each time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use baigong_model::{Page, PageOf, Result};
use baigong_store::{
    Store,
    entity::task,
    tasks::positions::{self as rows, Growing},
};

/// How many rows lie between two marks.
const STEP: u64 = 1000;
/// A page that begins this near to the newest row is read from there.
const NEAR: u64 = 2 * STEP;
/// Rows younger than this may not all be committed yet, milliseconds: longer than a write is waited for.
const SETTLED_AFTER: i64 = 40_000;
/// How long the newest settled row is believed.
const FRESH_FOR: i64 = 1_000;
/// How long a list is remembered: another node may have deleted one of its rows.
const REMEMBERED_FOR: i64 = 600_000;
/// Lists remembered at most.
const MOST: usize = 256;

/// The remembered lists.
#[derive(Default)]
pub(crate) struct Positions {
    lists: Mutex<HashMap<Growing, Arc<tokio::sync::Mutex<Marks>>>>,
}

/// What is known of one list.
#[derive(Default)]
struct Marks {
    /// The id of its row number 1000, 2000, …
    ids: Vec<i64>,
    /// Everything up to this id has been looked at for marks.
    looked_until: i64,
    looked_at: Option<i64>,
    /// When it was begun.
    began_at: Option<i64>,
}

impl Marks {
    /// The row that comes last before position `place`, and its own position; 0 and 0 at the beginning.
    fn before(&self, place: u64) -> (i64, u64) {
        let mark = usize::try_from(place / STEP).unwrap_or(usize::MAX).min(self.ids.len());
        match mark {
            0 => (0, 0),
            mark => (self.ids[mark - 1], mark as u64 * STEP),
        }
    }

    /// Marks what has settled since.
    async fn grow(&mut self, store: &Store, list: &Growing, now: i64) -> Result<()> {
        if self.looked_at.is_some_and(|at| (0..FRESH_FOR).contains(&(now - at))) {
            return Ok(());
        }
        if self.began_at.is_none_or(|began| !(0..REMEMBERED_FOR).contains(&(now - began))) {
            *self = Self { began_at: Some(now), ..Self::default() };
        }
        let settled = rows::newest_before(store, now - SETTLED_AFTER).await?;
        if settled > self.looked_until {
            let last = self.ids.last().copied().unwrap_or(0);
            self.ids.extend(rows::marks(store, list, last, settled, STEP).await?);
            self.looked_until = settled;
        }
        self.looked_at = Some(now);
        Ok(())
    }
}

impl Positions {
    /// A page of the list, newest first.
    pub(crate) async fn page(
        &self,
        store: &Store,
        list: &Growing,
        page: Page,
        now: i64,
    ) -> Result<PageOf<task::Model>> {
        let marks = self.marks(list);
        let (last, marked) = {
            // Who asks at once for a list that is not known yet waits for the one look at it.
            let mut marks = marks.lock().await;
            marks.grow(store, list, now).await?;
            marks.before(u64::MAX)
        };
        let total = marked + rows::count_after(store, list, last).await?;
        if page.offset() >= total {
            return Ok(PageOf { rows: Vec::new(), total });
        }
        if page.offset() < NEAR {
            return Ok(PageOf { rows: rows::newest(store, list, page.offset(), page.size()).await?, total });
        }
        let count = page.size().min(total - page.offset());
        let first = total - page.offset() - count;
        let (after, position) = marks.lock().await.before(first);
        let mut rows = rows::slice(store, list, after, first - position, count).await?;
        rows.reverse();
        Ok(PageOf { rows, total })
    }

    /// A row has left a list.
    pub(crate) fn forget(&self) {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn marks(&self, list: &Growing) -> Arc<tokio::sync::Mutex<Marks>> {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(marks) = lists.get(list) {
            return marks.clone();
        }
        if lists.len() >= MOST {
            lists.clear();
        }
        lists.entry(list.clone()).or_default().clone()
    }
}

#[cfg(test)]
mod tests;
