//! Notices and announcements: shown inside Baigong for as long as they are valid, and sent over channels where these are named.

use std::collections::BTreeSet;

use baigong_model::{Error, Page, PageOf, Permission, Result, ids::UserId};
use baigong_store::{
    application_access::roles,
    audits,
    entity::message::Model,
    messages as rows,
    messages::{Audience, Person},
};
use futures_util::FutureExt;
use serde_json::json;

use super::{
    channels::{Channel, named},
    outgoing::{Letter, Use, application_of, letter, long, one_line, post},
};
use crate::{Caller, Platform, departments, employees, names, policy};

/// The most messages of one call, and the most people of one message that is sent over a mail channel.
const MOST: usize = 200;
const MOST_BY_MAIL: usize = 200;

/// A message to be told.
#[derive(Debug, Clone, Default)]
pub struct NewMessage {
    /// In whose name: what they sign in with.
    pub username: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub content: String,
    /// From when on it is shown.
    pub valid_from: i64,
    /// Until when.
    pub valid_until: i64,
    /// Whom it is for; nobody in particular for an announcement. Those below a department are told too.
    pub users: Vec<UserId>,
    /// Whoever has one of these roles of the application.
    pub roles: Vec<i64>,
    /// Whoever belongs to one of these departments.
    pub departments: Vec<i64>,
    /// The codes of the channels over which it is sent beside.
    pub channels: Vec<String>,
}

/// A message whose texts and times are checked.
struct Checked {
    row: Model,
    audience: Audience,
    channels: Vec<Channel>,
}

/// Tells notices to people, all of them or none; their ids, in order.
pub async fn tell(platform: &Platform, caller: &Caller, messages: Vec<NewMessage>) -> Result<Vec<i64>> {
    publish(platform, caller, messages, false).await
}

/// Tells announcements to all users of the application, all of them or none; their ids, in order.
pub async fn announce(platform: &Platform, caller: &Caller, messages: Vec<NewMessage>) -> Result<Vec<i64>> {
    publish(platform, caller, messages, true).await
}

async fn publish(
    platform: &Platform,
    caller: &Caller,
    messages: Vec<NewMessage>,
    is_announcement: bool,
) -> Result<Vec<i64>> {
    caller.need(Permission::MessageSend)?;
    names::batch(messages.len(), MOST)?;
    let application = application_of(platform, caller).await?;
    let mut checked = Vec::with_capacity(messages.len());
    for message in messages {
        checked.push(check(platform, caller, message, is_announcement).await?);
    }
    let (this, caller, now) = (platform.clone(), caller.clone(), platform.now());
    let told = platform.store.write(move |tx| {
        async move {
            let mut ids = Vec::with_capacity(checked.len());
            for Checked { row, audience, channels } in checked {
                let known = roles::some(tx, application.id, &audience.roles).await?;
                if let Some(missing) = audience.roles.iter().find(|id| !known.iter().any(|role| role.id == **id)) {
                    return Err(Error::not_found("application role", missing));
                }
                let people = rows::people(tx, &audience).await?;
                let people: Vec<Person> =
                    people.into_iter().filter(|it| caller.scope().sees(it.department_id, it.id)).collect();
                need_users(&audience, &people)?;
                if people.is_empty() && !is_announcement {
                    return Err(Error::conflict("nobody would be told: those named have no users"));
                }
                let (title, content) = (row.title.clone(), row.content.clone());
                let recipients: Vec<i64> = people.iter().map(|it| it.id).collect();
                let row = Model { application_id: application.id, ..row };
                let id = rows::insert(tx, row, &recipients).await?;
                let detail = json!({ "title": title, "isAnnouncement": is_announcement, "recipients": people.len() });
                let department = Some(application.department_id);
                let audit = caller.audit(now, "create", "message", Some(id), department, &detail);
                audits::insert_many(tx, &[audit]).await?;
                for channel in channels {
                    let letter = letter(Use::Notice, title.clone(), content.clone());
                    let letter = Letter { recipients: addresses(&channel, &people)?, ..letter };
                    post(&this, tx, &caller, &application, (channel.id, Some(id)), letter).await?;
                }
                ids.push(id);
            }
            Ok(ids)
        }
        .boxed()
    });
    told.await
}

/// Fails when a user who is named is not there, or not seen.
fn need_users(audience: &Audience, people: &[Person]) -> Result<()> {
    let known: BTreeSet<i64> = people.iter().map(|it| it.id).collect();
    match audience.users.iter().find(|id| !known.contains(id)) {
        Some(missing) => Err(Error::not_found("employee", missing)),
        None => Ok(()),
    }
}

/// The addresses that a channel wants of these people; a group robot wants none.
fn addresses(channel: &Channel, people: &[Person]) -> Result<Vec<String>> {
    let found: BTreeSet<String> = match channel.kind {
        "mail" => people.iter().filter_map(|it| it.email.clone()).collect(),
        "sms" | "webhook" => people.iter().filter_map(|it| it.mobile.clone()).collect(),
        _ => return Ok(Vec::new()),
    };
    match found.len() {
        0 => Err(Error::Conflict(format!("nobody has an address for the channel {}", channel.code))),
        count if count > MOST_BY_MAIL => {
            Err(Error::Conflict(format!("the channel {} takes at most {MOST_BY_MAIL} people", channel.code)))
        }
        _ => Ok(found.into_iter().collect()),
    }
}

async fn check(platform: &Platform, caller: &Caller, new: NewMessage, is_announcement: bool) -> Result<Checked> {
    let author = employees::by_username(platform, caller, &new.username).await?;
    let (title, content) = (one_line("title", new.title)?, long(new.content)?);
    if new.valid_until <= new.valid_from {
        return Err(Error::invalid("availableTimeEnd", "must not be before availableTimeStart"));
    }
    let is_for_nobody = new.users.is_empty() && new.roles.is_empty() && new.departments.is_empty();
    if is_for_nobody && !is_announcement {
        return Err(Error::invalid("userIds", "must name somebody, or roleIds or deptIds must"));
    }
    let tree = departments::tree(platform).await?;
    let mut below = BTreeSet::new();
    for department in new.departments {
        departments::live(platform, caller, department).await?;
        below.extend(tree.subtree(department));
    }
    if !below.iter().all(|id| caller.scope().covers(*id)) {
        return Err(policy::too_wide());
    }
    let row = Model {
        id: 0,
        application_id: 0,
        is_announcement,
        title,
        content,
        valid_from: new.valid_from,
        valid_until: new.valid_until,
        created_by: author.id,
        created_at: platform.now(),
        deleted_at: None,
    };
    let audience = Audience { users: new.users, roles: new.roles, departments: below.into_iter().collect() };
    Ok(Checked { row, audience, channels: named(platform, caller, &new.channels).await? })
}

/// Takes messages of the application back, all of them or none. What was sent over channels has left.
pub async fn take_back(platform: &Platform, caller: &Caller, is_announcement: bool, ids: Vec<i64>) -> Result<()> {
    caller.need(Permission::MessageSend)?;
    names::batch(ids.len(), MOST)?;
    let application = application_of(platform, caller).await?;
    let (caller, now) = (caller.clone(), platform.now());
    let ids: Vec<i64> = ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let done = platform.store.write(move |tx| {
        async move {
            let found = rows::some(tx, application.id, is_announcement, &ids).await?;
            if let Some(missing) = ids.iter().find(|id| !found.iter().any(|row| row.id == **id)) {
                return Err(Error::not_found("message", missing));
            }
            rows::delete(tx, &ids, now).await?;
            let department = Some(application.department_id);
            let audit = |row: &Model| {
                caller.audit(now, "delete", "message", Some(row.id), department, &json!({ "title": row.title }))
            };
            audits::insert_many(tx, &found.iter().map(audit).collect::<Vec<_>>()).await
        }
        .boxed()
    });
    done.await
}

/// A page of what is shown to the caller themselves now, newest first.
pub async fn shown(platform: &Platform, caller: &Caller, page: Page) -> Result<PageOf<Model>> {
    let user = caller.user_id.ok_or(Error::Unauthenticated)?;
    rows::shown_to(&platform.store, user, platform.now(), page).await
}
