//! Looking at triggers (T/TSAC 002-2025, 6.2.6.4 and 6.2.6.5).

use baigong_model::{
    Error, PageOf, Permission, Result,
    ids::{ProcessId, RobotId, TriggerId},
};
use baigong_store::{entity::task_trigger, pools, processes, triggers as rows};

use crate::{Caller, ListInput, Platform};

/// A trigger and the robots that it names.
#[derive(Debug, Clone)]
pub struct Details {
    /// The trigger.
    pub trigger: task_trigger::Model,
    /// The live robots of its list that the caller sees.
    pub robot_ids: Vec<RobotId>,
}

/// Which triggers of a list.
#[derive(Debug, Clone)]
pub struct Filter {
    /// What every list takes.
    pub list: ListInput,
    /// Only those that are, or are not, activated.
    pub is_activated: Option<bool>,
    /// Only those of this process.
    pub process_id: Option<ProcessId>,
}

/// The trigger `id`, deleted or not.
pub async fn query(platform: &Platform, caller: &Caller, id: TriggerId) -> Result<Details> {
    caller.need(Permission::TriggerRead)?;
    let trigger = rows::find(&platform.store, caller.scope(), id).await?;
    let trigger = trigger.ok_or_else(|| Error::not_found("trigger", id))?;
    let robot_ids = match trigger.robot_list_pool_id {
        None => Vec::new(),
        Some(pool) => {
            let mut members = pools::members_of(&platform.store, caller.scope(), &[pool]).await?;
            members.remove(&pool).unwrap_or_default()
        }
    };
    Ok(Details { trigger, robot_ids })
}

/// A page of triggers, oldest first.
pub async fn list(platform: &Platform, caller: &Caller, filter: &Filter) -> Result<PageOf<task_trigger::Model>> {
    caller.need(Permission::TriggerRead)?;
    let list = filter.list.filter(platform, caller).await?;
    if let Some(process) = filter.process_id {
        let found = processes::find(&platform.store, caller.scope(), process).await?;
        found.ok_or_else(|| Error::not_found("process", process))?;
    }
    let which = rows::Filter { list, is_activated: filter.is_activated, process_id: filter.process_id };
    let total = rows::count(&platform.store, &which).await?;
    Ok(PageOf { rows: rows::list(&platform.store, &which, filter.list.page).await?, total })
}
