//! Making, changing and deleting triggers (T/TSAC 002-2025, 6.2.6.1 to 6.2.6.3).

use baigong_model::{
    Error, FiringOutcome, Parameter, Permission, Result, SkipReason,
    ids::{DepartmentId, ProcessId, QueueId, RobotGroupId, RobotId, TriggerId},
};
use baigong_store::{
    Tx, audits, departments as department_rows,
    entity::task_trigger,
    processes,
    trigger_firings::{self as firings, NewFiring},
    triggers as rows,
};
use futures_util::FutureExt;
use serde_json::json;

use super::apply;
use crate::{Caller, Platform, calendars, departments};

/// What is to be set of a trigger; what is absent stays, or has its usual value in a new one. An id of 0, an empty list and
/// an empty text take away what was set.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name, unique in the department.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it fires.
    pub is_activated: Option<bool>,
    /// What it runs.
    pub process_id: Option<ProcessId>,
    /// 0 high, 1 middle, 2 low.
    pub priority: Option<i64>,
    /// 0 one task on every robot of the group, 1 one task on any of them, 2 one task on any of the listed robots.
    pub assign_type: Option<i64>,
    /// The listed robots.
    pub robot_ids: Option<Vec<RobotId>>,
    /// The group; the process's where there is none.
    pub robot_group_id: Option<RobotGroupId>,
    /// Over those that the process sets.
    pub in_parameters: Option<Vec<Parameter>>,
    /// Another task of the package than the process's.
    pub task_name: Option<String>,
    /// Whether its tasks are recorded.
    pub is_record: Option<bool>,
    /// Whether a failure is told.
    pub is_warn: Option<bool>,
    /// 0 mail, 1 SMS, 2 IM.
    pub warn_type: Option<i64>,
    /// 0 by time, 1 by a data queue.
    pub trigger_type: Option<i64>,
    /// Quartz (6 or 7 fields) or Unix cron (5 fields); not kept by a trigger by a queue.
    pub cron: Option<String>,
    /// An IANA zone; the server's in a new one.
    pub time_zone: Option<String>,
    /// Whether days on which the calendar does not work are skipped.
    pub uses_calendar: Option<bool>,
    /// The calendar.
    pub calendar_id: Option<i64>,
    /// The queue whose items it waits for.
    pub queue_id: Option<QueueId>,
    /// How many items have to be ready.
    pub queue_threshold: Option<i64>,
    /// See [`baigong_model::MisfirePolicy`].
    pub misfire_policy: Option<String>,
    /// See [`baigong_model::OverlapPolicy`].
    pub overlap_policy: Option<String>,
    /// Not before then; 0 for no limit.
    pub start_at: Option<i64>,
    /// Not after then; 0 for no limit.
    pub end_at: Option<i64>,
    /// Minutes; 0 for no limit.
    pub max_run_time: Option<i64>,
    /// Minutes; 0 for no limit.
    pub max_waiting_time: Option<i64>,
}

/// Makes a trigger. It fires from now on, unless it is not activated.
pub async fn create(
    platform: &Platform,
    caller: &Caller,
    department: DepartmentId,
    change: Change,
) -> Result<TriggerId> {
    caller.need(Permission::TriggerWrite)?;
    departments::live(platform, caller, department).await?;
    let mut row = apply::blank(platform, caller, department, change.trigger_type);
    apply::apply(platform, caller, &mut row, &change).await?;
    apply::plan(&mut row, platform.now())?;
    let caller = caller.clone();
    let created = platform.store.write(move |tx| {
        async move {
            let detail = told(&row);
            let (now, department) = (row.created_at, row.department_id);
            department_rows::hold(tx, row.department_id).await?;
            need_process(tx, &row).await?;
            calendars::hold(tx, row.calendar_id.filter(|_| row.uses_calendar)).await?;
            let id = rows::insert(tx, row).await?;
            let audit = caller.audit(now, "create", "trigger", Some(id), Some(department), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    let id = created.await?;
    platform.alarm.wake();
    Ok(id)
}

/// Changes a trigger. Where its schedule changes or it is activated, it fires from now on: what was missed before is not
/// fired later.
pub async fn update(platform: &Platform, caller: &Caller, id: TriggerId, change: Change) -> Result<()> {
    caller.need(Permission::TriggerWrite)?;
    // Between the look and the write another may change it; it is then looked at again.
    for _ in 0..8 {
        let seen = rows::find(&platform.store, caller.scope(), id).await?;
        let seen = seen.filter(|row| row.deleted_at.is_none()).ok_or_else(|| Error::not_found("trigger", id))?;
        let mut row = seen.clone();
        apply::apply(platform, caller, &mut row, &change).await?;
        if write(platform, caller, seen, row).await? {
            platform.alarm.wake();
            return Ok(());
        }
    }
    Err(Error::unavailable("the trigger changes too fast: try again"))
}

/// Writes `row` over what is still as it was `seen`.
async fn write(
    platform: &Platform,
    caller: &Caller,
    seen: task_trigger::Model,
    mut row: task_trigger::Model,
) -> Result<bool> {
    let (now, caller) = (platform.now(), caller.clone());
    let written = platform.store.write(move |tx| {
        async move {
            // Before the trigger, as whoever changes a calendar or deletes a process takes them in this order too.
            need_process(tx, &row).await?;
            calendars::hold(tx, row.calendar_id.filter(|_| row.uses_calendar)).await?;
            let found = rows::find_live(tx, caller.scope(), row.id).await?;
            let Some(there) = found.filter(|there| there.version == seen.version) else { return Ok(false) };
            row.version += 1;
            // It may have fired meanwhile.
            (row.next_fire_at, row.decided_until, row.is_armed) =
                (there.next_fire_at, there.decided_until, there.is_armed);
            if apply::when_changes(&there, &row) {
                let reason = if row.is_activated { SkipReason::Rescheduled } else { SkipReason::Deactivated };
                leave_out(tx, &mut row, reason, now).await?;
                apply::plan(&mut row, now)?;
            }
            if !row.is_activated {
                firings::give_up(tx, &[row.id], SkipReason::Deactivated, now).await?;
            }
            let audit = caller.audit(now, "update", "trigger", Some(row.id), Some(row.department_id), &told(&row));
            rows::update(tx, row).await?;
            audits::insert_many(tx, &[audit]).await.map(|()| true)
        }
        .boxed()
    });
    written.await
}

/// Deletes a trigger. Tasks that it made go on.
pub async fn delete(platform: &Platform, caller: &Caller, id: TriggerId) -> Result<()> {
    caller.need(Permission::TriggerWrite)?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            let row = rows::find_live(tx, caller.scope(), id).await?;
            let mut row = row.ok_or_else(|| Error::not_found("trigger", id))?;
            leave_out(tx, &mut row, SkipReason::TriggerDeleted, now).await?;
            firings::give_up(tx, &[id], SkipReason::TriggerDeleted, now).await?;
            (row.live_name, row.deleted_at, row.next_fire_at) = (None, Some(now), None);
            row.version += 1;
            let audit =
                caller.audit(now, "delete", "trigger", Some(id), Some(row.department_id), &json!({ "name": row.name }));
            rows::update(tx, row).await?;
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    deleted.await
}

/// A trigger in service has a process, which stays until the end of the write.
async fn need_process(tx: &Tx, row: &task_trigger::Model) -> Result<()> {
    if row.is_activated && processes::hold(tx, &[row.process_id].into()).await?.is_empty() {
        return Err(Error::conflict("the process of the trigger was deleted: give the trigger another process"));
    }
    Ok(())
}

/// Puts those of `triggers`, whose process is being deleted, out of service that are in it.
pub(crate) async fn rest_with_process(tx: &Tx, caller: &Caller, triggers: &[TriggerId], now: i64) -> Result<()> {
    let resting = rows::rest(tx, triggers, now).await?;
    let missed = |it: &rows::Resting| it.due.map(|due| skipped(it.id, due, SkipReason::ProcessDeleted));
    let missed: Vec<NewFiring> = resting.iter().filter_map(missed).collect();
    firings::insert_many(tx, &missed, now).await?;
    let ids: Vec<TriggerId> = resting.iter().map(|it| it.id).collect();
    firings::give_up(tx, &ids, SkipReason::ProcessDeleted, now).await?;
    let detail = json!({ "isActivated": false, "because": "its process was deleted" });
    let audit =
        |it: &rows::Resting| caller.audit(now, "update", "trigger", Some(it.id), Some(it.department_id), &detail);
    audits::insert_many(tx, &resting.iter().map(audit).collect::<Vec<_>>()).await
}

/// An instant that is due and was not decided before the trigger was changed does not fire any more; its row says so.
async fn leave_out(tx: &Tx, row: &mut task_trigger::Model, reason: SkipReason, now: i64) -> Result<()> {
    let Some(due) = row.next_fire_at.filter(|next| *next <= now) else { return Ok(()) };
    row.decided_until = Some(due);
    firings::insert_many(tx, &[skipped(row.id, due, reason)], now).await
}

fn skipped(trigger_id: TriggerId, fire_at: i64, reason: SkipReason) -> NewFiring {
    let (outcome, task_ids) = (FiringOutcome::Skipped, Vec::new());
    NewFiring { trigger_id, fire_at, outcome, reason: Some(reason), detail: None, task_ids, run: None }
}

/// What the audit keeps of a trigger. Values of parameters may be confidential; the names say what was set.
fn told(row: &task_trigger::Model) -> serde_json::Value {
    let parameters = crate::parameters::parse(&row.in_parameters).unwrap_or_default();
    let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    json!({
        "name": row.name, "isActivated": row.is_activated, "processId": row.process_id, "priority": row.priority,
        "assignType": row.assign_type, "robotGroupId": row.robot_group_id, "inParameters": names,
        "triggerType": row.trigger_type, "cronExpression": row.cron, "timeZone": row.time_zone,
        "isDefineCalendar": row.uses_calendar, "calendarId": row.calendar_id, "queueId": row.queue_id,
        "queueThreshold": row.queue_threshold, "misfirePolicy": row.misfire_policy, "overlapPolicy": row.overlap_policy,
    })
}
