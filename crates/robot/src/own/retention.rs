//! What is old is deleted: tasks that ended long ago, with their logs and artifacts, and zips that no package needs any more.
//! What is known here of the platform's tasks goes earlier where it takes too much room: the platform has it too.

use std::{collections::HashSet, io, path::PathBuf, sync::Arc, time::Duration};

use baigong_model::Result;
use baigong_robot_store::{RobotStore, packages as package_rows, tasks as rows};
use futures_util::FutureExt;

use super::artifacts;
use crate::{robot::Robot, timer};

/// How long an ended task is kept.
const KEPT: i64 = 90 * 24 * 60 * 60_000;
/// How often it is looked.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// How many tasks one transaction deletes.
const TOGETHER: u64 = 200;
/// With more bytes in the database, tasks of the platform are deleted, a few at a time: their logs may be large.
const MOST: i64 = 1 << 30;
const FEW: u64 = 10;

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
    robot.recordings.forget(&make_room(&robot.own.store, MOST).await?).await;
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

/// Deletes tasks of the platform, the first first, until the database holds no more than `most` bytes. Answers which.
async fn make_room(store: &RobotStore, most: i64) -> Result<Vec<i64>> {
    let mut all = Vec::new();
    while store.bytes_in_use().await? > most {
        let gone = store.write(|tx| async move { rows::delete_first_seen(tx, FEW).await }.boxed()).await?;
        if gone.is_empty() {
            break;
        }
        all.extend(gone);
    }
    Ok(all)
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

#[cfg(test)]
mod tests {
    use baigong_robot_store::{
        entity::{task, task_log},
        task_logs,
        tasks::Seen,
    };

    use super::*;

    fn ended(id: i64, is_own: bool) -> task::Model {
        task::Model {
            id,
            is_own,
            process_id: 1,
            process_name: "p".to_owned(),
            package_id: None,
            task_name: None,
            priority: 1,
            is_record: false,
            in_parameters: "[]".to_owned(),
            out_parameters: None,
            state: "succeeded".to_owned(),
            is_held: false,
            fence: 1,
            message: None,
            max_run_minutes: 0,
            max_wait_minutes: 0,
            wait_until: None,
            paused_at: None,
            retry_safe: false,
            created_at: 1,
            started_at: Some(1),
            // The later number ended first.
            ended_at: Some(1000 - id),
            revision: 0,
            told_revision: 0,
            platform_id: None,
        }
    }

    #[tokio::test]
    async fn the_platform_s_tasks_make_room_the_first_first_and_own_ones_stay() {
        let folder = tempfile::tempdir().unwrap();
        let store = RobotStore::open(&folder.path().join("robot.db")).await.unwrap();
        let own = store.write(|tx| async move { rows::insert(tx, &ended(0, true), 1).await }.boxed()).await.unwrap()[0];
        for id in (1..=40).chain([own]) {
            let log = task_log::Model {
                id: 0,
                task_id: id,
                fence: 1,
                first_sequence: 1,
                lines: "x".repeat(100_000),
                is_told: true,
            };
            let written = store.write(move |tx| {
                async move {
                    if id != own {
                        rows::seen(tx, (id, 1), Seen::Came(Box::new(ended(id, false))), 1).await?;
                    }
                    task_logs::put(tx, log).await
                }
                .boxed()
            });
            written.await.unwrap();
        }
        assert!(store.bytes_in_use().await.unwrap() > 4_000_000);
        assert!(make_room(&store, 8_000_000).await.unwrap().is_empty(), "there is room");
        let gone = make_room(&store, 2_500_000).await.unwrap();
        assert_eq!(gone, (21..=40).rev().collect::<Vec<_>>());
        assert!(store.bytes_in_use().await.unwrap() < 2_500_000, "and what was theirs is free");
        make_room(&store, 0).await.unwrap();
        assert!(rows::find(&store, own).await.unwrap().is_some() && rows::find(&store, 1).await.unwrap().is_none());
        assert_eq!(task_logs::after(&store, own, 0, 10).await.unwrap().len(), 1);
    }
}
