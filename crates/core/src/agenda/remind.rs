//! Reminding people of what is on their agendas. The row of a reminder and what it sends share one transaction, so that
//! nobody is reminded twice, and a crash before it reminds nobody less.

use baigong_model::{Error, Result};
use baigong_store::{
    Scope, Tx, agenda as rows, applications,
    entity::{agenda_item::Model, application, message, user},
    messages as message_rows, users,
};
use futures_util::FutureExt;

use super::day::Ways;
use crate::{
    Caller, Platform,
    departments::{self, Tree},
    messages::{Letter, Reminder},
};

/// How many are reminded in one transaction.
const BATCH: usize = 50;
/// How long a reminder inside Baigong is shown at least: a day.
const SHOWN_FOR: i64 = 86_400_000;

/// Reminds whoever is to be reminded by now; how many.
pub async fn remind(platform: &Platform) -> Result<usize> {
    let now = platform.now();
    if !rows::is_due(&platform.store, now).await? {
        return Ok(0);
    }
    let (this, tree) = (platform.clone(), departments::tree(platform).await?);
    let reminded = platform.store.write(move |tx| {
        async move {
            let due = rows::take_due(tx, now, BATCH).await?;
            for item in &due {
                let error = one(&this, tx, &tree, item, now).await?;
                rows::reminded(tx, item.id, error).await?;
            }
            Ok(due.len())
        }
        .boxed()
    });
    reminded.await
}

/// Reminds one person; what could not be sent. They are told inside Baigong then, whatever ways were asked for.
async fn one(platform: &Platform, tx: &Tx, tree: &Tree, item: &Model, now: i64) -> Result<Option<String>> {
    let Some(user) = users::find_live(tx, &Scope::All, item.user_id).await? else { return Ok(None) };
    let application = applications::find_in(tx, item.application_id).await?;
    let Some(application) = application else { return Ok(None) };
    let ways = Ways::read(&item.remind_ways)?;
    let reminder = Reminder { platform, tx, tree, application: &application, caller: Caller::platform() };
    let mut refused = Vec::new();
    if ways.by_mail() {
        let letter = Letter::mail(user.email.iter().cloned().collect(), title(item), item.content.clone());
        refused.extend(told(reminder.by_mail(letter).await, "1")?);
    }
    if ways.by_text() {
        let letter = Letter::sms(user.mobile.iter().cloned().collect(), format!("{} {}", title(item), item.content));
        refused.extend(told(reminder.by_gateway(letter).await, "2")?);
    }
    if ways.inside() || !refused.is_empty() {
        message_rows::insert(tx, shown(item, &application, &user, now), &[user.id]).await?;
    }
    let refused = refused.join("; ");
    Ok((!refused.is_empty()).then_some(refused))
}

/// What was refused, by its way; a fault of ours stays one.
fn told(sent: Result<()>, way: &str) -> Result<Option<String>> {
    match sent {
        Ok(()) => Ok(None),
        Err(Error::Conflict(reason)) => Ok(Some(format!("{way}: {reason}"))),
        Err(error) => Err(error),
    }
}

fn title(item: &Model) -> String {
    format!("日程提醒 {}", item.start_date)
}

fn shown(item: &Model, application: &application::Model, user: &user::Model, now: i64) -> message::Model {
    message::Model {
        id: 0,
        application_id: application.id,
        is_announcement: false,
        title: title(item),
        content: item.content.clone(),
        valid_from: now,
        valid_until: now + SHOWN_FOR,
        created_by: user.id,
        created_at: now,
        deleted_at: None,
    }
}
