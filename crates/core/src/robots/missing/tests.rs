//! Who is missed, when, and how often it is told.

use baigong_model::Page;
use baigong_protocol::Heartbeat;
use baigong_store::entity::notice;

use super::*;
use crate::{
    notices::NoticeQuery,
    robot_sessions::{self, Parting, Session},
    robots::{self, tests::hello},
    testing::{World, on_both, silent},
};

async fn connect(platform: &Platform, id: i64) -> Session {
    let robot = rows::find(&platform.store, &Scope::All, id).await.unwrap().unwrap();
    robot_sessions::connect(platform, &robot, &hello(), silent()).await.unwrap()
}

/// The notices there are of robots that are missing, the oldest first.
async fn told(world: &World) -> Vec<notice::Model> {
    let page = Page::new(None, None).unwrap();
    let kind = Some(NoticeKind::RobotOffline);
    let query = NoticeQuery { department_id: None, state: None, kind, channel_id: None, page };
    let mut rows = notices::list(&world.platform, &world.admin, query).await.unwrap().rows;
    rows.reverse();
    rows
}

/// Lets so much time pass, and looks.
async fn after(world: &World, platform: &Platform, milliseconds: i64) -> usize {
    world.clock.advance(milliseconds);
    tell_missing(platform).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_that_breaks_off_and_does_not_come_back_is_told_of_once() {
    on_both(async |world| {
        let platform = &world.platform;
        crate::nodes::start(platform).await.unwrap();
        let id = world.robot(world.north, "r").await.id;
        assert_eq!(after(world, platform, PATIENCE).await, 0, "it never was there");
        for outage in 1..=2 {
            let session = connect(platform, id).await;
            robot_sessions::disconnect(platform, session, Parting::BrokenOff).await.unwrap();
            assert_eq!(after(world, platform, PATIENCE - 1).await, 0, "it may come back");
            assert_eq!(after(world, platform, 1).await, 1);
            assert_eq!(after(world, platform, PATIENCE).await, 0, "once");
            assert_eq!(told(world).await.len(), outage);
        }
        let notice = told(world).await.remove(0);
        assert_eq!((notice.department_id, notice.object_id, notice.level), (world.north, Some(id), 1));
        assert_eq!(notice.detail, r#"{"robot":"r","since":"2027-01-15 16:01:00 CST"}"#);
        let session = connect(platform, id).await;
        world.clock.advance(platform.config.offline_after + 1);
        assert_eq!(robot_sessions::drop_silent(platform).await.unwrap(), 1);
        assert_eq!(after(world, platform, PATIENCE).await, 1, "silence is no word of parting: {session:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_took_its_leave_or_is_out_of_service_is_not_missed() {
    on_both(async |world| {
        let platform = &world.platform;
        crate::nodes::start(platform).await.unwrap();
        let id = world.robot(world.north, "r").await.id;
        let session = connect(platform, id).await;
        robot_sessions::disconnect(platform, session, Parting::InOrder).await.unwrap();
        assert_eq!(after(world, platform, PATIENCE).await, 0, "it took its leave");

        let session = connect(platform, id).await;
        let drains = Heartbeat { sequence: 1, held: vec![], free_slots: 0, paused: vec![], declines: None };
        robot_sessions::heartbeat(platform, id, &drains);
        robot_sessions::disconnect(platform, session, Parting::BrokenOff).await.unwrap();
        assert_eq!(after(world, platform, PATIENCE).await, 0, "it drained");

        let session = connect(platform, id).await;
        robot_sessions::disconnect(platform, session, Parting::BrokenOff).await.unwrap();
        let session = connect(platform, id).await;
        assert_eq!(after(world, platform, PATIENCE).await, 0, "it is back");

        robots::stop(platform, &world.norths, id, false).await.unwrap();
        robot_sessions::disconnect(platform, session, Parting::BrokenOff).await.unwrap();
        assert_eq!(after(world, platform, PATIENCE).await, 0, "it was stopped");
        robots::start(platform, &world.norths, id).await.unwrap();
        assert_eq!(after(world, platform, 0).await, 1, "now it would be needed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_stops_misses_nobody_and_gives_time_to_come_back_when_it_starts() {
    on_both(async |world| {
        let platform = &world.platform;
        crate::nodes::start(platform).await.unwrap();
        let (one, two) = (world.robot(world.north, "one").await.id, world.robot(world.north, "two").await.id);
        connect(platform, one).await;
        let session = connect(platform, two).await;
        robot_sessions::disconnect(platform, session, Parting::BrokenOff).await.unwrap();
        crate::nodes::stop(platform).await.unwrap();
        assert!(told(world).await.is_empty());
        world.clock.advance(100 * PATIENCE);
        let again = world.another().await;
        crate::nodes::start(&again).await.unwrap();
        assert_eq!(after(world, &again, PATIENCE - 1).await, 0, "there was nobody to connect to");
        connect(&again, one).await;
        assert_eq!(after(world, &again, 1).await, 1);
        assert_eq!(told(world).await[0].object_id, Some(two));
    })
    .await;
}
