//! Recordings: who brings them, who sees them, what is lost of them, and that every part of one can be had alone.

use baigong_model::Error;
use baigong_protocol::{ChunkNote, RecordingEnd, RecordingHead, recording::TAG_BYTES};
use baigong_store::Scope;
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;

use super::*;
use crate::{
    audits, dispatch,
    downloads::{self, DownloadKind, Part, Range, VALID_FOR, Wanted},
    robot_groups,
    robot_sessions::{self, begin_recording, end_recording, put_chunk},
    tasks::{self as operations, NewTasks},
    testing::{World, assert_not_found, on_both, silent, without},
};

/// A run of a task of the north that a robot was given, and the key of its recording.
struct Run {
    name: RecordingRef,
    key: RecordingKey,
}

impl Run {
    async fn new(world: &World) -> Self {
        let process_id = world.process(world.north, "p").await;
        let process = crate::processes::query(&world.platform, &world.admin, process_id).await.unwrap();
        let robot_id = world.robot(world.north, "r").await.id;
        robot_groups::append(&world.platform, &world.admin, process.robot_group_id, &[robot_id]).await.unwrap();
        let row = baigong_store::robots::find(&world.platform.store, &Scope::All, robot_id).await.unwrap();
        let hello = crate::robots::tests::hello();
        robot_sessions::connect(&world.platform, &row.unwrap(), &hello, silent()).await.unwrap();
        let new = NewTasks { process_id, priority: 1, ..NewTasks::default() };
        let task_id = operations::create(&world.platform, &world.norths, new).await.unwrap()[0];
        dispatch::run_once(&world.platform).await.unwrap();
        let fence = operations::query(&world.platform, &world.norths, task_id).await.unwrap().task.fence;
        let name = RecordingRef { robot_id, task_id, fence, part: 1 };
        Self { name, key: RecordingKey::generate(&*world.platform.random) }
    }

    fn head(&self, world: &World) -> RecordingHead {
        let RecordingRef { robot_id, task_id, fence, .. } = self.name;
        let public = world.platform.keys.recorder_public();
        RecordingHead {
            recording: self.name,
            ticket: ticket(&world.platform, (robot_id, task_id, fence)),
            started_at: 1000,
            sealed_key: self.key.seal_to(&*world.platform.random, &public, self.name).unwrap(),
        }
    }

    async fn begin(&self, world: &World) -> Result<()> {
        begin_recording(&world.platform, self.name.robot_id, self.head(world)).await
    }

    async fn put(&self, world: &World, number: i32, text: &[u8]) -> Result<()> {
        let body = self.key.seal(self.name, number, text).into();
        put_chunk(&world.platform, self.name, number, note(number), body).await
    }

    async fn lose(&self, world: &World, number: i32, why: &str) -> Result<()> {
        let note = ChunkNote { lost: Some(why.into()), ..note(number) };
        put_chunk(&world.platform, self.name, number, note, Bytes::new()).await
    }

    async fn end(&self, world: &World, chunks: i32) -> Result<()> {
        let end = RecordingEnd { ended_at: 1000 + i64::from(chunks) * 10, chunks, in_order: true };
        end_recording(&world.platform, self.name, end).await
    }

    async fn seen(&self, world: &World) -> Recording {
        list(&world.platform, &world.norths, self.name.task_id).await.unwrap().remove(0)
    }
}

fn note(number: i32) -> ChunkNote {
    let started_at = 1000 + i64::from(number) * 10;
    ChunkNote { started_at, ended_at: started_at + 10, lost: None }
}

async fn read(world: &World, id: i64, wanted: Option<Wanted>) -> (Option<Part>, Vec<u8>) {
    let opened = open(&world.platform, id, wanted.map(|wanted| Range { wanted, only_of: None })).await.unwrap();
    let bytes: Vec<u8> = opened.body.try_collect::<BytesMut>().await.unwrap().to_vec();
    assert_eq!(bytes.len() as u64, opened.size);
    (opened.part, bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_brings_recordings_of_its_own_runs_each_chunk_once_and_late_too() {
    on_both(async |world| {
        let run = Run::new(world).await;
        assert!(matches!(run.put(world, 0, b"head").await, Err(Error::Conflict(_))), "it was not begun");
        for change in [
            |head: &mut RecordingHead| head.recording.fence += 1,
            |head: &mut RecordingHead| head.recording.task_id += 1,
            |head: &mut RecordingHead| head.recording.robot_id += 1,
            |head: &mut RecordingHead| head.ticket = "00".repeat(32),
        ] {
            let mut head = run.head(world);
            change(&mut head);
            let refused = begin_recording(&world.platform, run.name.robot_id, head).await;
            assert!(matches!(refused, Err(Error::StaleFence { .. })), "{refused:?}");
        }
        let foreign = RecordingHead { sealed_key: "sm2:v1:00".into(), ..run.head(world) };
        let refused = begin_recording(&world.platform, run.name.robot_id, foreign).await;
        assert!(matches!(refused, Err(Error::Invalid { ref field, .. }) if field == "sealedKey"), "{refused:?}");

        let ids = async || {
            let task = operations::query(&world.platform, &world.norths, run.name.task_id).await.unwrap().task;
            (task.is_record, ids_of(&world.platform, &task).await.unwrap().len())
        };
        assert_eq!(ids().await, (false, 0));
        run.begin(world).await.unwrap();
        run.begin(world).await.unwrap();
        assert_eq!(ids().await, (true, 1), "nobody but its robot wanted it recorded");
        run.put(world, 1, b"second").await.unwrap();
        run.put(world, 0, b"head").await.unwrap();
        run.put(world, 0, b"other").await.unwrap();
        let other = RecordingRef { robot_id: run.name.robot_id + 1, ..run.name };
        let body: Bytes = run.key.seal(run.name, 2, b"x").into();
        let refused = put_chunk(&world.platform, other, 2, note(2), body.clone()).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        let changed = put_chunk(&world.platform, run.name, 3, note(3), body).await;
        assert!(matches!(changed, Err(Error::Invalid { .. })), "sealed as another chunk: {changed:?}");
        assert!(!run.seen(world).await.is_complete(), "it has not ended");
        // However long ago the run was over: the ticket stands.
        run.end(world, 2).await.unwrap();
        let seen = run.seen(world).await;
        assert!(seen.is_complete());
        assert_eq!((seen.size, seen.row.started_at, seen.row.ended_at), (10, 1000, 1020));
        assert_eq!(read(world, seen.row.id, None).await, (None, b"headsecond".to_vec()));
        let stored = world.platform.blobs.get(&blob_key(seen.row.id, 0)).await.unwrap();
        let stored = stored.1.try_collect::<BytesMut>().await.unwrap();
        assert_eq!(stored.len(), 4 + TAG_BYTES);
        assert!(!stored.windows(4).any(|part| part == b"head"), "it lies there sealed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_part_of_it_is_read_alone() {
    on_both(async |world| {
        let run = Run::new(world).await;
        run.begin(world).await.unwrap();
        for (number, text) in [b"0123".as_slice(), b"45", b"6789a"].into_iter().enumerate() {
            run.put(world, i32::try_from(number).unwrap(), text).await.unwrap();
        }
        let (whole, id) = (b"0123456789a", run.seen(world).await.row.id);
        for from in 0..11_u64 {
            for last in from..13 {
                let (part, bytes) = read(world, id, Some(Wanted::From(from, Some(last)))).await;
                let to = (last + 1).min(11);
                assert_eq!(part, Some(Part::Bytes { from, to, total: 11 }));
                assert_eq!(bytes, whole[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()]);
            }
        }
        assert_eq!(read(world, id, Some(Wanted::From(11, None))).await, (Some(Part::Beyond { total: 11 }), vec![]));
        let tag = open(&world.platform, id, None).await.unwrap().tag;
        run.put(world, 3, b"bc").await.unwrap();
        let stale = Range { wanted: Wanted::Last(1), only_of: Some(tag) };
        assert_eq!(open(&world.platform, id, Some(stale)).await.unwrap().size, 13, "it has grown: the whole again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_lost_is_told_and_what_comes_behind_it_can_be_seen() {
    on_both(async |world| {
        let run = Run::new(world).await;
        run.begin(world).await.unwrap();
        run.put(world, 0, b"head").await.unwrap();
        run.lose(world, 1, "the robot's disk is full").await.unwrap();
        run.put(world, 2, b"a picture").await.unwrap();
        run.put(world, 3, b"the end").await.unwrap();
        run.end(world, 6).await.unwrap();
        let seen = run.seen(world).await;
        let gaps: Vec<_> = seen.gaps.iter().map(|gap| (gap.started_at, gap.ended_at, gap.reason.as_str())).collect();
        assert_eq!(gaps, [(1010, 1020, "the robot's disk is full"), (1040, 1060, "it never arrived")]);
        assert!(!seen.is_complete());
        assert_eq!(read(world, seen.row.id, None).await.1, b"heada picturethe end");
        // Gone from the disk afterwards: a box without anything stands for it, of its size.
        world.platform.blobs.delete(&blob_key(seen.row.id, 2)).await.unwrap();
        assert_eq!(read(world, seen.row.id, None).await.1, b"head\0\0\0\x09free\0the end");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sees_the_task_sees_its_recordings_if_they_may_and_it_is_in_the_audit() {
    on_both(async |world| {
        let run = Run::new(world).await;
        let task = run.name.task_id;
        assert!(list(&world.platform, &world.norths, task).await.unwrap().is_empty());
        run.begin(world).await.unwrap();
        run.put(world, 0, b"one").await.unwrap();
        assert_not_found(list(&world.platform, &world.souths, task).await, "recordings");
        assert_not_found(list(&world.platform, &world.norths, 999).await, "recordings");
        let blind = without(world.north, Permission::VideoRead);
        assert!(matches!(list(&world.platform, &blind, task).await, Err(Error::Forbidden(_))));
        let id = run.seen(world).await.row.id;
        let query = audits::AuditQuery { kind: Some("recording".into()), ..audits::AuditQuery::default() };
        let rows = audits::list(&world.platform, &world.admin, query).await.unwrap();
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!((rows[0].action.as_str(), rows[0].object_id), ("watch", Some(task)));
        let address = downloads::address(&world.platform, DownloadKind::Recording, id, VALID_FOR);
        assert!(address.starts_with(&format!("/download/recording/{id}?")), "{address}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_recordings_go_with_their_bytes_when_they_are_not_to_be_kept() {
    on_both(async |world| {
        let run = Run::new(world).await;
        run.begin(world).await.unwrap();
        run.put(world, 0, b"one").await.unwrap();
        run.end(world, 1).await.unwrap();
        let id = run.seen(world).await.row.id;
        assert_eq!(remove_old(&world.platform).await.unwrap(), 0, "they are kept for ever");
        let short = world.keeping_recordings(1000).await;
        assert_eq!(remove_old(&short).await.unwrap(), 1);
        assert!(list(&world.platform, &world.norths, run.name.task_id).await.unwrap().is_empty());
        assert_not_found(world.platform.blobs.get(&blob_key(id, 0)).await.map(drop), "the bytes");
        assert_eq!(remove_old(&short).await.unwrap(), 0);
    })
    .await;
}
