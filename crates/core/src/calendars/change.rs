//! Making, changing and deleting calendars. Whoever changes one decides when every trigger with it fires, so each change
//! leaves in the audit which days came and which went.

use std::collections::BTreeMap;

use baigong_model::{Error, Permission, Result, ids::CalendarId};
use baigong_store::{Tx, audits, calendars as rows, entity::calendar, triggers};
use futures_util::FutureExt;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{loaded, not_too_many, read_days, shipped, stored};
use crate::{Caller, Platform, lists::Table, names};

/// An audit row names at most so many days; it always says how many there were.
const MOST_AUDITED: usize = 400;
/// So many triggers are named when a calendar cannot be deleted because of them.
const MOST_NAMED: usize = 5;

/// A calendar to be made.
#[derive(Debug, Clone)]
pub struct NewCalendar {
    /// Its name, unique.
    pub name: String,
    /// Its non-working days, `yyyy-MM-dd`, in any order.
    pub non_working_days: Vec<String>,
}

/// What is to be changed; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct CalendarChange {
    /// Its new name.
    pub name: Option<String>,
    /// All its non-working days from now on. A day that stays keeps what it is called.
    pub non_working_days: Option<Vec<String>>,
}

/// Makes a calendar.
pub async fn create(platform: &Platform, caller: &Caller, input: NewCalendar) -> Result<CalendarId> {
    caller.need(Permission::CalendarWrite)?;
    let name = checked_name(&input.name)?;
    let days = read_days("nonWorkingDays", &input.non_working_days)?;
    let (now, caller) = (platform.now(), caller.clone());
    let created = platform.store.write(move |tx| {
        async move {
            let id = insert(tx, &caller, now, name.clone()).await?;
            rows::set_days(tx, id, &stored(&days)).await?;
            let detail = json!({ "name": name, "days": difference(&BTreeMap::new(), &days) });
            let audit = caller.audit(now, "create", "calendar", Some(id), None, &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    let id = created.await?;
    changed(platform);
    Ok(id)
}

/// Changes a calendar. Triggers follow it from the next firing on.
pub async fn update(platform: &Platform, caller: &Caller, id: CalendarId, change: CalendarChange) -> Result<()> {
    caller.need(Permission::CalendarWrite)?;
    let name = change.name.as_deref().map(checked_name).transpose()?;
    let days = change.non_working_days.as_deref().map(|days| read_days("nonWorkingDays", days)).transpose()?;
    let (now, caller) = (platform.now(), caller.clone());
    let updated = platform.store.write(move |tx| {
        async move {
            custom(tx, id).await?;
            if let Some(name) = &name {
                rows::rename(tx, id, name).await?;
            }
            let difference = match days {
                Some(days) => replace_days(tx, id, days).await?,
                None => Value::Null,
            };
            let detail = json!({ "name": name, "days": difference });
            let audit = caller.audit(now, "update", "calendar", Some(id), None, &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    updated.await?;
    changed(platform);
    Ok(())
}

/// Deletes a calendar that no trigger uses.
pub async fn delete(platform: &Platform, caller: &Caller, id: CalendarId) -> Result<()> {
    caller.need(Permission::CalendarWrite)?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            let row = custom(tx, id).await?;
            unused(tx, &caller, id).await?;
            rows::delete(tx, id, now).await?;
            let detail = json!({ "name": row.name });
            let audit = caller.audit(now, "delete", "calendar", Some(id), None, &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    deleted.await?;
    changed(platform);
    Ok(())
}

/// After every commit.
pub(super) fn changed(platform: &Platform) {
    platform.calendars.changed();
    platform.counts.changed(Table::Calendars);
}

/// A name that a calendar may have.
pub(super) fn checked_name(name: &str) -> Result<String> {
    let name = names::name("calendarName", name)?;
    shipped::check_name(&name).map(|()| name)
}

/// Inserts the row of a custom calendar.
pub(super) async fn insert(tx: &Tx, caller: &Caller, now: i64, name: String) -> Result<CalendarId> {
    let row = calendar::Model {
        id: 0,
        live_name: Some(name.clone()),
        name,
        shipped_code: None,
        created_by: caller.id(),
        created_at: now,
        deleted_at: None,
    };
    rows::insert(tx, row).await
}

/// The live calendar `id`, locked, if users may change it.
pub(super) async fn custom(tx: &Tx, id: CalendarId) -> Result<calendar::Model> {
    let row = rows::lock(tx, id).await?.ok_or_else(|| Error::not_found("calendar", id))?;
    shipped::check_is_custom(&row).map(|()| row)
}

/// Fails unless the calendar that a trigger is put on is live; it then stays so until the end of the write.
pub(crate) async fn hold(tx: &Tx, id: Option<CalendarId>) -> Result<()> {
    match id {
        Some(id) if !rows::hold(tx, id).await? => Err(Error::not_found("calendar", id)),
        _ => Ok(()),
    }
}

/// Puts `days` in the place of those the calendar has, and tells the triggers with it. A day without a name keeps the one
/// it had. Answers what to write into the audit.
pub(super) async fn replace_days(tx: &Tx, id: CalendarId, mut days: BTreeMap<Date, String>) -> Result<Value> {
    let mut before = loaded(rows::days(tx, id).await?)?;
    not_too_many("nonWorkingDays", days.len())?;
    let difference = difference(&before, &days);
    for (day, name) in days.iter_mut().filter(|(_, name)| name.is_empty()) {
        *name = before.remove(day).unwrap_or_default();
    }
    rows::set_days(tx, id, &stored(&days)).await?;
    triggers::touch(tx, &triggers::using_calendar(tx, id).await?).await?;
    Ok(difference)
}

/// Which days came and which went, as the audit tells it.
fn difference(before: &BTreeMap<Date, String>, after: &BTreeMap<Date, String>) -> Value {
    let only_in = |these: &BTreeMap<Date, String>, those: &BTreeMap<Date, String>| {
        let days: Vec<String> = these.keys().filter(|day| !those.contains_key(*day)).map(Date::to_string).collect();
        json!({ "count": days.len(), "days": days[..days.len().min(MOST_AUDITED)] })
    };
    json!({ "added": only_in(after, before), "removed": only_in(before, after) })
}

/// Fails while triggers use the calendar, naming those that the caller sees.
async fn unused(tx: &Tx, caller: &Caller, id: CalendarId) -> Result<()> {
    let users = rows::used_by(tx, id).await?;
    if users.is_empty() {
        return Ok(());
    }
    let visible = users.iter().filter(|user| caller.scope().sees(user.department_id, user.created_by));
    let names: Vec<String> =
        visible.take(MOST_NAMED).map(|user| format!("{} ({})", user.name, user.trigger_id)).collect();
    let named = if names.is_empty() { "of departments you do not see".to_owned() } else { names.join(", ") };
    Err(Error::Conflict(format!("the calendar is used by {} triggers: {named}", users.len())))
}
