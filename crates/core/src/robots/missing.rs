//! Telling a department that a robot broke off and did not come back: once for each time. A robot that took its leave, that
//! people have stopped or paused, or that is in a maintenance window is not missed. While no platform runs nobody is told
//! anything, and robots get as long to come back after its start as after a lost connection.

use baigong_model::{NoticeKind, Result};
use baigong_store::{
    Scope,
    robots::{self as rows, Missing},
};
use futures_util::FutureExt;
use jiff::Timestamp;

use crate::{
    Platform, maintenance_windows,
    notices::{self, Warning},
};

/// How long a robot has to come back before it is told of, milliseconds: twice its longest wait between two tries.
const PATIENCE: i64 = 60_000;

/// Tells of the robots that are missing; how many.
pub async fn tell_missing(platform: &Platform) -> Result<usize> {
    let now = platform.now();
    let mut told = 0;
    for missing in rows::missing(&platform.store, now - PATIENCE).await? {
        if is_maintained(platform, &missing).await? {
            continue;
        }
        let warning = warning(platform, &missing);
        let tell = platform.store.write(move |tx| {
            async move {
                let is_news = rows::told_missing(tx, missing.id, missing.since).await?;
                if is_news {
                    notices::warn(tx, warning, now).await?;
                }
                Ok(is_news)
            }
            .boxed()
        });
        told += usize::from(tell.await?);
    }
    Ok(told)
}

async fn is_maintained(platform: &Platform, missing: &Missing) -> Result<bool> {
    let robot = rows::find(&platform.store, &Scope::All, missing.id).await?;
    match robot {
        Some(robot) => Ok(maintenance_windows::of_robot(platform, &robot).await?.is_some()),
        None => Ok(true),
    }
}

fn warning(platform: &Platform, missing: &Missing) -> Warning {
    let since = Timestamp::from_millisecond(missing.since).unwrap_or_default();
    let since = since.to_zoned(platform.config.time_zone.clone());
    Warning {
        kind: NoticeKind::RobotOffline,
        department_id: missing.department_id,
        object_id: Some(missing.id),
        once: format!("{}.{}", missing.id, missing.since),
        texts: vec![("robot", missing.name.clone()), ("since", since.strftime("%Y-%m-%d %H:%M:%S %Z").to_string())],
    }
}

#[cfg(test)]
mod tests;
