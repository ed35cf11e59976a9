//! Commands to robots and their machines: who may give them, and what becomes of them.

use std::sync::{Arc, Mutex};

use baigong_model::Page;
use baigong_protocol::{Hello, HostInfo};
use baigong_store::Scope;

use super::*;
use crate::{
    RobotLink, robot_sessions,
    testing::{World, assert_not_found, on_both, without},
};

/// A robot that remembers what it is told.
#[derive(Default)]
pub(crate) struct Ear(Mutex<Vec<ToRobot>>);

impl RobotLink for Ear {
    fn send(&self, message: ToRobot) -> bool {
        self.0.lock().unwrap().push(message);
        true
    }
}

impl Ear {
    /// The operations it was asked for since it was last looked at.
    pub(crate) fn asked(&self) -> Vec<Operation> {
        let heard = std::mem::take(&mut *self.0.lock().unwrap());
        heard.into_iter().filter_map(|it| if let ToRobot::Operate(asked) = it { Some(asked) } else { None }).collect()
    }
}

/// The robot connects.
pub(crate) async fn connect(platform: &Platform, id: RobotId) -> Arc<Ear> {
    let robot = robots::find(&platform.store, &Scope::All, id).await.unwrap().unwrap();
    let hello = Hello {
        protocol: 1,
        agent_version: "0.1.0".into(),
        incarnation: format!("{id}-1"),
        capacity: 1,
        install_path: "/opt".into(),
        installed_at: 1,
        host: HostInfo::default(),
        held: Vec::new(),
    };
    let ear = Arc::new(Ear::default());
    robot_sessions::connect(platform, &robot, &hello, ear.clone()).await.unwrap();
    ear
}

/// What the robot says of an operation.
pub(crate) fn said(operation_id: i64, stage: OperationStage, detail: &str) -> Operated {
    Operated { operation_id, stage, detail: detail.into() }
}

async fn state(world: &World, id: i64) -> (String, String) {
    let page = Page::new(None, None).unwrap();
    let all = list(&world.platform, &world.admin, Which::default(), page).await.unwrap();
    let row = all.rows.into_iter().find(|row| row.id == id).unwrap();
    (row.state, row.detail)
}

#[tokio::test]
async fn a_robot_is_asked_until_it_answers_and_its_answer_is_kept() {
    on_both(async |world| {
        let robot = world.robot(world.north, "r").await.id;
        let platform = &world.platform;
        let id = request(platform, &world.norths, robot, OperationKind::Reboot, 30).await.unwrap();
        let again = request(platform, &world.norths, robot, OperationKind::Reboot, 0).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        assert_not_found(request(platform, &world.souths, robot, OperationKind::Restart, 0).await, "restart");

        // It was away; another start of the platform still knows.
        let platform = &world.another().await;
        let ear = connect(platform, robot).await;
        ask_all(platform).await.unwrap();
        ask_all(platform).await.unwrap();
        let asked = ear.asked();
        assert_eq!((asked.len(), asked[0].operation_id, asked[0].drain_seconds), (2, id, 30));
        assert_eq!(asked[0].kind, OperationKind::Reboot);

        heard(platform, robot + 1, said(id, OperationStage::Done, "not mine")).await.unwrap();
        assert_eq!(state(world, id).await.0, "waiting", "another robot says nothing about it");
        heard(platform, robot, said(id, OperationStage::Accepted, "")).await.unwrap();
        ask_all(platform).await.unwrap();
        assert!(ear.asked().is_empty());
        for _ in 0..2 {
            heard(platform, robot, said(id, OperationStage::Done, "up again")).await.unwrap();
            assert_eq!(state(world, id).await, ("done".into(), "up again".into()));
        }
        heard(platform, robot, said(id, OperationStage::Failed, "late")).await.unwrap();
        assert_eq!(state(world, id).await.0, "done", "what is over stays as it is");
    })
    .await;
}

#[tokio::test]
async fn a_machine_does_not_reboot_out_of_the_blue() {
    on_both(async |world| {
        let robot = world.robot(world.north, "r").await.id;
        let platform = &world.platform;
        let id = request(platform, &world.norths, robot, OperationKind::Shutdown, 0).await.unwrap();
        world.clock.advance(ASKED_FOR + 1);
        let ear = connect(platform, robot).await;
        ask_all(platform).await.unwrap();
        assert!(ear.asked().is_empty());
        assert_eq!(state(world, id).await.0, "expired");

        let id = request(platform, &world.norths, robot, OperationKind::Shutdown, 60).await.unwrap();
        heard(platform, robot, said(id, OperationStage::Accepted, "")).await.unwrap();
        world.clock.advance(ANSWERS_WITHIN + 59_000);
        ask_all(platform).await.unwrap();
        assert_eq!(state(world, id).await.0, "accepted");
        world.clock.advance(2_000);
        ask_all(platform).await.unwrap();
        assert_eq!(state(world, id).await.0, "failed");
    })
    .await;
}

#[tokio::test]
async fn it_takes_a_permission_of_its_own_and_can_be_taken_back() {
    on_both(async |world| {
        let robot = world.robot(world.north, "r").await.id;
        let platform = &world.platform;
        let controls = without(world.north, Permission::RobotOperate);
        let refused = request(platform, &controls, robot, OperationKind::Restart, 0).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        let too_long = request(platform, &world.norths, robot, OperationKind::Restart, LONGEST_DRAIN + 1).await;
        assert!(matches!(too_long, Err(Error::Invalid { .. })), "{too_long:?}");

        let id = request(platform, &world.norths, robot, OperationKind::Restart, 0).await.unwrap();
        assert_not_found(cancel(platform, &world.souths, id).await, "cancel");
        cancel(platform, &world.norths, id).await.unwrap();
        assert_eq!(state(world, id).await.0, "cancelled");
        assert!(matches!(cancel(platform, &world.norths, id).await, Err(Error::Conflict(_))));
        let souths = list(platform, &world.souths, Which::default(), Page::new(None, None).unwrap()).await.unwrap();
        assert_eq!(souths.total, 0);
    })
    .await;
}

#[tokio::test]
async fn what_a_robots_own_triggers_did_is_kept_once() {
    on_both(async |world| {
        let robot = world.robot(world.north, "r").await.id;
        let platform = &world.platform;
        let firing = |book: i64, number: i64| baigong_protocol::OwnFiring {
            book,
            number,
            trigger: "arrivals\0".into(),
            outcome: "fired".into(),
            detail: "/in/a.csv".into(),
            tasks: vec![7],
            at: 1,
        };
        for (book, number) in [(1, 1), (1, 1), (1, 2), (1, 1), (2, 1)] {
            robot_sessions::fired(platform, robot, firing(book, number)).await.unwrap();
        }
        let query = crate::audits::AuditQuery { action: Some("own-trigger".into()), ..Default::default() };
        let kept = crate::audits::list(platform, &world.admin, query).await.unwrap();
        assert_eq!(kept.len(), 3, "another book begins anew: {kept:?}");
    })
    .await;
}
