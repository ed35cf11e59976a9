//! Changing machines, and what is known of what they do.

use baigong_protocol::{Disk, Space};

use super::*;
use crate::{
    robot_sessions, robots,
    testing::{World, all, assert_not_found, on_both},
};

/// A robot of the north and its machine.
async fn robot(world: &World, name: &str) -> (i64, MachineId) {
    let id = world.robot(world.north, name).await.id;
    (id, robots::query(&world.platform, &world.admin, id).await.unwrap().robot.machine_id)
}

fn doing(busy: Option<u32>) -> MachineReading {
    let space = Space { total: 100, used: 40 };
    MachineReading {
        cpu_permille: busy,
        memory: Some(space),
        disks: vec![Disk { name: "/".into(), space }; MAX_DISKS + 3],
    }
}

const MAX_DISKS: usize = baigong_protocol::MAX_DISKS;

async fn connect(world: &World, id: i64) {
    let robot = baigong_store::robots::find(&world.platform.store, &Scope::All, id).await.unwrap().unwrap();
    let hello = crate::robots::tests::hello();
    robot_sessions::connect(&world.platform, &robot, &hello, crate::testing::silent()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_is_changed_and_goes_when_no_robot_is_on_it() {
    on_both(async |world| {
        let (robot, id) = robot(world, "r").await;
        let admin = &world.admin;
        let other = create(&world.platform, admin, NewMachine { name: "other".into(), remark: None }).await.unwrap();
        let taken = update(&world.platform, admin, id, Some("other".into()), None).await;
        assert!(matches!(taken, Err(Error::AlreadyExists { kind: "machine", .. })), "{taken:?}");
        update(&world.platform, admin, id, Some(" PC-7 ".into()), None).await.unwrap();
        update(&world.platform, admin, id, None, Some("三楼".into())).await.unwrap();
        let shown = query(&world.platform, admin, id).await.unwrap().machine;
        assert_eq!((shown.name.as_str(), shown.remark.as_deref()), ("PC-7", Some("三楼")));
        let refused = delete(&world.platform, admin, id).await;
        assert!(matches!(&refused, Err(Error::Conflict(text)) if text.contains("\"r\"")), "{refused:?}");
        let refused = delete(&world.platform, &world.souths, id).await;
        assert!(matches!(&refused, Err(Error::Conflict(text)) if !text.contains("\"r\"")), "{refused:?}");
        robots::delete(&world.platform, admin, robot).await.unwrap();
        delete(&world.platform, admin, id).await.unwrap();
        assert_not_found(delete(&world.platform, admin, id).await, "delete again");
        assert_not_found(update(&world.platform, admin, id, None, None).await, "update");
        assert!(query(&world.platform, admin, id).await.unwrap().machine.deleted_at.is_some());
        let rows = list(&world.platform, admin, &all()).await.unwrap().rows;
        assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [other]);
        let deleted = ListInput { include_deleted: true, keyword: Some("pc-".into()), ..all() };
        assert_eq!(list(&world.platform, admin, &deleted).await.unwrap().total, 1);
        create(&world.platform, admin, NewMachine { name: "PC-7".into(), remark: None }).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_robot_is_put_on_a_machine_that_is_being_deleted() {
    on_both(async |world| {
        for round in 0..8 {
            let name = format!("m{round}");
            let new = NewMachine { name: name.clone(), remark: None };
            let id = create(&world.platform, &world.admin, new).await.unwrap();
            let robot = crate::testing::new_robot(world.north, id, &name);
            let (made, deleted) = tokio::join!(
                robots::create(&world.platform, &world.admin, robot),
                delete(&world.platform, &world.admin, id)
            );
            assert!(made.is_ok() != deleted.is_ok(), "{made:?} {deleted:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_machine_does_is_known_on_every_node_and_not_believed_for_ever() {
    on_both(async |world| {
        let (robot, id) = robot(world, "r").await;
        assert_eq!(query(&world.platform, &world.admin, id).await.unwrap().reading, None, "nobody has told");
        connect(world, robot).await;
        heard(&world.platform, robot, doing(None));
        world.clock.advance(60_000);
        heard(&world.platform, robot, doing(Some(375)));
        heard(&world.platform, 999, doing(Some(1)));
        let reading = query(&world.platform, &world.admin, id).await.unwrap().reading.unwrap();
        assert_eq!((reading.ip.as_str(), reading.system.as_str()), ("10.0.0.8", "linux"));
        assert_eq!((reading.at, reading.doing.cpu_permille), (world.platform.now(), Some(375)));
        assert_eq!(reading.doing.disks.len(), MAX_DISKS, "no robot fills the memory");
        assert_eq!(keep_readings(&world.platform).await.unwrap(), 1);
        assert_eq!(keep_readings(&world.platform).await.unwrap(), 0, "nothing was heard since");
        let other = world.another().await;
        assert_eq!(query(&other, &world.admin, id).await.unwrap().reading, Some(reading));
        world.clock.advance(11 * 60_000);
        let old = query(&other, &world.admin, id).await.unwrap().reading.unwrap();
        assert_eq!((old.ip.as_str(), old.doing), ("10.0.0.8", MachineReading::default()));
    })
    .await;
}
