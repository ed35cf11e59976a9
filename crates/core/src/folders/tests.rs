//! Trees of folders: what moves where, and what may not.

use baigong_model::Error;

use super::*;
use crate::testing::{World, all, assert_not_found, on_both};

async fn make(world: &World, path: &str) -> i64 {
    create(&world.platform, &world.norths, world.north, path).await.unwrap()
}

async fn paths(world: &World) -> Vec<String> {
    let rows = list(&world.platform, &world.norths, &all(), None).await.unwrap().rows;
    let mut paths: Vec<String> = rows.into_iter().map(|row| row.path).collect();
    paths.sort();
    paths
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_made_with_those_above_it_and_once() {
    on_both(async |world| {
        let id = make(world, "对账/2026/11").await;
        assert_eq!(paths(world).await, ["/对账", "/对账/2026", "/对账/2026/11"]);
        for path in ["/对账/2026/11/", "/", ""] {
            let again = create(&world.platform, &world.norths, world.north, path).await;
            assert!(matches!(again, Err(Error::AlreadyExists { kind: "folder", .. })), "{path}: {again:?}");
        }
        create(&world.platform, &world.souths, world.south, "/对账").await.unwrap();
        assert_not_found(create(&world.platform, &world.souths, world.north, "/x").await, "folder/create");
        assert_not_found(rename(&world.platform, &world.souths, id, "x").await, "folder/rename");
        assert_not_found(delete(&world.platform, &world.souths, id, true).await, "folder/delete");
        assert_not_found(list(&world.platform, &world.souths, &all(), Some(id)).await, "folder/list");
        let mine = list(&world.platform, &world.souths, &all(), None).await.unwrap();
        assert_eq!((mine.total, mine.rows[0].path.as_str()), (1, "/对账"));
        let parent = list(&world.platform, &world.norths, &all(), None).await.unwrap().rows[0].id;
        let inside = list(&world.platform, &world.norths, &all(), Some(parent)).await.unwrap();
        assert_eq!(inside.rows.iter().map(|row| row.path.as_str()).collect::<Vec<_>>(), ["/对账/2026"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_moves_and_is_renamed_with_everything_in_it() {
    on_both(async |world| {
        make(world, "/a/b/c").await;
        make(world, "/a/bc").await;
        make(world, "/z_%").await;
        let found = list(&world.platform, &world.norths, &all(), None).await.unwrap().rows;
        let id = |path: &str| found.iter().find(|row| row.path == path).unwrap().id;
        let (platform, caller) = (&world.platform, &world.norths);
        move_into(platform, caller, id("/a/b"), "/z_%").await.unwrap();
        assert_eq!(paths(world).await, ["/a", "/a/bc", "/z_%", "/z_%/b", "/z_%/b/c"]);
        rename(platform, caller, id("/z_%"), "年 终").await.unwrap();
        assert_eq!(paths(world).await, ["/a", "/a/bc", "/年 终", "/年 终/b", "/年 终/b/c"]);
        move_into(platform, caller, id("/a/b/c"), "/").await.unwrap();
        assert_eq!(paths(world).await, ["/a", "/a/bc", "/c", "/年 终", "/年 终/b"]);
        move_into(platform, caller, id("/z_%"), "/").await.unwrap();
        for into in ["/年 终", "/年 终/b"] {
            let ring = move_into(platform, caller, id("/z_%"), into).await;
            assert!(matches!(ring, Err(Error::Conflict(_))), "{into}: {ring:?}");
        }
        assert_not_found(move_into(platform, caller, id("/a"), "/nowhere").await, "folder/move");
        let taken = rename(platform, caller, id("/a"), "c").await;
        assert!(matches!(taken, Err(Error::AlreadyExists { .. })), "{taken:?}");
        let root = find_root(world).await;
        for refused in [
            rename(platform, caller, root, "x").await,
            move_into(platform, caller, root, "/a").await,
            delete(platform, caller, root, true).await.map(drop),
        ] {
            assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        }
        assert_eq!(paths(world).await, ["/a", "/a/bc", "/c", "/年 终", "/年 终/b"]);
    })
    .await;
}

async fn find_root(world: &World) -> i64 {
    list(&world.platform, &world.norths, &all(), None).await.unwrap().rows[0].parent_id.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_would_be_too_deep_is_refused() {
    on_both(async |world| {
        make(world, "/a/b").await;
        make(world, &"x/".repeat(15)).await;
        let found = list(&world.platform, &world.norths, &all(), None).await.unwrap().rows;
        let a = found.iter().find(|row| row.path == "/a").unwrap().id;
        let deep = |count: usize| format!("/{}", vec!["x"; count].join("/"));
        let refused = move_into(&world.platform, &world.norths, a, &deep(15)).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        move_into(&world.platform, &world.norths, a, &deep(14)).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_moves_at_once_make_no_ring() {
    on_both(async |world| {
        for round in 0..8 {
            let (a, b) = (format!("/a{round}"), format!("/b{round}"));
            let ids = [make(world, &a).await, make(world, &b).await];
            let other = world.another().await;
            let (first, second) = tokio::join!(
                move_into(&world.platform, &world.norths, ids[0], &b),
                move_into(&other, &world.norths, ids[1], &a)
            );
            assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        }
        let rows = list(&world.platform, &world.norths, &all(), None).await.unwrap().rows;
        let root = find_parentless(&rows);
        for row in &rows {
            let (mut here, mut steps) = (row.clone(), 0);
            while let Some(parent) = rows.iter().find(|other| Some(other.id) == here.parent_id) {
                (here, steps) = (parent.clone(), steps + 1);
                assert!(steps < 3, "{} is in a ring", row.path);
            }
            assert_eq!(here.parent_id, Some(root), "{}", row.path);
        }
    })
    .await;
}

/// The folder above that is not listed: the root.
fn find_parentless(rows: &[folder::Model]) -> i64 {
    let is_listed = |id: i64| rows.iter().any(|row| row.id == id);
    rows.iter().filter_map(|row| row.parent_id).find(|parent| !is_listed(*parent)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_not_empty_is_deleted_only_with_what_is_in_it() {
    on_both(async |world| {
        make(world, "/a/b").await;
        make(world, "/ab").await;
        let found = list(&world.platform, &world.norths, &all(), None).await.unwrap().rows;
        let id = found.iter().find(|row| row.path == "/a").unwrap().id;
        let refused = delete(&world.platform, &world.norths, id, false).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        assert_eq!(delete(&world.platform, &world.norths, id, true).await.unwrap(), 0);
        assert_eq!(paths(world).await, ["/ab"]);
        assert_not_found(delete(&world.platform, &world.norths, id, true).await, "folder/delete");
        make(world, "/a").await;
        let own = baigong_store::Scope::own(77, world.north);
        let own = Caller::user(77, "own".into(), baigong_model::PermissionSet::all(), own);
        let mine = create(&world.platform, &own, world.north, "/mine").await.unwrap();
        create(&world.platform, &world.norths, world.north, "/mine/theirs").await.unwrap();
        let refused = delete(&world.platform, &own, mine, true).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_that_is_left_does_not_keep_a_department() {
    on_both(async |world| {
        let id = make(world, "/a").await;
        let refused = crate::departments::delete(&world.platform, &world.admin, world.north).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        delete(&world.platform, &world.norths, id, false).await.unwrap();
        crate::departments::delete(&world.platform, &world.admin, world.north).await.unwrap();
    })
    .await;
}
