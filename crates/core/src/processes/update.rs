//! Changing processes (T/TSAC 002-2025, 6.2.5.4).

use baigong_model::{
    Error, Permission, Result,
    ids::{ProcessId, RobotGroupId},
};
use baigong_store::{audits, processes as rows, robot_groups, triggers};
use futures_util::FutureExt;
use serde_json::json;

use crate::{Caller, Platform, lists::Table, names};

/// What is to be changed of a process; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name, unique in the department.
    pub name: Option<String>,
    /// A remark.
    pub remark: Option<String>,
    /// The robots that run it unless a task says otherwise.
    pub robot_group_id: Option<RobotGroupId>,
    /// Whether its runs are recorded.
    pub is_record: Option<bool>,
    /// How often a task is tried again after a run that reported a failure.
    pub fail_try_times: Option<i64>,
}

/// Changes a process. Tasks made before keep the robots they were made for.
pub async fn update(platform: &Platform, caller: &Caller, id: ProcessId, change: Change) -> Result<()> {
    caller.need(Permission::ProcessWrite)?;
    let name = change.name.map(|name| names::name("processName", &name)).transpose()?;
    let remark = names::remark(change.remark)?;
    let (robot_group_id, is_record) = (change.robot_group_id, change.is_record);
    let fail_try_times = change.fail_try_times.map(super::try_times).transpose()?;
    let (now, caller) = (platform.now(), caller.clone());
    let updated = platform.store.write(move |tx| {
        async move {
            let process = rows::find_live(tx, caller.scope(), id).await?;
            let process = process.ok_or_else(|| Error::not_found("process", id))?;
            if let Some(group) = robot_group_id {
                let found = robot_groups::find_live(tx, caller.scope(), group).await?;
                found.ok_or_else(|| Error::not_found("robot group", group))?;
            }
            let detail = json!({
                "name": name, "robotGroupId": robot_group_id, "isRecord": is_record,
                "failTryTimes": fail_try_times,
                "before": {
                    "name": process.name, "robotGroupId": process.robot_group_id, "isRecord": process.is_record,
                    "failTryTimes": process.fail_try_times,
                },
            });
            let name = name.map(|name| (name.clone(), format!("{}/{name}", process.department_id)));
            rows::update(tx, id, rows::Change { name, remark, robot_group_id, is_record, fail_try_times }).await?;
            // What the scheduler is working out stands on the process as it was.
            triggers::touch(tx, &triggers::of_process(tx, id).await?).await?;
            let audit = caller.audit(now, "update", "process", Some(id), Some(process.department_id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    updated.await?;
    platform.counts.changed(Table::Processes);
    Ok(())
}
