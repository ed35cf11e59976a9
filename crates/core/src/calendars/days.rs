//! The days of a calendar, from memory: what the scheduler asks for at every firing.

use std::sync::Arc;

use baigong_model::{Error, Result, ids::CalendarId};
use baigong_schedule::DayRule;
use baigong_store::{calendars as rows, entity::calendar};

use super::{loaded, shipped};
use crate::{
    Platform,
    kept::{Changes, Kept},
};

/// Calendars kept at most.
const MOST_RULES: usize = 256;

/// The days of calendars in use: read again after a change here, and once a second because another node may have
/// changed them.
pub(crate) struct Cache {
    changes: Changes,
    rules: Kept<CalendarId, Arc<DayRule>>,
}

impl Default for Cache {
    fn default() -> Self {
        Self { changes: Changes::default(), rules: Kept::new(MOST_RULES) }
    }
}

impl Cache {
    /// A calendar has changed: to be called after the commit.
    pub(super) fn changed(&self) {
        self.changes.note();
    }
}

/// The days of a live calendar; one that is deleted, here or a second ago elsewhere, is not found.
pub async fn days(platform: &Platform, id: CalendarId) -> Result<Arc<DayRule>> {
    let cache = &platform.calendars;
    cache.rules.get(&cache.changes, platform.now(), id, || read(platform, id)).await
}

async fn read(platform: &Platform, id: CalendarId) -> Result<Arc<DayRule>> {
    let row = rows::find(&platform.store, id).await?.filter(|row| row.deleted_at.is_none());
    let row = row.ok_or_else(|| Error::not_found("calendar", id))?;
    rule(platform, &row).await
}

/// The days of `row`, deleted or not.
pub(super) async fn rule(platform: &Platform, row: &calendar::Model) -> Result<Arc<DayRule>> {
    if let (_, Some(rule)) = shipped::of(row)? {
        return Ok(rule);
    }
    let days = loaded(rows::days(platform.store.reader(), row.id).await?)?;
    Ok(Arc::new(DayRule::of_non_working_days(days)))
}
