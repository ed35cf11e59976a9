//! Making and listing departments.

use baigong_model::{Error, Page};

use super::*;
use crate::testing::{World, all, assert_not_found, on_both};

async fn make(world: &World, name: &str, parent_id: i64) -> Result<DepartmentId> {
    create(&world.platform, &world.admin, NewDepartment { name: name.into(), parent_id }).await
}

async fn names(world: &World, caller: &Caller, input: &ListInput) -> Vec<String> {
    list(&world.platform, caller, input).await.unwrap().rows.into_iter().map(|row| row.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn parents_come_first_and_pages_follow_one_another() {
    on_both(async |world| {
        let a = make(world, "Alpha", world.north).await.unwrap();
        make(world, "beta", world.south).await.unwrap();
        make(world, "gamma", a).await.unwrap();
        let everything = names(world, &world.admin, &all()).await;
        assert_eq!(everything, ["总公司", "north", "south", "Alpha", "beta", "gamma"]);
        let page = |number| ListInput { page: Page::new(Some(number), Some(4)).unwrap(), ..all() };
        assert_eq!(names(world, &world.admin, &page(2)).await, ["beta", "gamma"]);
        assert_eq!(list(&world.platform, &world.admin, &page(9)).await.unwrap().total, 6);
        let below = ListInput { department_id: Some(world.north), ..all() };
        assert_eq!(names(world, &world.admin, &below).await, ["north", "Alpha", "gamma"]);
        let word = ListInput { keyword: Some("ALPH".into()), ..all() };
        assert_eq!(names(world, &world.admin, &word).await, ["Alpha"]);
        assert_eq!(names(world, &world.norths, &all()).await, ["north"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_unique_among_its_siblings_only() {
    on_both(async |world| {
        make(world, "team", world.north).await.unwrap();
        make(world, "team", world.south).await.unwrap();
        let again = make(world, " team ", world.north).await;
        assert!(matches!(&again, Err(Error::AlreadyExists { name, .. }) if name == "team"), "{again:?}");
        assert!(matches!(make(world, " ", world.north).await, Err(Error::Invalid { .. })));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_grows_only_where_the_caller_sees() {
    on_both(async |world| {
        let new = |parent_id| NewDepartment { name: "x".into(), parent_id };
        assert_not_found(create(&world.platform, &world.norths, new(world.south)).await, "create below another's");
        assert_not_found(create(&world.platform, &world.admin, new(0)).await, "create a second root");
        assert_not_found(create(&world.platform, &world.admin, new(999)).await, "create below nothing");
        create(&world.platform, &world.norths, new(world.north)).await.unwrap();
        assert_not_found(scope_of(&world.platform, &world.norths, Some(world.south)).await, "another's subtree");
        assert_not_found(scope_of(&world.platform, &world.admin, Some(999)).await, "a subtree of nothing");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_on_another_node_is_seen_within_a_second() {
    on_both(async |world| {
        let other = world.another().await;
        assert_eq!(list(&other, &world.admin, &all()).await.unwrap().total, 3);
        make(world, "team", world.north).await.unwrap();
        assert_eq!(list(&world.platform, &world.admin, &all()).await.unwrap().total, 4, "at once where it was made");
        world.clock.advance(1000);
        assert_eq!(list(&other, &world.admin, &all()).await.unwrap().total, 4);
    })
    .await;
}
