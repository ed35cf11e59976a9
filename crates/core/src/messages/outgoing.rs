//! What leaves the platform: letters, each for one channel and some people, in the outbox of notices.

use baigong_model::{Error, NoticeKind, Permission, Result, Secret};
use baigong_store::{
    Scope, Tx, applications, audits,
    entity::application,
    notices::{self, NewNotice},
    users,
};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::channels::{for_mail, for_texts, named};
use crate::{Caller, Platform, departments, keys::Place, names};

/// Stands for the platform's own mail server among the ids of channels.
pub(crate) const OWN_SERVER: i64 = 0;
/// The most letters of one call, and the most people of one letter.
const MOST: usize = 200;
/// The longest subject and the longest text, in letters.
const LONGEST_SUBJECT: usize = 500;
const LONGEST_TEXT: usize = 65_536;

/// What a letter is: a gateway that gets all of them tells them apart by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Use {
    /// A notice that is shown inside Baigong too.
    Notice,
    /// A mail.
    Mail,
    /// A short message.
    Sms,
    /// A short message with a code that proves something.
    Captcha,
    /// A phone call.
    Call,
    /// A text that the gateway has, by its id.
    Template,
}

/// A letter as it is sealed in the outbox.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Letter {
    /// What it is.
    pub(crate) r#use: Use,
    /// Its title.
    pub(crate) title: String,
    /// Its text.
    pub(crate) text: String,
    /// Addresses or phone numbers.
    pub(crate) recipients: Vec<String>,
    /// The id of a text that the gateway has.
    pub(crate) template_id: Option<String>,
    /// Who calls.
    pub(crate) from: Option<String>,
}

impl Letter {
    /// What a gateway is told of it beside its text.
    pub(crate) fn beside(&self) -> serde_json::Value {
        json!({
            "use": self.r#use, "recipients": self.recipients, "templateId": self.template_id, "from": self.from,
        })
    }
}

/// A mail.
#[derive(Debug, Clone)]
pub struct Mail {
    /// To whom.
    pub to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub content: String,
}

/// A short message.
#[derive(Debug, Clone)]
pub struct Text {
    /// To which phones.
    pub to: Vec<String>,
    /// Its text.
    pub content: Secret<String>,
    /// Whether it is a code that proves something.
    pub is_captcha: bool,
}

/// Sends mails, all of them or none.
pub async fn send_mails(platform: &Platform, caller: &Caller, mails: Vec<Mail>) -> Result<()> {
    names::batch(mails.len(), MOST)?;
    let letters = mails.into_iter().map(|mail| {
        let address = |text: String| {
            names::address("sendTo", Some(text))?
                .ok_or_else(|| Error::invalid("sendTo", "must look like name@example.com"))
        };
        let recipients = mail.to.into_iter().map(address).collect::<Result<Vec<_>>>()?;
        let title = one_line("subject", mail.subject)?;
        Ok(Letter { recipients: people("sendTo", recipients)?, ..letter(Use::Mail, title, long(mail.content)?) })
    });
    send(platform, caller, By::Mail, letters.collect::<Result<_>>()?).await
}

/// Sends a short message.
pub async fn send_text(platform: &Platform, caller: &Caller, text: Text) -> Result<()> {
    let (what, field) = if text.is_captcha { (Use::Captcha, "sendTo") } else { (Use::Sms, "sendToList") };
    let recipients = text.to.into_iter().map(|phone| phone_of(field, phone)).collect::<Result<Vec<_>>>()?;
    let letter = letter(what, String::new(), long(text.content.expose().clone())?);
    send(platform, caller, By::Gateway, vec![Letter { recipients: people(field, recipients)?, ..letter }]).await
}

/// Has the gateway call a phone for another.
pub async fn call(platform: &Platform, caller: &Caller, from: String, to: String) -> Result<()> {
    let (from, to) = (phone_of("form", from)?, phone_of("to", to)?);
    let letter = Letter { recipients: vec![to], from: Some(from), ..letter(Use::Call, String::new(), String::new()) };
    send(platform, caller, By::Gateway, vec![letter]).await
}

/// Has the gateway of a channel send a text that it has to the phones of users.
pub async fn send_template(
    platform: &Platform,
    caller: &Caller,
    (code, name): (String, String),
    template_id: String,
    usernames: Vec<String>,
) -> Result<()> {
    caller.need(Permission::MessageSend)?;
    let channel = named(platform, caller, &[code]).await?.swap_remove(0);
    if channel.name != name {
        return Err(Error::invalid("channlName", "is not the name of the channel with this code"));
    }
    if !matches!(channel.kind, "sms" | "webhook") {
        return Err(Error::conflict("only gateways have templates: give a channel of type sms or webhook"));
    }
    let mut recipients = Vec::new();
    for username in usernames.iter().filter(|name| !name.is_empty()) {
        let user = users::find_by_username(&platform.store, username).await?;
        let user = user.filter(|user| caller.scope().sees(user.department_id, user.id));
        let user = user.ok_or_else(|| Error::not_found("employee", username))?;
        let mobile = user.mobile.ok_or_else(|| Error::Conflict(format!("\"{username}\" has no phone number")))?;
        recipients.push(mobile);
    }
    let letter = Letter {
        recipients: people("userNames", recipients)?,
        template_id: Some(one_line("templateId", template_id)?),
        ..letter(Use::Template, String::new(), String::new())
    };
    send(platform, caller, By::Channel(channel.id), vec![letter]).await
}

/// Which channel letters go by.
enum By {
    Mail,
    Gateway,
    Channel(i64),
}

async fn send(platform: &Platform, caller: &Caller, by: By, letters: Vec<Letter>) -> Result<()> {
    caller.need(Permission::MessageSend)?;
    let application = application_of(platform, caller).await?;
    let (this, caller, tree) = (platform.clone(), caller.clone(), departments::tree(platform).await?);
    let sent = platform.store.write(move |tx| {
        async move {
            let home = application.department_id;
            let channel = match by {
                By::Mail => for_mail(&this, tx, &tree, home).await?,
                By::Gateway => for_texts(tx, &tree, home).await?,
                By::Channel(id) => id,
            };
            for letter in letters {
                post(&this, tx, &caller, &application, (channel, None), letter).await?;
            }
            Ok(())
        }
        .boxed()
    });
    sent.await
}

/// The application that the caller comes through.
pub(super) async fn application_of(platform: &Platform, caller: &Caller) -> Result<application::Model> {
    let id = caller.need_application()?;
    let row = applications::find(&platform.store, &Scope::All, id).await?;
    row.ok_or_else(|| Error::not_found("application", id))
}

/// Puts a letter into the outbox, for this channel and about this message.
pub(super) async fn post(
    platform: &Platform,
    tx: &Tx,
    caller: &Caller,
    application: &application::Model,
    (channel, message): (i64, Option<i64>),
    letter: Letter,
) -> Result<()> {
    let (mut random, now) = ([0; 16], platform.now());
    platform.random.fill(&mut random);
    let key = format!("message.{}", hex::encode(random));
    let detail = json!({ "use": letter.r#use, "channelId": channel, "recipients": letter.recipients.len() });
    let text = Secret::new(serde_json::to_vec(&letter).map_err(Error::internal)?);
    let sealed = platform.keys.seal(&*platform.random, place(&key), text.expose());
    let notice = NewNotice {
        idempotency_key: key,
        kind: NoticeKind::Message,
        department_id: application.department_id,
        object_id: message,
        process_id: None,
        detail: json!({ "sealed": sealed }).to_string(),
        warn_type: None,
        created_by: caller.id(),
        channel_id: Some(channel),
        at: now,
    };
    notices::insert_many(tx, &[notice]).await?;
    let department = Some(application.department_id);
    audits::insert_many(tx, &[caller.audit(now, "send", "message", message, department, &detail)]).await
}

/// The letter of a row of the outbox. One that cannot be read is given up.
pub(crate) fn open_letter(platform: &Platform, key: &str, detail: &str) -> Result<Letter> {
    let read = || {
        let detail: serde_json::Value = serde_json::from_str(detail).ok()?;
        let text = platform.keys.open(place(key), detail["sealed"].as_str()?).ok()?;
        serde_json::from_slice(text.expose()).ok()
    };
    read().ok_or_else(|| Error::conflict("a letter in the outbox cannot be read"))
}

fn place(key: &str) -> Place<'_> {
    Place { table: "notice", row: key, column: "detail" }
}

pub(super) fn letter(r#use: Use, title: String, text: String) -> Letter {
    Letter { r#use, title, text, recipients: Vec::new(), template_id: None, from: None }
}

pub(super) fn one_line(field: &str, text: String) -> Result<String> {
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(field, "must be one line"));
    }
    names::limited(field, Some(text), LONGEST_SUBJECT).map(Option::unwrap_or_default)
}

pub(super) fn long(text: String) -> Result<String> {
    names::limited("content", Some(text), LONGEST_TEXT).map(Option::unwrap_or_default)
}

fn phone_of(field: &str, phone: String) -> Result<String> {
    let looks_right = names::mobile(Some(phone)).ok().flatten();
    looks_right.ok_or_else(|| Error::invalid(field, "must be a phone number"))
}

/// Each of them once; at least one.
pub(super) fn people(field: &str, mut recipients: Vec<String>) -> Result<Vec<String>> {
    recipients.sort_unstable();
    recipients.dedup();
    match recipients.len() {
        0 => Err(Error::invalid(field, "must name somebody")),
        count if count > MOST => Err(Error::invalid(field, format!("must have at most {MOST} entries"))),
        _ => Ok(recipients),
    }
}

impl Letter {
    /// A mail.
    pub(crate) fn mail(recipients: Vec<String>, title: String, text: String) -> Self {
        Self { recipients, ..letter(Use::Mail, title, text) }
    }

    /// A short message.
    pub(crate) fn sms(recipients: Vec<String>, text: String) -> Self {
        Self { recipients, ..letter(Use::Sms, String::new(), text) }
    }
}

/// What letters are sent with inside a write of somebody else's.
pub(crate) struct Reminder<'r> {
    pub(crate) platform: &'r Platform,
    pub(crate) tx: &'r Tx,
    pub(crate) tree: &'r departments::Tree,
    pub(crate) application: &'r application::Model,
    pub(crate) caller: Caller,
}

impl Reminder<'_> {
    /// Sends a mail; [`Error::Conflict`] where there is no channel, or nobody to send it to.
    pub(crate) async fn by_mail(&self, letter: Letter) -> Result<()> {
        let channel = for_mail(self.platform, self.tx, self.tree, self.application.department_id).await?;
        self.post(channel, letter).await
    }

    /// Sends a short message, likewise.
    pub(crate) async fn by_gateway(&self, letter: Letter) -> Result<()> {
        let channel = for_texts(self.tx, self.tree, self.application.department_id).await?;
        self.post(channel, letter).await
    }

    async fn post(&self, channel: i64, letter: Letter) -> Result<()> {
        if letter.recipients.is_empty() {
            return Err(Error::conflict("the person has no address for it"));
        }
        post(self.platform, self.tx, &self.caller, self.application, (channel, None), letter).await
    }
}
