//! Triggers that this node could not decide: an expression that this version does not read, a row that cannot be written.
//! Each rests before it is tried again, longer every time, so that it neither fills the log nor keeps the scheduler awake.
//! It stays due: another version, or a person, may mend it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use baigong_model::{Error, NoticeKind, Result};
use baigong_store::entity::task_trigger;
use futures_util::FutureExt;
use jiff::Timestamp;

use super::TriggerId;
use crate::{
    Platform,
    notices::{self, Warning},
};

/// The first rest, milliseconds.
const SHORTEST: i64 = 1000;
/// The longest.
const LONGEST: i64 = 300_000;

/// A rest: of which version of the trigger, since when, and how long.
#[derive(Debug, Clone, Copy)]
struct Rest {
    version: i64,
    since: i64,
    length: i64,
}

/// The triggers that rest.
#[derive(Default)]
pub struct Troubled(Mutex<HashMap<TriggerId, Rest>>);

impl Troubled {
    fn rests(&self) -> MutexGuard<'_, HashMap<TriggerId, Rest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many there are: so many more have to be looked at, lest they stand in the way of others.
    pub(super) fn count(&self) -> usize {
        self.rests().len()
    }

    /// Whether a trigger is left alone for now; not when it was changed since.
    pub(super) fn is_resting(&self, trigger: &task_trigger::Model, now: i64) -> bool {
        let rests = self.rests();
        let rest = rests.get(&trigger.id).filter(|rest| rest.version == trigger.version);
        rest.is_some_and(|rest| (0..rest.length).contains(&(now - rest.since)))
    }

    /// It could be decided.
    pub(super) fn is_well(&self, trigger: TriggerId) {
        self.rests().remove(&trigger);
    }

    /// It could not be decided; answers whether for the first time as it is.
    fn begins(&self, trigger: &task_trigger::Model, now: i64) -> bool {
        let mut rests = self.rests();
        // Those that were not tried again any more have been mended, or are gone.
        rests.retain(|_, rest| (0..4 * LONGEST).contains(&(now - rest.since)));
        let before = rests.get(&trigger.id).filter(|rest| rest.version == trigger.version).map(|rest| rest.length);
        let length = before.map_or(SHORTEST, |length| (length * 2).min(LONGEST));
        rests.insert(trigger.id, Rest { version: trigger.version, since: now, length });
        before.is_none()
    }
}

/// Lets a trigger rest that could not be decided because of `error`, and tells its department once for each state that it
/// was left in.
pub(super) async fn rest(platform: &Platform, trigger: &task_trigger::Model, error: &Error, now: i64) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(trigger = trigger.id, %error, cause, "a trigger cannot be decided; it is tried again later");
    if platform.troubled.begins(trigger, now)
        && let Err(error) = tell(platform, trigger, error, now).await
    {
        tracing::warn!(trigger = trigger.id, %error, "its department is not told");
    }
}

async fn tell(platform: &Platform, trigger: &task_trigger::Model, error: &Error, now: i64) -> Result<()> {
    let at = Timestamp::from_millisecond(trigger.next_fire_at.unwrap_or(now)).unwrap_or_default();
    let at = at.to_zoned(platform.config.time_zone.clone());
    let warning = Warning {
        kind: NoticeKind::TriggerSkipped,
        department_id: trigger.department_id,
        object_id: Some(trigger.id),
        once: format!("{}.{}.undecided", trigger.id, trigger.version),
        texts: vec![
            ("trigger", trigger.name.clone()),
            ("at", at.strftime("%Y-%m-%d %H:%M:%S %Z").to_string()),
            ("reason", error.to_string()),
        ],
    };
    platform.store.write(move |tx| async move { notices::warn(tx, warning, now).await }.boxed()).await
}
