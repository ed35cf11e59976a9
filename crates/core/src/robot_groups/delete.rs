//! Deleting robot groups (T/TSAC 002-2025, 6.2.10.7).

use baigong_model::{
    Error, Permission, Result,
    ids::{ProcessId, RobotGroupId, TriggerId},
};
use baigong_store::{audits, pools, processes, robot_groups as rows, tasks::Of};
use futures_util::FutureExt;
use serde_json::json;

use crate::{
    Caller, Platform,
    affected::{self, Deleted},
    lists::Table,
    robots, tasks,
};

/// What deleting a group leaves without robots, as far as whoever deletes it sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Affected {
    /// Processes that ran on it: they need another group before new tasks can be made.
    pub process_ids: Vec<ProcessId>,
    /// Triggers that used it.
    pub trigger_ids: Vec<TriggerId>,
}

/// Deletes a group; its robots stay. Tasks that run go on to their end, those that wait for the group are cancelled.
pub async fn delete(platform: &Platform, caller: &Caller, id: RobotGroupId) -> Result<Affected> {
    caller.need(Permission::RobotWrite)?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            let group = rows::find_live(tx, caller.scope(), id).await?;
            let group = group.ok_or_else(|| Error::not_found("robot group", id))?;
            if !rows::delete(tx, id, now).await? {
                return Err(Error::not_found("robot group", id));
            }
            let processes = processes::of_group(tx, id).await?;
            let triggers = affected::triggers(tx, caller.scope(), Deleted::RobotGroup(id)).await?;
            let members = pools::empty(tx, group.pool_id).await?;
            let waiting = Of::Pools(vec![group.pool_id]);
            let withdrawn = tasks::withdraw(tx, &waiting, "its robot group was deleted", now).await?;
            let detail = json!({
                "name": group.name, "robotIds": members, "affectedProcessIds": processes,
                "affectedTriggerIds": triggers.all,
            });
            let process_ids = processes::visible(tx, caller.scope(), &processes).await?;
            let affected = Affected { process_ids, trigger_ids: triggers.shown };
            let audit = caller.audit(now, "delete", "robot group", Some(id), Some(group.department_id), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| (affected, members, group.pool_id, withdrawn))
        }
        .boxed()
    });
    let (affected, members, pool, withdrawn) = deleted.await?;
    members.into_iter().for_each(|robot| robots::left(platform, robot, pool));
    tasks::tell(platform, &withdrawn);
    platform.counts.changed(Table::RobotGroups);
    platform.counts.changed(Table::Robots);
    Ok(affected)
}
