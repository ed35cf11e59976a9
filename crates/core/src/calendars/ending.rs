//! Warns of calendars that are about to know no more days: triggers with such a calendar stop firing then, and an update of
//! the platform takes its time.

use std::collections::BTreeSet;

use baigong_model::{NoticeKind, Page, Result, ids::DepartmentId};
use baigong_store::{ListFilter, Scope, calendars as rows, entity::calendar};
use futures_util::FutureExt;
use jiff::{Timestamp, civil::Date};

use super::shipped;
use crate::{
    Platform,
    notices::{self, Warning},
};

/// So many days ahead.
const WARN_AHEAD: i32 = 60;

/// Warns once of each calendar in use that ends within 60 days; how many end.
pub async fn warn_of_ends(platform: &Platform) -> Result<u64> {
    let now = platform.now();
    let today = Timestamp::from_millisecond(now).unwrap_or_default().to_zoned(platform.config.time_zone.clone()).date();
    let mut ending = 0;
    let first_page = Page::new(None, Some(1000))?;
    for row in rows::list(&platform.store, &ListFilter::all(Scope::All), first_page).await? {
        let Ok((_, Some(rule))) = shipped::of(&row) else { continue };
        let Some(until) =
            rule.known_until().filter(|until| until.since(today).is_ok_and(|left| left.get_days() < WARN_AHEAD))
        else {
            continue;
        };
        let users = rows::used_by(platform.store.reader(), row.id).await?;
        if users.is_empty() {
            continue;
        }
        ending += 1;
        tracing::warn!(calendar = row.name, %until, "a calendar in use ends soon: triggers with it will not fire after it");
        let departments: BTreeSet<DepartmentId> = users.into_iter().map(|user| user.department_id).collect();
        let warnings: Vec<Warning> = departments.into_iter().map(|id| warning(&row, until, id)).collect();
        let warned = platform.store.write(move |tx| {
            async move {
                for warning in warnings {
                    notices::warn(tx, warning, now).await?;
                }
                Ok(())
            }
            .boxed()
        });
        warned.await?;
    }
    Ok(ending)
}

/// What a department with triggers on the calendar is told, once.
fn warning(calendar: &calendar::Model, until: Date, department_id: DepartmentId) -> Warning {
    Warning {
        kind: NoticeKind::CalendarEnding,
        department_id,
        object_id: Some(calendar.id),
        once: format!("{}.{until}.{department_id}", calendar.id),
        texts: vec![("calendar", calendar.name.clone()), ("until", until.to_string())],
    }
}
