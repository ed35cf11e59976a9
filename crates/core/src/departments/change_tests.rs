//! Moving and deleting departments.

use baigong_model::{Error, Secret};
use baigong_store::departments as rows;
use futures_util::FutureExt;

use super::*;
use crate::{
    employees,
    testing::{PASSWORD, World, all, assert_not_found, on_both},
};

async fn below(world: &World, name: &str, parent_id: i64) -> i64 {
    create(&world.platform, &world.admin, NewDepartment { name: name.into(), parent_id }).await.unwrap()
}

async fn move_to(world: &World, id: i64, parent_id: i64) -> Result<()> {
    update(&world.platform, &world.admin, id, Change { name: None, parent_id: Some(parent_id), ..Change::default() })
        .await
}

async fn rename(world: &World, id: i64, name: &str) -> Result<()> {
    update(&world.platform, &world.admin, id, Change { name: Some(name.into()), parent_id: None, ..Change::default() })
        .await
}

async fn way_up(world: &World, id: i64) -> Vec<i64> {
    world.platform.departments.changed();
    tree(&world.platform).await.unwrap().upwards(id)
}

async fn user_in(world: &World, department_id: i64, username: &str) -> Result<i64> {
    let new = employees::NewEmployee {
        name: username.into(),
        username: username.into(),
        password: Secret::new(PASSWORD.into()),
        department_id,
        email: None,
        mobile: None,
        role_id: None,
        remark: None,
    };
    employees::create(&world.platform, &world.admin, new).await
}

#[track_caller]
fn assert_conflict<T: std::fmt::Debug>(result: Result<T>) {
    match result {
        Err(Error::Conflict(_)) => {}
        other => panic!("must be a conflict: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_is_renamed_and_moved_with_all_below_it() {
    on_both(async |world| {
        let a = below(world, "a", world.north).await;
        let b = below(world, "b", a).await;
        let both = Change { name: Some(" 运营 ".into()), parent_id: Some(world.south), ..Change::default() };
        update(&world.platform, &world.admin, a, both).await.unwrap();
        assert_eq!(way_up(world, b).await, [b, a, world.south, world.root]);
        let below_south = ListInput { department_id: Some(world.south), ..all() };
        let listed = list(&world.platform, &world.admin, &below_south).await.unwrap().rows;
        assert_eq!(listed.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["south", "运营", "b"]);
        below(world, "a", world.north).await;
        below(world, "a", world.south).await;
        let taken = rename(world, a, "a").await;
        assert!(matches!(taken, Err(Error::AlreadyExists { .. })), "{taken:?}");
        rename(world, world.root, "集团").await.unwrap();
        assert_eq!(tree(&world.platform).await.unwrap().get(world.root).unwrap().name, "集团");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_department_ends_up_below_itself_or_where_the_caller_cannot_see() {
    on_both(async |world| {
        let a = below(world, "a", world.north).await;
        let b = below(world, "b", a).await;
        for parent in [a, b] {
            assert_conflict(move_to(world, a, parent).await);
        }
        assert_conflict(move_to(world, world.root, world.north).await);
        move_to(world, world.root, 0).await.unwrap();
        for parent in [0, -1, 999] {
            assert_not_found(move_to(world, a, parent).await, "move");
        }
        let change = |parent| Change { name: None, parent_id: Some(parent), ..Change::default() };
        let north = &world.norths;
        assert_not_found(update(&world.platform, north, world.north, change(world.south)).await, "move away");
        assert_not_found(update(&world.platform, north, world.south, change(world.north)).await, "move here");
        assert_not_found(delete(&world.platform, north, world.south).await, "delete");
        assert_eq!(way_up(world, b).await, [b, a, world.north, world.root]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_moves_that_would_make_a_ring_one_is_refused() {
    on_both(async |world| {
        for round in 0..12 {
            let a = below(world, &format!("a{round}"), world.root).await;
            let b = below(world, &format!("b{round}"), world.root).await;
            let (down, up) = tokio::join!(move_to(world, a, b), move_to(world, b, a));
            assert_eq!(u8::from(down.is_ok()) + u8::from(up.is_ok()), 1, "{down:?} {up:?}");
            for id in [a, b] {
                assert_eq!(way_up(world, id).await.last(), Some(&world.root), "a ring has cut it off");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_department_goes_with_all_below_it_and_frees_their_names() {
    on_both(async |world| {
        let a = below(world, "a", world.north).await;
        let b = below(world, "b", a).await;
        delete(&world.platform, &world.admin, a).await.unwrap();
        assert_not_found(delete(&world.platform, &world.admin, a).await, "delete again");
        assert_not_found(rename(world, b, "c").await, "rename");
        assert_not_found(move_to(world, world.south, a).await, "move below");
        let in_deleted = create(&world.platform, &world.admin, NewDepartment { name: "c".into(), parent_id: b }).await;
        assert_not_found(in_deleted, "create below");
        let everything = ListInput { include_deleted: true, ..all() };
        let deleted = list(&world.platform, &world.admin, &everything).await.unwrap().rows;
        let deleted: Vec<i64> = deleted.into_iter().filter(|row| row.deleted_at.is_some()).map(|row| row.id).collect();
        assert_eq!(deleted, [a, b]);
        assert_eq!(list(&world.platform, &world.admin, &all()).await.unwrap().total, 3);
        below(world, "a", world.north).await;
        assert_conflict(delete(&world.platform, &world.admin, world.root).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_stays_as_long_as_anything_live_is_in_it_or_below() {
    on_both(async |world| {
        let a = below(world, "a", world.north).await;
        let b = below(world, "b", a).await;
        let user = user_in(world, b, "zhang").await.unwrap();
        assert_conflict(delete(&world.platform, &world.admin, a).await);
        employees::delete(&world.platform, &world.admin, user).await.unwrap();
        let robot = world.robot(b, "r").await.id;
        assert_conflict(delete(&world.platform, &world.admin, a).await);
        crate::robots::delete(&world.platform, &world.admin, robot).await.unwrap();
        let group = world.group(a, "g").await;
        assert_conflict(delete(&world.platform, &world.admin, a).await);
        crate::robot_groups::delete(&world.platform, &world.admin, group).await.unwrap();
        let package = world.package(b, "p").await;
        assert_conflict(delete(&world.platform, &world.admin, a).await);
        crate::packages::delete(&world.platform, &world.admin, package).await.unwrap();
        delete(&world.platform, &world.admin, a).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_put_into_a_department_while_it_is_being_deleted() {
    on_both(async |world| {
        for round in 0..8 {
            let name = format!("u{round}");
            let id = below(world, &name, world.north).await;
            let (made, deleted) = tokio::join!(user_in(world, id, &name), delete(&world.platform, &world.admin, id));
            assert!(
                made.is_ok() != deleted.is_ok(),
                "either the user is there or the department is gone: {made:?} {deleted:?}"
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_below_and_is_not_seen_is_neither_moved_nor_deleted() {
    on_both(async |world| {
        let a = below(world, "a", world.north).await;
        let b = below(world, "b", a).await;
        let sees = |ids: &[i64]| {
            let scope = Scope::Departments(Arc::new(ids.iter().copied().collect()));
            Caller::user(7, "auditor".into(), baigong_model::PermissionSet::all(), scope)
        };
        let (part, whole) = (sees(&[world.south, a]), sees(&[world.south, a, b]));
        let south = || Change { name: None, parent_id: Some(world.south), ..Change::default() };
        let moved = update(&world.platform, &part, a, south()).await;
        assert!(matches!(moved, Err(Error::Forbidden(_))), "{moved:?}");
        let deleted = delete(&world.platform, &part, a).await;
        assert!(matches!(deleted, Err(Error::Forbidden(_))), "{deleted:?}");
        update(&world.platform, &part, a, Change { name: Some("c".into()), parent_id: None, ..Change::default() })
            .await
            .unwrap();
        update(&world.platform, &whole, a, south()).await.unwrap();
        let own = Caller::user(8, "own".into(), baigong_model::PermissionSet::all(), Scope::own(8, b));
        world.group(b, "hidden name").await;
        let refused = delete(&world.platform, &own, b).await.unwrap_err().to_string();
        assert!(refused.contains("not empty") && !refused.contains("hidden name"), "{refused}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_any_kind_is_put_into_a_department_that_is_gone() {
    on_both(async |world| {
        // The tree in memory does not know yet: another node has just deleted it.
        let gone = below(world, "gone", world.north).await;
        tree(&world.platform).await.unwrap();
        let mark_deleted =
            world.platform.store.write(move |tx| async move { rows::delete(tx, &[gone], 1).await }.boxed());
        mark_deleted.await.unwrap();
        let (platform, admin) = (&world.platform, &world.admin);
        let queue = crate::queues::NewQueue { department_id: gone, name: "q".into(), ..Default::default() };
        assert_not_found(crate::queues::create(platform, admin, queue).await, "queue");
        let folder = crate::folders::create(platform, admin, gone, "/x").await;
        assert_not_found(folder, "folder");
        let file = world.folder().join("p.zip");
        crate::testing::pack(&file, crate::testing::MANIFEST);
        let package = crate::packages::NewPackage { department_id: gone, name: "p".into(), version: "1".into(), file };
        assert_not_found(crate::packages::create(platform, admin, package).await, "package");
    })
    .await;
}
