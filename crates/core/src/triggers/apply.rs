//! What a trigger may be: sets what is asked for, looks up what it stands on in the caller's scope, checks all of it
//! together.

use baigong_model::{
    Error, MisfirePolicy, OverlapPolicy, Priority, Result, TriggerType,
    ids::{DepartmentId, ProcessId, QueueId, RobotGroupId},
};
use baigong_store::{entity::task_trigger::Model, processes, queues, robot_groups, tasks as task_rows};

use super::{
    change::Change,
    instants::{Schedule, bounded_zone},
    work::{self, LISTED},
};
use crate::{
    Caller, Platform, calendars, names, parameters, robots,
    tasks::{self, Origin},
};

/// The longest description, in letters.
const DESCRIPTION: usize = 1000;
/// The largest threshold of a queue.
const MOST_ITEMS: i64 = 100_000;

/// The zone of schedules that name none.
pub(super) fn usual_zone(platform: &Platform) -> String {
    platform.config.time_zone.iana_name().unwrap_or("UTC").to_owned()
}

/// A new trigger before anything is set. One by time makes its tasks at each of its instants, as the standard has it; one
/// by a queue has one run at a time.
pub(super) fn blank(platform: &Platform, caller: &Caller, department_id: DepartmentId, kind: Option<i64>) -> Model {
    let is_by_queue = kind == Some(TriggerType::Queue.number().into());
    let overlap = if is_by_queue { OverlapPolicy::Skip } else { OverlapPolicy::Parallel };
    Model {
        id: 0,
        department_id,
        process_id: 0,
        name: String::new(),
        live_name: None,
        description: None,
        is_activated: true,
        priority: Priority::Middle.number(),
        assign_type: 1,
        robot_group_id: None,
        robot_list_pool_id: None,
        in_parameters: "[]".into(),
        task_name: None,
        is_record: false,
        is_warn: false,
        warn_type: None,
        max_run_minutes: 0,
        max_wait_minutes: 0,
        trigger_type: TriggerType::Time.number(),
        cron: String::new(),
        time_zone: usual_zone(platform),
        uses_calendar: false,
        calendar_id: None,
        queue_id: None,
        queue_threshold: 1,
        misfire_policy: MisfirePolicy::FireOnce.as_str().into(),
        overlap_policy: overlap.as_str().into(),
        start_at: None,
        end_at: None,
        version: 1,
        is_armed: true,
        next_fire_at: None,
        decided_until: None,
        created_by: caller.id(),
        created_at: platform.now(),
        deleted_at: None,
    }
}

/// Sets what is asked for and checks the whole.
pub(super) async fn apply(platform: &Platform, caller: &Caller, row: &mut Model, change: &Change) -> Result<()> {
    set_plain(row, change)?;
    if let Some(id) = change.process_id {
        row.process_id = process(platform, caller, id).await?;
    }
    if let Some(id) = change.robot_group_id {
        row.robot_group_id = group(platform, caller, id).await?;
    }
    if let Some(ids) = &change.robot_ids {
        let list = if ids.is_empty() { None } else { Some(robots::pool_of(platform, caller, ids).await?) };
        row.robot_list_pool_id = list;
    }
    if let Some(id) = change.queue_id {
        row.queue_id = queue(platform, caller, id).await?;
    }
    if let Some(id) = change.calendar_id {
        row.calendar_id = Some(id).filter(|id| *id != 0);
        if let Some(id) = row.calendar_id {
            calendars::days(platform, id).await?;
        }
    }
    check(row)?;
    tasks::checked_count(&work::order(row)?)?;
    let is_other_work = change.process_id.is_some() || change.in_parameters.is_some() || change.task_name.is_some();
    if is_other_work { check_order(platform, caller, row).await } else { Ok(()) }
}

/// What stands for itself.
fn set_plain(row: &mut Model, change: &Change) -> Result<()> {
    if let Some(name) = &change.name {
        row.name = names::name("triggerName", name)?;
        row.live_name = Some(format!("{}/{}", row.department_id, row.name));
    }
    if let Some(description) = &change.description {
        let description = Some(description.clone()).filter(|text| !text.is_empty());
        row.description = names::limited("description", description, DESCRIPTION)?;
    }
    if let Some(given) = &change.in_parameters {
        row.in_parameters = parameters::to_text(&parameters::overlay(Vec::new(), given.clone())?)?;
    }
    if let Some(name) = &change.task_name {
        row.task_name = names::limited("taskName", Some(name.clone()).filter(|name| !name.is_empty()), 200)?;
    }
    row.is_activated = change.is_activated.unwrap_or(row.is_activated);
    row.is_record = change.is_record.unwrap_or(row.is_record);
    row.is_warn = change.is_warn.unwrap_or(row.is_warn);
    row.uses_calendar = change.uses_calendar.unwrap_or(row.uses_calendar);
    row.max_run_minutes = change.max_run_time.unwrap_or(row.max_run_minutes);
    row.max_wait_minutes = change.max_waiting_time.unwrap_or(row.max_wait_minutes);
    row.queue_threshold = change.queue_threshold.unwrap_or(row.queue_threshold);
    row.start_at = change.start_at.map_or(row.start_at, |at| Some(at).filter(|at| *at != 0));
    row.end_at = change.end_at.map_or(row.end_at, |at| Some(at).filter(|at| *at != 0));
    row.cron = change.cron.clone().unwrap_or_else(|| row.cron.clone());
    if let Some(zone) = change.time_zone.as_ref().filter(|zone| !zone.is_empty()) {
        row.time_zone.clone_from(zone);
    }
    if let Some(policy) = change.misfire_policy.as_ref().filter(|policy| !policy.is_empty()) {
        row.misfire_policy.clone_from(policy);
    }
    if let Some(policy) = change.overlap_policy.as_ref().filter(|policy| !policy.is_empty()) {
        row.overlap_policy.clone_from(policy);
    }
    set_numbers(row, change)
}

/// Numbers that stand for something.
fn set_numbers(row: &mut Model, change: &Change) -> Result<()> {
    if let Some(priority) = change.priority {
        row.priority = Priority::from_number(priority)?.number();
    }
    if let Some(number) = change.assign_type {
        let wanted = i32::try_from(number).ok().filter(|number| (0..=2).contains(number));
        let reason = "must be 0 (every robot), 1 (any robot) or 2 (the robots named)";
        row.assign_type = wanted.ok_or_else(|| Error::invalid("assignType", reason))?;
    }
    if let Some(number) = change.warn_type {
        let wanted = i32::try_from(number).ok().filter(|number| (0..=2).contains(number));
        row.warn_type = Some(wanted.ok_or_else(|| Error::invalid("warnType", "must be 0 (mail), 1 (SMS) or 2 (IM)"))?);
    }
    if let Some(number) = change.trigger_type {
        let wanted = TriggerType::from_number(number);
        let wanted = wanted.ok_or_else(|| Error::invalid("triggerType", "must be 0 (time) or 1 (data queue)"))?;
        row.trigger_type = wanted.number();
    }
    Ok(())
}

async fn process(platform: &Platform, caller: &Caller, id: ProcessId) -> Result<ProcessId> {
    let found = processes::find(&platform.store, caller.scope(), id).await?;
    let live = found.filter(|row| row.deleted_at.is_none());
    live.map(|row| row.id).ok_or_else(|| Error::not_found("process", id))
}

async fn group(platform: &Platform, caller: &Caller, id: RobotGroupId) -> Result<Option<RobotGroupId>> {
    if id == 0 {
        return Ok(None);
    }
    let found = robot_groups::find(&platform.store, caller.scope(), id).await?;
    let live = found.filter(|row| row.deleted_at.is_none());
    live.map(|row| Some(row.id)).ok_or_else(|| Error::not_found("robot group", id))
}

async fn queue(platform: &Platform, caller: &Caller, id: QueueId) -> Result<Option<QueueId>> {
    if id == 0 {
        return Ok(None);
    }
    let found = queues::find(&platform.store, caller.scope(), id).await?;
    let live = found.filter(|row| row.deleted_at.is_none());
    live.map(|row| Some(row.id)).ok_or_else(|| Error::not_found("data queue", id))
}

/// Fails where days off are to be skipped and no calendar says which.
pub(super) fn calendar_is_named(uses_calendar: bool, calendar: Option<i64>) -> Result<()> {
    if uses_calendar && calendar.is_none() {
        return Err(Error::invalid("calendarId", "must name a calendar where isDefineCalendar is true"));
    }
    Ok(())
}

/// What has to fit together.
fn check(row: &mut Model) -> Result<()> {
    let is_by_queue = row.trigger_type == TriggerType::Queue.number();
    let zone = if is_by_queue {
        // It has no instants: what was given is not kept.
        row.cron.clear();
        bounded_zone(&row.time_zone, row.start_at, row.end_at)?
    } else {
        Schedule::of(row)?.zone
    };
    if let Some(name) = zone.iana_name() {
        row.time_zone = name.to_owned();
    }
    let policies: Vec<&str> = MisfirePolicy::ALL.iter().map(|policy| policy.as_str()).collect();
    if !policies.contains(&row.misfire_policy.as_str()) {
        return Err(Error::invalid("misfirePolicy", format!("must be one of {}", policies.join(", "))));
    }
    let policies: Vec<&str> = OverlapPolicy::ALL.iter().map(|policy| policy.as_str()).collect();
    if !policies.contains(&row.overlap_policy.as_str()) {
        return Err(Error::invalid("overlapPolicy", format!("must be one of {}", policies.join(", "))));
    }
    if row.assign_type == LISTED && row.robot_list_pool_id.is_none() {
        return Err(Error::invalid("robotIds", "must name robots where assignType is 2"));
    }
    if is_by_queue && row.queue_id.is_none() {
        return Err(Error::invalid("queueId", "must name a data queue where triggerType is 1"));
    }
    if !(1..=MOST_ITEMS).contains(&row.queue_threshold) {
        return Err(Error::invalid("queueThreshold", format!("must be between 1 and {MOST_ITEMS}")));
    }
    calendar_is_named(row.uses_calendar, row.calendar_id)
}

/// Its tasks could be started now, as far as a package is activated.
async fn check_order(platform: &Platform, caller: &Caller, row: &Model) -> Result<()> {
    let order = work::order(row)?;
    let plan = task_rows::plan(&platform.store, row.process_id).await?;
    if let Some(plan) = plan.filter(|plan| plan.package_id.is_some()) {
        let origin = Origin { caller, create_mode: 0, created_by: caller.id(), trigger_id: None, now: platform.now() };
        tasks::request(&order, &plan, Vec::new(), &origin)?;
    }
    Ok(())
}

/// Whether something about when it fires differs.
pub(super) fn when_changes(before: &Model, after: &Model) -> bool {
    let when = |row: &Model| (row.is_activated, row.trigger_type, row.start_at, row.end_at);
    when(before) != when(after) || (&before.cron, &before.time_zone) != (&after.cron, &after.time_zone)
}

/// Works out its next instant, after now and after all that are decided.
pub(super) fn plan(row: &mut Model, now: i64) -> Result<()> {
    let is_by_time = row.trigger_type == TriggerType::Time.number();
    row.is_armed = true;
    row.next_fire_at = None;
    if is_by_time && row.is_activated {
        let after = row.decided_until.map_or(now, |decided| decided.max(now));
        row.next_fire_at = Schedule::of(row)?.next_after(after);
        if row.next_fire_at.is_none() {
            return Err(Error::invalid("cronExpression", "has no instant in the time to come: it would never fire"));
        }
    }
    Ok(())
}
