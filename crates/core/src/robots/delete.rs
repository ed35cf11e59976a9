//! Deleting robots (T/TSAC 002-2025, 6.2.10.2).

use baigong_model::{
    Error, Permission, Result,
    ids::{RobotId, TriggerId},
};
use baigong_store::{audits, own_tasks, pools, robots as rows, tasks::Of};
use futures_util::FutureExt;
use serde_json::json;

use super::cut_off::{self, Cut};
use crate::{
    Caller, Platform,
    affected::{self, Deleted},
    licenses,
    lists::Table,
    tasks,
};

/// Deletes a robot that holds no task: what runs must not be lost by a click. Its secret is good for nothing from then on,
/// its connection ends, its seat is free. Tasks that only it could have run are cancelled. Answers the triggers that used it,
/// as far as the caller sees them.
pub async fn delete(platform: &Platform, caller: &Caller, id: RobotId) -> Result<Vec<TriggerId>> {
    caller.need(Permission::RobotWrite)?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            let robot = rows::lock(tx, caller.scope(), id).await?.ok_or_else(|| Error::not_found("robot", id))?;
            if let Some(task) = rows::is_busy(tx, id).await? {
                let reason = format!("the robot holds task {task}: cancel it or wait for its end");
                return Err(Error::Conflict(reason));
            }
            rows::delete(tx, id, now).await?;
            licenses::free_seat(tx, id).await?;
            own_tasks::lose(tx, id, "its robot was deleted", now).await?;
            let triggers = affected::triggers(tx, caller.scope(), Deleted::Robot(id)).await?;
            let waiting = Of::Pools(pools::only_of(tx, id).await?);
            let withdrawn = tasks::withdraw(tx, &waiting, "its robot was deleted", now).await?;
            let detail = json!({ "name": robot.name, "affectedTriggerIds": triggers.all });
            let audit = caller.audit(now, "delete", "robot", Some(id), Some(robot.department_id), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| (triggers.shown, withdrawn))
        }
        .boxed()
    });
    let (triggers, withdrawn) = deleted.await?;
    licenses::has_none(platform, id);
    cut_off::now(platform, id, &Cut::ForGood("the robot was deleted"));
    tasks::tell(platform, &withdrawn);
    platform.counts.changed(Table::Robots);
    Ok(triggers)
}
