//! What is to be sent now, and what became of it. A notice is held by whoever sends it until a time and counted as sent
//! only when the other side has taken it; so it may arrive twice, with the same message id.

use std::collections::HashMap;

use baigong_model::{Error, NoticeKind, NoticeState, Result, ids::UserId};
use baigong_store::{
    Scope,
    entity::notice,
    notices::{outbox, task_facts},
    users, warn_channels as channel_rows,
};
use futures_util::FutureExt;

use super::{
    routing,
    words::{self, Message, Texts},
};
use crate::{
    Platform,
    messages::{self, Letter, OWN_SERVER},
    warn_channels::{self, Way},
};

/// How many are sent at once.
const BATCH: usize = 16;
/// For how long whoever sends one holds it.
const HELD: i64 = 120_000;
/// How long after a failed try the next one comes, in seconds; after the last it is given up.
const PAUSES: [i64; 7] = [10, 30, 120, 300, 900, 3600, 10_800];
/// The longest reason of a task's end that goes into a message, in letters.
const MAX_REASON: usize = 500;
/// The longest error that is kept, in letters.
const MAX_ERROR: usize = 500;

/// A message to be sent.
#[derive(Debug)]
pub struct Delivery {
    /// The notice.
    pub notice: notice::Model,
    /// What is sent.
    pub message: Message,
    /// Names the event: the same for every try and every copy of this message.
    pub message_id: String,
    /// When it happened, as people read it.
    pub time: String,
    /// Over what, and to whom.
    pub way: Way,
    /// What a gateway is told beside, where people tell one another something.
    pub beside: Option<serde_json::Value>,
}

/// What is due, held by the caller for two minutes. What cannot be sent at all is given up here.
pub async fn due(platform: &Platform) -> Result<Vec<Delivery>> {
    let now = platform.now();
    if !outbox::is_due(&platform.store, now).await? {
        return Ok(Vec::new());
    }
    routing::run(platform).await?;
    let claimed =
        platform.store.write(move |tx| async move { outbox::claim(tx, now, now + HELD, BATCH).await }.boxed()).await?;
    let mut deliveries = Vec::with_capacity(claimed.len());
    let facts = facts(platform, &claimed).await?;
    for notice in claimed {
        match prepare(platform, &notice, &facts).await {
            Ok((way, letter)) => deliveries.push(deliver(platform, notice, &facts, (way, letter))),
            Err(error @ (Error::NotFound { .. } | Error::Conflict(_))) => {
                settle_as(platform, &notice, Some(error.to_string()), true).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(deliveries)
}

/// Writes down how a try went; `refusal` says why it failed. What was tried often enough is given up.
pub async fn settle(platform: &Platform, delivery: &Delivery, refusal: Option<String>) -> Result<()> {
    settle_as(platform, &delivery.notice, refusal, false).await
}

async fn settle_as(platform: &Platform, notice: &notice::Model, refusal: Option<String>, at_last: bool) -> Result<()> {
    let now = platform.now();
    let pause = usize::try_from(notice.attempts - 1).ok().and_then(|tries| PAUSES.get(tries)).filter(|_| !at_last);
    let (state, next_try, sent_at) = match (&refusal, pause) {
        (None, _) => (NoticeState::Sent, None, Some(now)),
        (Some(_), Some(pause)) => (NoticeState::Waiting, Some(now + pause * 1000), None),
        (Some(_), None) => (NoticeState::Failed, None, None),
    };
    let (id, channel, attempts) = (notice.id, notice.channel_id, notice.attempts);
    if let Some(error) = &refusal {
        let given_up = state == NoticeState::Failed;
        tracing::warn!(notice = id, channel, attempts, given_up, error, "a notice could not be sent");
    }
    let error = refusal.map(|text| text.chars().filter(|it| *it != '\0').take(MAX_ERROR).collect());
    let settled = outbox::Settled { id, attempts, state, next_try, error, sent_at };
    platform.store.write(move |tx| async move { outbox::settle(tx, &settled).await.map(drop) }.boxed()).await
}

/// What is known of the tasks and the people behind the notices.
struct Facts {
    tasks: HashMap<i64, task_facts::TaskFacts>,
    emails: HashMap<UserId, String>,
}

async fn facts(platform: &Platform, notices: &[notice::Model]) -> Result<Facts> {
    let of_tasks = |notice: &&notice::Model| notice.kind.parse().is_ok_and(NoticeKind::is_of_task);
    let tasks: Vec<i64> = notices.iter().filter(of_tasks).filter_map(|notice| notice.object_id).collect();
    let mut emails = HashMap::new();
    for user in notices.iter().map(|notice| notice.created_by).filter(|user| *user != 0) {
        let found = users::find(&platform.store, &Scope::All, user).await?.filter(|row| row.deleted_at.is_none());
        emails.extend(found.and_then(|row| Some((user, row.email?))));
    }
    Ok(Facts { tasks: task_facts::of(&platform.store, &tasks).await?, emails })
}

/// The way of a notice: its channel with its secrets open, and everyone it goes to.
async fn prepare(platform: &Platform, notice: &notice::Model, facts: &Facts) -> Result<(Way, Option<Letter>)> {
    let id = notice.channel_id.unwrap_or_default();
    if notice.kind == NoticeKind::Message.as_str() {
        let letter = messages::open_letter(platform, &notice.idempotency_key, &notice.detail)?;
        return Ok((way_of(platform, id, &letter).await?, Some(letter)));
    }
    let row = channel_rows::find(&platform.store, &Scope::All, id).await?.filter(|row| row.deleted_at.is_none());
    let row = row.ok_or_else(|| Error::not_found("warn channel", id))?;
    let mut way = warn_channels::open(platform, &row)?;
    if let Way::Mail(mail) = &mut way {
        let creator = facts.emails.get(&notice.created_by).filter(|_| mail.tells_creator);
        if let Some(email) = creator.filter(|email| !mail.to.contains(email)) {
            mail.to.push(email.clone());
        }
        if mail.to.is_empty() {
            return Err(Error::conflict(
                "nobody to send it to: the channel names nobody, nor has the creator an address",
            ));
        }
    }
    Ok((way, None))
}

/// The way of a letter, to its receivers and nobody else.
async fn way_of(platform: &Platform, channel: i64, letter: &Letter) -> Result<Way> {
    if channel == OWN_SERVER {
        let smtp = platform.config.smtp.as_ref().ok_or_else(|| Error::conflict("no mail channel is configured"))?;
        return Ok(Way::Mail(smtp.to(letter.recipients.clone())));
    }
    let row = channel_rows::find(&platform.store, &Scope::All, channel).await?.filter(|row| row.deleted_at.is_none());
    let mut way = warn_channels::open(platform, &row.ok_or_else(|| Error::not_found("warn channel", channel))?)?;
    if let Way::Mail(mail) = &mut way {
        mail.to.clone_from(&letter.recipients);
    }
    Ok(way)
}

fn deliver(
    platform: &Platform,
    notice: notice::Model,
    facts: &Facts,
    (way, letter): (Way, Option<Letter>),
) -> Delivery {
    let mut texts: Texts = serde_json::from_str(&notice.detail).unwrap_or_default();
    let language = platform.config.warn.language;
    if let Some(reason) = texts.get_mut("reason") {
        *reason = words::reason(language, reason);
    }
    if let Some(task) = notice.object_id.and_then(|id| facts.tasks.get(&id)) {
        let time = |at: Option<i64>| at.map(|at| show(platform, at)).unwrap_or_default();
        let reason = words::reason(language, task.message.as_deref().unwrap_or_default());
        let reason = reason.chars().take(MAX_REASON).collect();
        texts.extend([
            ("task".to_owned(), task.id.to_string()),
            ("process".to_owned(), task.process_name.clone()),
            ("department".to_owned(), task.department_name.clone()),
            ("robot".to_owned(), task.robot_name.clone().unwrap_or_default()),
            ("started".to_owned(), time(task.started_at)),
            ("ended".to_owned(), time(task.ended_at)),
            ("message".to_owned(), reason),
        ]);
    }
    let kind = notice.kind.parse().unwrap_or(NoticeKind::Test);
    let message = match &letter {
        Some(letter) => Message { title: letter.title.clone(), text: letter.text.clone() },
        None => words::message(language, kind, notice.occurrences, &texts),
    };
    let beside = letter.map(|it| it.beside());
    // The installation is part of it: two platforms that tell one mailbox number their tasks alike.
    let message_id = format!("{}.{}", notice.idempotency_key, platform.keys.transport_id());
    Delivery { message, message_id, time: show(platform, notice.created_at), way, beside, notice }
}

fn show(platform: &Platform, at: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(at).unwrap_or_default();
    at.to_zoned(platform.config.time_zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}
