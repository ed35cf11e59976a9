//! From local time to instants: what happens when the clocks change. Between two changes a zone's clock runs evenly, so the
//! search goes from one such stretch to the next.
//!
//! - Gap: what falls into it fires once, at the first instant after it.
//! - Overlap: fixed times fire in the first pass only, intervals in both.

use jiff::{
    Span, Timestamp,
    civil::DateTime,
    tz::{AmbiguousOffset, Offset, TimeZone},
};

use super::Cron;

/// No change of a clock moves it further than this.
const LARGEST_CHANGE_SECONDS: i64 = 26 * 3600;

/// The first firing after `after_ms`.
pub(super) fn next_after(cron: &Cron, after_ms: i64, zone: &TimeZone) -> Option<i64> {
    let second = after_ms.div_euclid(1000).checked_add(1)?;
    let mut from = Timestamp::from_second(second).ok()?;
    loop {
        let offset = zone.to_offset(from);
        let due = next_in_stretch(cron, zone, offset, offset.to_datetime(from));
        let due_at = due.and_then(|local| offset.to_timestamp(local).ok());
        let Some(change) = zone.following(from).next() else {
            return due_at.map(Timestamp::as_millisecond);
        };
        let changed_at = change.timestamp();
        match due_at {
            Some(due_at) if due_at < changed_at => return Some(due_at.as_millisecond()),
            // What never comes in this stretch can come only in a second pass, and that begins soon or never.
            None if changed_at.as_second() - from.as_second() > LARGEST_CHANGE_SECONDS => return None,
            _ => {}
        }
        let gap = offset.to_datetime(changed_at)..change.offset().to_datetime(changed_at);
        if due.is_some_and(|local| gap.contains(&local)) {
            return Some(changed_at.as_millisecond());
        }
        from = changed_at;
    }
}

/// The first match at or after `from` on a clock that is `offset` from UTC, as if it were never changed. Second passes of
/// fixed times are left out.
fn next_in_stretch(cron: &Cron, zone: &TimeZone, offset: Offset, from: DateTime) -> Option<DateTime> {
    let mut due = cron.next_local(from)?;
    while !cron.is_interval && is_second_pass(zone, offset, due) {
        due = cron.next_local(due.checked_add(Span::new().seconds(1)).ok()?)?;
    }
    Some(due)
}

fn is_second_pass(zone: &TimeZone, offset: Offset, local: DateTime) -> bool {
    let offsets = zone.to_ambiguous_timestamp(local).offset();
    matches!(offsets, AmbiguousOffset::Fold { after, .. } if after == offset)
}
