//! Making and listing robots, and knowing their agents.

use baigong_model::{Page, Permission, Secret};
use baigong_protocol::{Hello, HostInfo};
use baigong_store::nodes;

use super::*;
use crate::{
    ListInput, lists, robot_groups,
    testing::{World, all, assert_not_found, new_robot, on_both, on_one, without},
};

const CANARY: &str = "canary-4711-machine-password";

pub(crate) fn hello() -> Hello {
    Hello {
        protocol: 1,
        agent_version: "0.1.0".into(),
        incarnation: "a-1".into(),
        capacity: 4,
        install_path: "/opt/baigong".into(),
        installed_at: 5,
        host: HostInfo { machine_name: "PC-01".into(), ip: "10.0.0.8".into(), system: "linux".into() },
        held: Vec::new(),
    }
}

async fn connect(world: &World, id: RobotId, connection: u64) {
    let (now, node) = (world.platform.now(), world.platform.node_id.clone());
    let renew =
        world.platform.store.write(move |tx| async move { nodes::renew(tx, &node, now, now + 30_000).await }.boxed());
    renew.await.unwrap();
    went_online(&world.platform, id, &hello(), connection).await.unwrap();
}

async fn names(world: &World, caller: &Caller, filter: &Filter) -> Vec<String> {
    let page = list(&world.platform, caller, filter).await.unwrap();
    assert!(page.total >= page.rows.len() as u64);
    page.rows.into_iter().map(|row| row.robot.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_is_made_with_the_usual_values_and_known_by_its_secret() {
    on_both(async |world| {
        let made = world.robot(world.north, "r1").await;
        let shown = query(&world.platform, &world.admin, made.id).await.unwrap();
        let row = &shown.robot;
        assert_eq!((row.name.as_str(), row.log_level.as_str(), row.max_tasks), ("r1", "info", 1));
        assert_eq!((row.resolution_width, row.resolution_height, row.resolution_depth), (1920, 1080, 32));
        assert_eq!((shown.state, shown.online_since, shown.has_machine_password), (RobotState::Offline, None, false));
        assert_eq!(row.secret_hash, "", "not even the hash is shown");
        let agent = authenticate_agent(&world.platform, made.secret.expose()).await.unwrap();
        assert_eq!(agent.id, made.id);
        let other = world.robot(world.north, "r2").await;
        let key = |secret: &Secret<String>| secret.expose().rsplit('_').next().unwrap().to_owned();
        let mixed = format!("bgr_{}_{}", made.id, key(&other.secret));
        for wrong in
            [mixed.as_str(), "", "bgr_1_00", &made.secret.expose()[..20], &format!("bgr_999_{}", "0".repeat(64))]
        {
            let refused = authenticate_agent(&world.platform, wrong).await;
            assert!(matches!(refused, Err(Error::Unauthenticated)), "{wrong}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_out_of_range_and_names_that_are_taken_are_refused() {
    on_both(async |world| {
        let made = world.robot(world.north, "r1").await;
        let machine = query(&world.platform, &world.admin, made.id).await.unwrap().robot.machine_id;
        let usual = || new_robot(world.north, machine, "r2");
        let wrong = [
            NewRobot { robot_type: 3, ..usual() },
            NewRobot { desktop_type: Some(-1), ..usual() },
            NewRobot { resolution_width: Some(0), ..usual() },
            NewRobot { resolution_depth: Some(i64::MAX), ..usual() },
            NewRobot { max_tasks: Some(65), ..usual() },
            NewRobot { name: " ".into(), ..usual() },
            NewRobot { machine_name: "a\nb".into(), ..usual() },
        ];
        for wrong in wrong {
            let refused = create(&world.platform, &world.admin, wrong).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        }
        let taken = create(&world.platform, &world.admin, NewRobot { name: "r1".into(), ..usual() }).await;
        assert!(matches!(&taken, Err(Error::AlreadyExists { kind: "robot", name }) if name == "r1"), "{taken:?}");
        assert_not_found(create(&world.platform, &world.admin, new_robot(world.north, 999, "r3")).await, "no machine");
        let elsewhere = NewRobot { department_id: world.south, name: "r1".into(), ..usual() };
        create(&world.platform, &world.admin, elsewhere).await.unwrap();
        assert_eq!(list(&world.platform, &world.admin, &Filter::all(all())).await.unwrap().total, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_machine_password_is_stored_sealed_to_its_row() {
    on_one(async |world| {
        let machine = world.robot(world.north, "r0").await;
        let machine_id = query(&world.platform, &world.admin, machine.id).await.unwrap().robot.machine_id;
        let new =
            NewRobot { machine_password: Some(Secret::new(CANARY.into())), ..new_robot(world.north, machine_id, "r1") };
        let made = create(&world.platform, &world.admin, new).await.unwrap();
        let shown = query(&world.platform, &world.admin, made.id).await.unwrap();
        assert!(shown.has_machine_password && shown.robot.machine_password.is_none());
        let mut stored = Vec::new();
        for file in std::fs::read_dir(world.database_folder().unwrap()).unwrap() {
            stored.extend(std::fs::read(file.unwrap().path()).unwrap());
        }
        let has = |text: &str| stored.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(has("v1|aes-256-gcm|1|"), "the search works");
        let secret = made.secret.expose();
        assert!(!has(CANARY) && !has(secret) && !has(secret.rsplit('_').next().unwrap()));
        let row = rows::find(&world.platform.store, &baigong_store::Scope::All, made.id).await.unwrap().unwrap();
        let place = |row| crate::keys::Place { table: "robot", row, column: "machine_password" };
        let sealed = row.machine_password.unwrap();
        let own = made.id.to_string();
        let opened = world.platform.keys.open(place(&own), &sealed).unwrap();
        assert_eq!(opened.expose(), CANARY.as_bytes());
        assert!(world.platform.keys.open(place("1"), &sealed).is_err(), "in no other row");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_an_old_connection_does_not_take_a_new_one_off_line() {
    on_both(async |world| {
        let robot = world.robot(world.north, "r1").await.id;
        let online = async || query(&world.platform, &world.admin, robot).await.unwrap().online_since.is_some();
        connect(world, robot, 1).await;
        assert!(online().await);
        connect(world, robot, u64::MAX).await;
        went_offline(&world.platform, robot, 1, false).await.unwrap();
        assert!(online().await, "the newer connection stands");
        went_offline(&world.platform, robot, u64::MAX, false).await.unwrap();
        assert!(!online().await);
        connect(world, robot, 3).await;
        world.clock.advance(30_000);
        assert!(!online().await, "its node is gone");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_by_state_process_and_word() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let group = crate::processes::query(&world.platform, &world.admin, process).await.unwrap().robot_group_id;
        let mut ids = Vec::new();
        for name in ["alpha", "beta_1", "beta%2"] {
            ids.push(world.robot(world.north, name).await.id);
        }
        world.robot(world.south, "delta").await;
        robot_groups::append(&world.platform, &world.admin, group, &ids[..2]).await.unwrap();
        connect(world, ids[0], 1).await;
        let usual = || Filter::all(all());
        assert_eq!(names(world, &world.admin, &usual()).await, ["alpha", "beta_1", "beta%2", "delta"]);
        assert_eq!(names(world, &world.souths, &usual()).await, ["delta"]);
        let of_process = Filter { process_id: Some(process), ..usual() };
        assert_eq!(names(world, &world.admin, &of_process).await, ["alpha", "beta_1"]);
        assert_not_found(list(&world.platform, &world.souths, &of_process).await, "robots of another's process");
        let in_state = |state| Filter { state: Some(state), ..usual() };
        assert_eq!(names(world, &world.admin, &in_state(0)).await, ["alpha"]);
        assert_eq!(names(world, &world.admin, &in_state(1)).await, [""; 0]);
        assert_eq!(names(world, &world.admin, &in_state(2)).await, ["beta_1", "beta%2", "delta"]);
        assert!(matches!(list(&world.platform, &world.admin, &in_state(3)).await, Err(Error::Invalid { .. })));
        let with = |keyword: &str| Filter::all(ListInput { keyword: Some(keyword.into()), ..all() });
        assert_eq!(names(world, &world.admin, &with("BETA")).await, ["beta_1", "beta%2"]);
        assert_eq!(names(world, &world.admin, &with("%")).await, ["beta%2"], "no pattern");
        assert_eq!(names(world, &world.admin, &with("_")).await, ["beta_1"]);
        assert_eq!(names(world, &world.admin, &with("!")).await, [""; 0]);
        let page = Filter::all(ListInput { page: Page::new(Some(2), Some(3)).unwrap(), ..all() });
        assert_eq!(names(world, &world.admin, &page).await, ["delta"]);
        let states = list(&world.platform, &world.admin, &usual()).await.unwrap().rows;
        assert_eq!(states.iter().map(|row| row.state.number()).collect::<Vec<_>>(), [0, 2, 2, 2]);
        assert_not_found(
            list(&world.platform, &world.admin, &Filter { trigger_id: Some(1), ..usual() }).await,
            "robots of a trigger",
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_follows_changes_here_at_once_and_elsewhere_within_a_second() {
    on_both(async |world| {
        let other = world.another().await;
        let total = async |platform: &Platform| list(platform, &world.admin, &Filter::all(all())).await.unwrap().total;
        assert_eq!((total(&world.platform).await, total(&other).await), (0, 0));
        world.robot(world.north, "r1").await;
        assert_eq!(total(&world.platform).await, 1);
        world.clock.advance(1000);
        assert_eq!(total(&other).await, 1);
        world.platform.counts.changed(lists::Table::Robots);
        assert_eq!(total(&world.platform).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_of_a_list_is_the_same_however_it_is_asked_for() {
    on_both(async |world| {
        let (a, b) = (world.robot(world.north, "a").await.id, world.robot(world.north, "b").await.id);
        let pool = pool_of(&world.platform, &world.norths, &[a, b]).await.unwrap();
        assert_eq!(pool_of(&world.platform, &world.admin, &[b, a, b]).await.unwrap(), pool);
        assert_ne!(pool_of(&world.platform, &world.admin, &[a]).await.unwrap(), pool);
        assert_eq!(pools::members(&world.platform.store, pool).await.unwrap(), [a, b]);
        assert!(pools::of_robot(&world.platform.store, a).await.unwrap().contains(&pool));
        let foreign = world.robot(world.south, "c").await.id;
        assert_not_found(pool_of(&world.platform, &world.norths, &[a, foreign]).await, "another's robot");
        assert!(matches!(pool_of(&world.platform, &world.norths, &[]).await, Err(Error::Invalid { .. })));
        let blind = without(world.north, Permission::RobotRead);
        assert!(matches!(query(&world.platform, &blind, a).await, Err(Error::Forbidden(_))));
    })
    .await;
}
