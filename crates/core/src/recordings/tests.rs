//! Recordings: who brings them and who sees them.

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};

use super::*;
use crate::{
    dispatch,
    downloads::{self, DownloadKind, VALID_FOR},
    robot_groups,
    robot_sessions::{self, NewRecording, put_recording},
    tasks::{self as operations, NewTasks},
    testing::{World, assert_not_found, on_both, silent, without},
};

/// A task of the north that a robot was given: task, fence, robot.
async fn given(world: &World) -> (i64, i64, i64) {
    let process_id = world.process(world.north, "p").await;
    let process = crate::processes::query(&world.platform, &world.admin, process_id).await.unwrap();
    let robot = world.robot(world.north, "r").await.id;
    robot_groups::append(&world.platform, &world.admin, process.robot_group_id, &[robot]).await.unwrap();
    let row = baigong_store::robots::find(&world.platform.store, &baigong_store::Scope::All, robot).await.unwrap();
    let hello = crate::robots::tests::hello();
    robot_sessions::connect(&world.platform, &row.unwrap(), &hello, silent()).await.unwrap();
    let new = NewTasks { process_id, priority: 1, ..NewTasks::default() };
    let task = operations::create(&world.platform, &world.norths, new).await.unwrap()[0];
    dispatch::run_once(&world.platform).await.unwrap();
    let fence = operations::query(&world.platform, &world.norths, task).await.unwrap().task.fence;
    (task, fence, robot)
}

fn part(part: i32) -> NewRecording {
    NewRecording { part, started_at: 1000, ended_at: 3000, is_complete: part == 1 }
}

async fn put(world: &World, robot: i64, task: (i64, i64), new: NewRecording, text: &'static str) -> Result<i64> {
    let body = stream::iter([Ok(Bytes::from_static(text.as_bytes()))]).boxed();
    put_recording(&world.platform, robot, task, new, body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_brings_recordings_of_its_own_runs_and_each_part_once() {
    on_both(async |world| {
        let (task, fence, robot) = given(world).await;
        let second = put(world, robot, (task, fence), part(2), "two").await.unwrap();
        let first = put(world, robot, (task, fence), part(1), "one").await.unwrap();
        assert_eq!(put(world, robot, (task, fence), part(1), "other").await.unwrap(), first, "said again");
        for (robot, task) in [(robot + 1, (task, fence)), (robot, (task, fence + 1)), (robot, (999, fence))] {
            let refused = put(world, robot, task, part(3), "x").await;
            assert!(matches!(refused, Err(Error::StaleFence { .. })), "{refused:?}");
        }
        let wrong = NewRecording { ended_at: 0, ..part(3) };
        assert!(matches!(put(world, robot, (task, fence), wrong, "x").await, Err(Error::Invalid { .. })));
        let rows = list(&world.platform, &world.norths, task).await.unwrap();
        let shown: Vec<_> = rows.iter().map(|row| (row.id, row.part, row.size, row.is_complete)).collect();
        assert_eq!(shown, [(first, 1, 3, true), (second, 2, 3, false)]);
        assert_eq!(rows[0].sha256, hex::encode(Sha256::digest("one")));
        assert_eq!((rows[0].started_at, rows[0].ended_at, rows[0].robot_id), (1000, 3000, robot));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sees_the_task_sees_its_recordings_if_they_may() {
    on_both(async |world| {
        let (task, fence, robot) = given(world).await;
        assert!(list(&world.platform, &world.norths, task).await.unwrap().is_empty());
        let id = put(world, robot, (task, fence), part(1), "one").await.unwrap();
        assert_not_found(list(&world.platform, &world.souths, task).await, "recordings");
        assert_not_found(list(&world.platform, &world.norths, 999).await, "recordings");
        let blind = without(world.north, Permission::VideoRead);
        assert!(matches!(list(&world.platform, &blind, task).await, Err(Error::Forbidden(_))));
        let address = downloads::address(&world.platform, DownloadKind::Recording, id, VALID_FOR);
        assert!(address.starts_with(&format!("/download/recording/{id}?")), "{address}");
        let opened = open(&world.platform, id).await.unwrap();
        let bytes: Vec<Bytes> = opened.body.try_collect().boxed().await.unwrap();
        assert_eq!((bytes.concat().as_slice(), opened.size), (b"one".as_slice(), 3));
    })
    .await;
}
