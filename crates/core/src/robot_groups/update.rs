//! Changing robot groups and what is in them (T/TSAC 002-2025, 6.2.10.8 to 6.2.10.10).

use baigong_model::{
    Error, Permission, Result,
    ids::{RobotGroupId, RobotId},
};
use baigong_store::{audits, pools, robot_groups as rows};
use futures_util::FutureExt;
use serde_json::json;

use crate::{Caller, Platform, lists::Table, names, robots};

/// What is to be changed of a group; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name, unique in the department.
    pub name: Option<String>,
    /// A remark.
    pub remark: Option<String>,
}

/// Changes a group's name or remark.
pub async fn update(platform: &Platform, caller: &Caller, id: RobotGroupId, change: Change) -> Result<()> {
    caller.need(Permission::RobotWrite)?;
    let name = change.name.map(|name| names::name("robotGroupName", &name)).transpose()?;
    let remark = names::remark(change.remark)?;
    let (now, caller) = (platform.now(), caller.clone());
    let updated = platform.store.write(move |tx| {
        async move {
            let group = rows::find_live(tx, caller.scope(), id).await?;
            let group = group.ok_or_else(|| Error::not_found("robot group", id))?;
            let detail = json!({ "name": name, "before": { "name": group.name } });
            let name = name.map(|name| (name.clone(), format!("{}/{name}", group.department_id)));
            rows::update(tx, id, name, remark).await?;
            let audit = caller.audit(now, "update", "robot group", Some(id), Some(group.department_id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    updated.await?;
    platform.counts.changed(Table::RobotGroups);
    Ok(())
}

/// Adds robots to a group: all of them or, where one is not there, none. Those in it already stay.
pub async fn append(platform: &Platform, caller: &Caller, id: RobotGroupId, robot_ids: &[RobotId]) -> Result<()> {
    let (pool, added) = change_members(platform, caller, id, robot_ids, Members::Added).await?;
    added.into_iter().for_each(|robot| robots::joined(platform, robot, pool));
    platform.dispatch.wake(pool);
    Ok(())
}

/// Takes robots out of a group: all of them or, where one is not there, none. Those not in it stay out; what they run for
/// it they run to its end.
pub async fn remove(platform: &Platform, caller: &Caller, id: RobotGroupId, robot_ids: &[RobotId]) -> Result<()> {
    let (pool, removed) = change_members(platform, caller, id, robot_ids, Members::Removed).await?;
    removed.into_iter().for_each(|robot| robots::left(platform, robot, pool));
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Members {
    Added,
    Removed,
}

/// The group's pool and the robots, each once.
async fn change_members(
    platform: &Platform,
    caller: &Caller,
    id: RobotGroupId,
    robot_ids: &[RobotId],
    how: Members,
) -> Result<(i64, Vec<RobotId>)> {
    caller.need(Permission::RobotWrite)?;
    let mut robot_ids = robot_ids.to_vec();
    robot_ids.sort_unstable();
    robot_ids.dedup();
    if robot_ids.is_empty() || robot_ids.len() > robots::MOST_ROBOTS {
        return Err(Error::invalid("robotIds", format!("must name 1 to {} robots", robots::MOST_ROBOTS)));
    }
    let (now, caller, changed) = (platform.now(), caller.clone(), robot_ids.clone());
    let written = platform.store.write(move |tx| {
        async move {
            let group = rows::find_live(tx, caller.scope(), id).await?;
            let group = group.ok_or_else(|| Error::not_found("robot group", id))?;
            robots::all_visible(tx, caller.scope(), &robot_ids).await?;
            let action = match how {
                Members::Added => pools::add_members(tx, group.pool_id, &robot_ids).await.map(|()| "append")?,
                Members::Removed => pools::remove_members(tx, group.pool_id, &robot_ids).await.map(|()| "remove")?,
            };
            let detail = json!({ "robotIds": robot_ids });
            let audit = caller.audit(now, action, "robot group", Some(id), Some(group.department_id), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| group.pool_id)
        }
        .boxed()
    });
    let pool = written.await?;
    platform.counts.changed(Table::Robots);
    Ok((pool, changed))
}
