//! Pages through the marks beside the same pages counted from the newest task.

use baigong_store::{Scope, tasks as all};

use super::*;
use crate::{
    Caller, Platform,
    testing::{START, World, on_both},
};

/// Ids of a page through the marks, and of the same page counted from the newest task.
async fn both(world: &World, list: &Growing, number: i64, size: i64) -> ((Vec<i64>, u64), (Vec<i64>, u64)) {
    let (platform, page) = (&world.platform, Page::new(Some(number), Some(size)).unwrap());
    let ids = |page: PageOf<task::Model>| (page.rows.into_iter().map(|row| row.id).collect(), page.total);
    let quick = platform.task_positions.page(&platform.store, list, page, platform.now()).await.unwrap();
    let filter = all::Filter { process_id: list.process_id, ..all::Filter::default() };
    (ids(quick), ids(all::list(&platform.store, &list.scope, &filter, page).await.unwrap()))
}

async fn more_tasks(platform: &Platform, process: i64, count: i64) {
    let new = crate::tasks::NewTasks { process_id: process, total_count: Some(count), ..Default::default() };
    crate::tasks::create(platform, &Caller::platform(), new).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_the_same_wherever_it_is_entered() {
    on_both(async |world| {
        let one = world.process(world.north, "one").await;
        let other = world.process(world.north, "other").await;
        for _ in 0..4 {
            more_tasks(&world.platform, one, 901).await;
            more_tasks(&world.platform, other, 400).await;
        }
        for step in 0..3 {
            for process_id in [None, Some(one), Some(other)] {
                let list = Growing { scope: Scope::All, process_id };
                for (number, size) in
                    [(1, 100), (3, 999), (5, 1000), (26, 100), (45, 100), (53, 100), (5204, 1), (9, 1000)]
                {
                    let (quick, counted) = both(world, &list, number, size).await;
                    assert_eq!(quick, counted, "step {step}, {process_id:?}, page {number} of {size}");
                }
            }
            // First nothing has settled, then everything, then there is more.
            world.clock.advance(SETTLED_AFTER + FRESH_FOR);
            more_tasks(&world.platform, one, 10).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_has_settled_is_marked() {
    on_both(async |world| {
        let process = world.process(world.north, "one").await;
        more_tasks(&world.platform, process, 2500).await;
        let list = Growing { scope: Scope::All, process_id: None };
        let mut marks = Marks::default();
        marks.grow(&world.platform.store, &list, START).await.unwrap();
        assert!(marks.ids.is_empty(), "another node may still be committing an older id");
        marks.grow(&world.platform.store, &list, START + SETTLED_AFTER + 1).await.unwrap();
        assert_eq!(marks.ids.len(), 2);
        assert_eq!(marks.before(2_600), (marks.ids[1], 2000));
        assert_eq!(marks.before(999), (0, 0));
    })
    .await;
}
