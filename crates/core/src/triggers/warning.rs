//! Tells the department of a trigger that it did not fire because its calendar does not know the year: once for each year.

use baigong_model::{NoticeKind, SkipReason};
use baigong_store::entity::task_trigger;
use jiff::{Timestamp, tz::TimeZone};

use super::decide::{Decided, Verdict};
use crate::notices::Warning;

/// What to tell of these instants of `trigger`, if anything.
pub(super) fn of(trigger: &task_trigger::Model, decided: &Decided, zone: &TimeZone) -> Option<Warning> {
    let (at, reason) = decided.instants.iter().find_map(|(at, verdict)| match verdict {
        Verdict::Skips((SkipReason::CalendarYearUnknown, detail)) => Some((*at, detail.clone().unwrap_or_default())),
        _ => None,
    })?;
    let at = Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(zone.clone());
    Some(Warning {
        kind: NoticeKind::TriggerSkipped,
        department_id: trigger.department_id,
        object_id: Some(trigger.id),
        once: format!("{}.{}", trigger.id, at.year()),
        texts: vec![
            ("trigger", trigger.name.clone()),
            ("at", at.strftime("%Y-%m-%d %H:%M:%S %Z").to_string()),
            ("reason", reason),
        ],
    })
}
