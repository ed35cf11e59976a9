//! Robot groups.

use super::*;
use crate::{
    robots,
    testing::{all, assert_not_found, on_both},
};

#[tokio::test(flavor = "multi_thread")]
async fn robots_are_added_all_or_none() {
    on_both(async |world| {
        let group = world.group(world.north, "g").await;
        let (a, b) = (world.robot(world.north, "a").await.id, world.robot(world.north, "b").await.id);
        let foreign = world.robot(world.south, "c").await.id;
        let members = async || {
            let page = list(&world.platform, &world.admin, &all()).await.unwrap();
            page.rows.into_iter().map(|row| (row.group.id, row.robot_ids)).collect::<Vec<_>>()
        };
        for robots in [vec![a, 999], vec![a, foreign]] {
            assert_not_found(append(&world.platform, &world.norths, group, &robots).await, "append");
            assert_eq!(members().await, [(group, vec![])], "nothing was added");
        }
        append(&world.platform, &world.norths, group, &[a]).await.unwrap();
        append(&world.platform, &world.norths, group, &[b, a, b]).await.unwrap();
        assert_eq!(members().await, [(group, vec![a, b])]);
        append(&world.platform, &world.admin, group, &[foreign]).await.unwrap();
        let seen = list(&world.platform, &world.norths, &all()).await.unwrap().rows.remove(0).robot_ids;
        assert_eq!(seen, [a, b], "robots of another department are not told");
        assert!(matches!(append(&world.platform, &world.admin, group, &[]).await, Err(Error::Invalid { .. })));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_unique_in_its_department() {
    on_both(async |world| {
        world.group(world.north, "g").await;
        world.group(world.south, "g").await;
        let new = NewRobotGroup { department_id: world.north, name: "g".into(), remark: None };
        let taken = create(&world.platform, &world.admin, new).await;
        assert!(matches!(taken, Err(Error::AlreadyExists { kind: "robot group", .. })), "{taken:?}");
    })
    .await;
}

/// A connection that takes everything and says nothing.
struct Silent;

impl crate::RobotLink for Silent {
    fn send(&self, _: baigong_protocol::ToRobot) -> bool {
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connected_robot_is_known_in_its_new_group_here_at_once_and_on_another_node_after_a_refresh() {
    on_both(async |world| {
        let made = world.robot(world.north, "a").await;
        let robot = robots::authenticate_agent(&world.platform, made.secret.expose()).await.unwrap();
        let hello = robots::tests::hello();
        let link = std::sync::Arc::new(Silent);
        crate::robot_sessions::connect(&world.platform, &robot, &hello, link).await.unwrap();
        let knows = |pool| world.platform.links.look(robot.id, |linked| linked.pools.contains(&pool)).unwrap();
        let pool_of = async |group| super::pool_of(&world.platform, &world.admin, group).await.unwrap();
        let here = world.group(world.north, "here").await;
        append(&world.platform, &world.admin, here, &[robot.id]).await.unwrap();
        assert!(knows(pool_of(here).await));
        let there = world.group(world.north, "there").await;
        append(&world.another().await, &world.admin, there, &[robot.id]).await.unwrap();
        let pool = pool_of(there).await;
        assert!(!knows(pool));
        assert_eq!(crate::pools::refresh(&world.platform).await.unwrap(), 1);
        assert!(knows(pool));
        assert_eq!(crate::pools::refresh(&world.platform).await.unwrap(), 0, "nothing new");
    })
    .await;
}
