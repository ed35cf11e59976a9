//! What triggers of a robot's own came to while its platform was there or not: kept in the audit, once each.

use baigong_model::{Result, ids::RobotId};
use baigong_protocol::OwnFiring;
use baigong_store::{Scope, audits, robots as rows};
use futures_util::FutureExt;
use serde_json::json;

use super::storable;
use crate::{Caller, Platform};

/// The longest text of a firing that is kept, in letters.
const LONGEST: usize = 1000;

/// A robot tells of a firing of its own. Said twice, it is kept once.
pub async fn fired(platform: &Platform, robot: RobotId, firing: OwnFiring) -> Result<()> {
    let row = rows::find(&platform.store, &Scope::All, robot).await?;
    let department = row.map(|row| row.department_id);
    let cut = |text: &str| storable(text).chars().take(LONGEST).collect::<String>();
    let detail = json!({
        "trigger": cut(&firing.trigger), "outcome": cut(&firing.outcome), "detail": cut(&firing.detail),
        "robotTasks": firing.tasks, "at": firing.at,
    });
    let now = platform.now();
    let kept = platform.store.write(move |tx| {
        async move {
            if !rows::told_firing(tx, robot, firing.book, firing.number).await? {
                return Ok(());
            }
            let audit = Caller::platform().audit(now, "own-trigger", "robot", Some(robot), department, &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    kept.await
}
