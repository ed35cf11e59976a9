//! The agendas of people: what applications put there, and the reminders, which come at their time of the first day, by mail, by
//! short message or inside Baigong.

mod day;
mod remind;

pub use remind::remind;

use baigong_model::{Error, Page, PageOf, Permission, Result};
use baigong_store::{Scope, Tx, agenda as rows, applications, audits, entity::agenda_item::Model, users};
use day::{Ways, date, moment, zone_of};
use futures_util::FutureExt;
use serde_json::json;

use crate::{Caller, Platform, employees, names};

/// The longest text, in letters.
const LONGEST: usize = 2000;

/// Something to be put on an agenda.
#[derive(Debug, Clone, Default)]
pub struct NewItem {
    /// Whose agenda: what they sign in with.
    pub username: String,
    /// What it is.
    pub content: String,
    /// Its first day: `2026-11-22`.
    pub start_date: String,
    /// Its last day.
    pub end_date: String,
    /// Whether its person is to be reminded.
    pub is_reminded: bool,
    /// `1` mail, `2` short message, `3` inside Baigong, with commas between; inside when absent.
    pub remind_ways: Option<String>,
    /// At what time of the first day: `23:00`.
    pub remind_time: Option<String>,
    /// The zone of the person; the server's when absent.
    pub time_zone: Option<String>,
}

/// An item, and what its person signs in with.
#[derive(Debug, Clone)]
pub struct Item {
    /// The item.
    pub row: Model,
    /// What its person signs in with.
    pub username: String,
}

/// Puts something on a person's agenda, or changes the item `id` there, which the application put there; its id.
pub async fn put(platform: &Platform, caller: &Caller, id: Option<i64>, new: NewItem) -> Result<i64> {
    caller.need(Permission::AgendaWrite)?;
    let application_id = caller.need_application()?;
    let user = employees::by_username(platform, caller, &new.username).await?;
    let content = names::limited("content", Some(new.content), LONGEST)?.unwrap_or_default();
    let (first, last) = (date("startDate", &new.start_date)?, date("endDate", &new.end_date)?);
    if last < first {
        return Err(Error::invalid("endDate", "must not be before startDate"));
    }
    let (time, zone) = (new.remind_time.unwrap_or_default(), new.time_zone.filter(|zone| !zone.is_empty()));
    let ways = Ways::read(new.remind_ways.as_deref().unwrap_or_default())?;
    let at = match new.is_reminded || !time.is_empty() {
        true => Some(moment(platform, first, &time, zone.as_deref())?),
        false => zone_of(platform, zone.as_deref()).map(|_| None)?,
    };
    let now = platform.now();
    let row = Model {
        id: id.unwrap_or_default(),
        user_id: user.id,
        application_id,
        content,
        start_date: first.to_string(),
        end_date: last.to_string(),
        is_reminded: new.is_reminded,
        remind_ways: ways.text(),
        remind_time: time,
        time_zone: zone,
        // What is over is not reminded of any more.
        remind_at: at.filter(|at| new.is_reminded && *at > now),
        remind_error: None,
        created_at: now,
        deleted_at: None,
    };
    let (caller, department) = (caller.clone(), Some(user.department_id));
    let done = platform.store.write(move |tx| {
        async move {
            let detail = json!({ "userId": row.user_id, "startDate": row.start_date, "isReminded": row.is_reminded });
            let (id, action) = match id {
                Some(id) => {
                    let before = rows::find_live(tx, id).await?.ok_or_else(|| unknown(id))?;
                    need_seen(&caller, users::find_live(tx, &Scope::All, before.user_id).await?, id)?;
                    need_own(tx, &caller, &before).await?;
                    rows::update(tx, Model { created_at: before.created_at, ..row }).await?;
                    (id, "update")
                }
                None => (rows::insert(tx, row).await?, "create"),
            };
            audits::insert_many(tx, &[caller.audit(now, action, "agenda item", Some(id), department, &detail)]).await?;
            Ok(id)
        }
        .boxed()
    });
    done.await
}

/// Takes an item off its agenda.
pub async fn delete(platform: &Platform, caller: &Caller, id: i64) -> Result<()> {
    caller.need(Permission::AgendaWrite)?;
    let (caller, now) = (caller.clone(), platform.now());
    let done = platform.store.write(move |tx| {
        async move {
            let row = rows::find_live(tx, id).await?.ok_or_else(|| unknown(id))?;
            let user = users::find_live(tx, &Scope::All, row.user_id).await?;
            let department = need_seen(&caller, user, id)?;
            need_own(tx, &caller, &row).await?;
            rows::delete(tx, id, now).await?;
            let detail = json!({ "userId": row.user_id, "startDate": row.start_date });
            let audit = caller.audit(now, "delete", "agenda item", Some(id), Some(department), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    done.await
}

/// The item `id`.
pub async fn query(platform: &Platform, caller: &Caller, id: i64) -> Result<Item> {
    caller.need(Permission::AgendaRead)?;
    let row = rows::find(&platform.store, id).await?.ok_or_else(|| unknown(id))?;
    let user = users::find(&platform.store, caller.scope(), row.user_id).await?;
    let username = user.filter(|user| user.deleted_at.is_none()).ok_or_else(|| unknown(id))?.username;
    Ok(Item { row, username })
}

/// A page of what is on a person's agenda on any of the days from `first` to `last`.
pub async fn list(
    platform: &Platform,
    caller: &Caller,
    username: &str,
    (first, last): (&str, &str),
    page: Page,
) -> Result<PageOf<Item>> {
    caller.need(Permission::AgendaRead)?;
    let user = employees::by_username(platform, caller, username).await?;
    let (first, last) = (date("startDate", first)?.to_string(), date("endDate", last)?.to_string());
    let found = rows::list(&platform.store, user.id, (&first, &last), page).await?;
    Ok(found.map(|row| Item { row, username: user.username.clone() }))
}

fn unknown(id: i64) -> Error {
    Error::not_found("agenda item", id)
}

/// Fails unless the item is of the application that the caller comes through, or of one that is gone. All of a person's agenda
/// is shown to whoever sees them; it is changed by whoever put it there.
async fn need_own(tx: &Tx, caller: &Caller, row: &Model) -> Result<()> {
    if caller.need_application()? == row.application_id {
        return Ok(());
    }
    match applications::find_in(tx, row.application_id).await? {
        Some(application) if application.deleted_at.is_none() => {
            Err(Error::Forbidden("the application that put it on the agenda".into()))
        }
        _ => Ok(()),
    }
}

/// The department of the item's person; fails as if there were no such item unless the caller sees them.
fn need_seen(caller: &Caller, user: Option<baigong_store::entity::user::Model>, id: i64) -> Result<i64> {
    let user = user.filter(|user| caller.scope().sees(user.department_id, user.id));
    user.map(|user| user.department_id).ok_or_else(|| unknown(id))
}

#[cfg(test)]
mod tests;
