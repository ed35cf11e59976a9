//! What is old is deleted: tasks that ended long ago, with their logs and artifacts, and zips that no package needs any more.

use std::{collections::HashSet, io, path::PathBuf, sync::Arc, time::Duration};

use baigong_model::Result;
use baigong_robot_store::{packages as package_rows, tasks as rows};
use futures_util::FutureExt;

use super::artifacts;
use crate::{robot::Robot, timer};

/// How long an ended task is kept.
const KEPT: i64 = 90 * 24 * 60 * 60_000;
/// How often it is looked.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// How many tasks one transaction deletes.
const TOGETHER: u64 = 200;

/// Deletes what is old until the agent ends.
pub(super) async fn keep_tidy(robot: Arc<Robot>) {
    loop {
        if let Err(error) = tidy(&robot).await {
            tracing::warn!(%error, "what is old cannot be deleted from the robot's database");
        }
        timer::after(EVERY).await;
    }
}

async fn tidy(robot: &Arc<Robot>) -> Result<()> {
    let before = robot.options.clock.now() - KEPT;
    loop {
        let store = &robot.own.store;
        let gone = store.write(move |tx| async move { rows::delete_old(tx, before, TOGETHER).await }.boxed()).await?;
        if gone.is_empty() {
            break;
        }
        artifacts::remove(&robot.folder, &gone);
        robot.recordings.forget(&gone).await;
    }
    let _alone = robot.own.zips.lock().await;
    let zips = zips(&robot.folder.zips()).map_err(baigong_model::Error::internal)?;
    let needed: HashSet<String> = package_rows::needed_hashes(&robot.own.store).await?.into_iter().collect();
    for (hash, path) in zips {
        if !needed.contains(&hash) {
            drop(std::fs::remove_file(path));
        }
    }
    Ok(())
}

/// The zips, by their hash.
fn zips(folder: &std::path::Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
        if path.extension().is_some_and(|extension| extension == "zip")
            && let Some(stem) = stem
        {
            found.push((stem, path));
        }
    }
    Ok(found)
}
