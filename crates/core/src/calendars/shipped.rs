//! The calendars that come with the platform: their rows, and their days, which are read once.

use std::sync::{Arc, LazyLock};

use baigong_model::{Error, Result};
use baigong_schedule::{DayRule, SHIPPED, Shipped, ShippedKind};
use baigong_store::{Tx, calendars as rows, entity::calendar};

use super::CalendarKind;

static RULES: LazyLock<Vec<(&'static Shipped, Arc<DayRule>)>> =
    LazyLock::new(|| SHIPPED.iter().map(|shipped| (shipped, Arc::new(shipped.rule()))).collect());

/// What kind of calendar `row` is and, when it comes with the platform, its days.
pub(super) fn of(row: &calendar::Model) -> Result<(CalendarKind, Option<Arc<DayRule>>)> {
    let Some(code) = &row.shipped_code else { return Ok((CalendarKind::Custom, None)) };
    let known = RULES.iter().find(|(shipped, _)| shipped.code == code);
    let Some((shipped, rule)) = known else {
        // Its row was made by a newer version on another node. Nothing that passes by itself.
        return Err(Error::conflict(format!("the calendar {code} comes with a newer version of the platform")));
    };
    let kind = match shipped.kind {
        ShippedKind::Exchange => CalendarKind::Exchange,
        ShippedKind::WorkingDays => CalendarKind::WorkingDays,
    };
    Ok((kind, Some(rule.clone())))
}

/// Makes the rows that are missing: at every start, so a version that brings a calendar adds it.
pub(crate) async fn ensure(tx: &Tx, now: i64) -> Result<()> {
    let known = rows::shipped_codes(tx).await?;
    for shipped in SHIPPED.iter().filter(|shipped| known.iter().all(|code| code != shipped.code)) {
        let row = calendar::Model {
            id: 0,
            name: shipped.name.into(),
            live_name: None,
            shipped_code: Some(shipped.code.into()),
            created_by: 0,
            created_at: now,
            deleted_at: None,
        };
        rows::insert(tx, row).await?;
    }
    Ok(())
}

/// Fails for a name that a calendar of the platform has.
pub(super) fn check_name(name: &str) -> Result<()> {
    if SHIPPED.iter().any(|shipped| shipped.name == name) {
        return Err(Error::already_exists("calendar", name));
    }
    Ok(())
}

/// Fails for a calendar that comes with the platform.
pub(super) fn check_is_custom(row: &calendar::Model) -> Result<()> {
    if row.shipped_code.is_none() {
        return Ok(());
    }
    Err(Error::conflict("a calendar that comes with the platform cannot be changed or deleted: make one of your own"))
}
