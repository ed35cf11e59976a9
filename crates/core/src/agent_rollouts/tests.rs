//! A rolling upgrade goes wave by wave, stops where a robot does not come back well, and survives a restart.

use baigong_protocol::OperationStage;

use super::*;
use crate::{
    agent_versions::tests::version,
    robot_operations::{
        self,
        tests::{connect, said},
    },
    testing::{World, assert_not_found, on_both},
};

/// Two robots at once, in waves of two.
pub(crate) fn rollout(world: &World, version_id: i64, robots: Vec<i64>) -> NewRollout {
    NewRollout {
        department_id: world.north,
        name: "all of them".into(),
        version_id,
        robots,
        group_id: None,
        wave_size: 2,
        most_at_once: 2,
        drain_seconds: 0,
        allows_older: false,
    }
}

/// The states of a rolling upgrade and of its robots.
async fn states(world: &World, id: i64) -> (String, Vec<String>) {
    let details = query(&world.platform, &world.norths, id).await.unwrap();
    (details.rollout.state, details.robots.into_iter().map(|it| it.state).collect())
}

async fn robots(world: &World, count: usize) -> Vec<i64> {
    let mut robots = Vec::new();
    for number in 0..count {
        robots.push(world.robot(world.north, &format!("r{number}")).await.id);
    }
    robots
}

/// The operation of the robot at this place.
async fn operation(world: &World, id: i64, place: usize) -> i64 {
    query(&world.platform, &world.norths, id).await.unwrap().robots[place].id
}

async fn says(world: &World, robot: i64, operation: i64, stage: OperationStage) {
    robot_operations::heard(&world.platform, robot, said(operation, stage, "so it is")).await.unwrap();
}

#[tokio::test]
async fn waves_follow_one_another_and_a_restart_changes_nothing() {
    on_both(async |world| {
        let robots = robots(world, 5).await;
        let ear = connect(&world.platform, robots[0]).await;
        let new = NewRollout { wave_size: 3, ..rollout(world, version(world, "0.2.0").await, robots.clone()) };
        let id = create(&world.platform, &world.norths, new).await.unwrap();
        let asked = ear.asked();
        let told = asked[0].version.as_ref().expect("an upgrade names its version");
        assert_eq!((asked.len(), &*told.version, told.signature.as_deref()), (1, "0.2.0", None));
        let planned = "planned";
        assert_eq!(states(world, id).await.1, ["waiting", "waiting", planned, planned, planned]);

        let restarted = world.another().await;
        assert_eq!(advance(&restarted).await.unwrap(), 0, "two are at it, which is all that may be");
        says(world, robots[0], operation(world, id, 0).await, OperationStage::Accepted).await;
        says(world, robots[1], operation(world, id, 1).await, OperationStage::Done).await;
        assert_eq!(advance(&restarted).await.unwrap(), 1);
        assert_eq!(states(world, id).await.1, ["accepted", "done", "waiting", planned, planned]);
        says(world, robots[2], operation(world, id, 2).await, OperationStage::Done).await;
        assert_eq!(advance(&restarted).await.unwrap(), 0, "the next wave waits for the last of this one");
        says(world, robots[0], operation(world, id, 0).await, OperationStage::Done).await;
        assert_eq!(advance(&restarted).await.unwrap(), 2);
        for place in [3, 4] {
            says(world, robots[place], operation(world, id, place).await, OperationStage::Done).await;
        }
        advance(&restarted).await.unwrap();
        assert_eq!(states(world, id).await, ("done".into(), vec!["done".to_owned(); 5]));
    })
    .await;
}

#[tokio::test]
async fn one_that_fails_stops_the_rest_and_one_that_is_away_does_not() {
    on_both(async |world| {
        let robots = robots(world, 4).await;
        let id = create(&world.platform, &world.norths, rollout(world, version(world, "0.2.0").await, robots.clone()));
        let id = id.await.unwrap();
        says(world, robots[0], operation(world, id, 0).await, OperationStage::Done).await;
        world.clock.advance(robot_operations::ASKED_FOR + 1);
        robot_operations::ask_all(&world.platform).await.unwrap();
        advance(&world.platform).await.unwrap();
        assert_eq!(states(world, id).await.1, ["done", "expired", "waiting", "waiting"]);
        says(world, robots[2], operation(world, id, 2).await, OperationStage::Failed).await;
        advance(&world.platform).await.unwrap();
        let details = query(&world.platform, &world.norths, id).await.unwrap();
        assert_eq!(details.rollout.state, "stopped");
        let reason = details.rollout.reason.unwrap();
        assert!(reason.contains(&robots[2].to_string()) && reason.contains("so it is"), "{reason}");
        // What had begun goes on.
        assert_eq!(details.robots[3].state, "waiting");
    })
    .await;
}

#[tokio::test]
async fn a_rolling_upgrade_is_made_and_stopped_by_whoever_may() {
    on_both(async |world| {
        let robots = robots(world, 3).await;
        let version = version(world, "0.2.0").await;
        let foreign = NewRollout { department_id: world.south, ..rollout(world, version, robots.clone()) };
        assert_not_found(create(&world.platform, &world.souths, foreign).await, "create");
        for wrong in [
            NewRollout { wave_size: 0, ..rollout(world, version, robots.clone()) },
            NewRollout { most_at_once: 0, ..rollout(world, version, robots.clone()) },
            rollout(world, version, Vec::new()),
        ] {
            let made = create(&world.platform, &world.norths, wrong).await;
            assert!(matches!(made, Err(Error::Invalid { .. })), "{made:?}");
        }
        let twice = [robots.clone(), robots.clone()].concat();
        let id = create(&world.platform, &world.norths, rollout(world, version, twice)).await.unwrap();
        assert_not_found(stop(&world.platform, &world.souths, id).await, "stop");
        stop(&world.platform, &world.norths, id).await.unwrap();
        assert_eq!(
            states(world, id).await,
            ("stopped".into(), ["waiting", "waiting", "cancelled"].map(str::to_owned).into())
        );
        assert!(matches!(stop(&world.platform, &world.norths, id).await, Err(Error::Conflict(_))));
        assert_eq!(advance(&world.platform).await.unwrap(), 0);
    })
    .await;
}
