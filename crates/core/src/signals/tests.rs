//! Words between nodes: who hears what, and who stays silent.

use std::collections::HashSet;

use super::*;
use crate::testing::{migrated_world, on_both};

/// The pools a platform would look at next.
fn heard(platform: &Platform) -> HashSet<PoolId> {
    platform.dispatch.heard_of()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_reaches_the_other_node_and_is_not_passed_on() {
    on_both(async |world| {
        let (here, there) = (&world.platform, world.another().await);
        crate::nodes::start(here).await.unwrap();
        crate::nodes::start(&there).await.unwrap();
        let (Some(mut own), Some(mut other)) = (listen(here).await.unwrap(), listen(&there).await.unwrap()) else {
            here.signals.pools([7]);
            assert_eq!(speak(here).await.unwrap(), 0, "on SQLite there is nobody to tell");
            return;
        };
        here.signals.pools([7, 9]);
        here.signals.pools([7]);
        assert_eq!(speak(here).await.unwrap(), 1, "one word for all");
        hear(&there, &mut other).await.unwrap();
        assert_eq!(heard(&there), HashSet::from([7, 9]));
        hear(here, &mut own).await.unwrap();
        assert_eq!(heard(here), HashSet::new(), "one's own words are nothing new");
        crate::dispatch::run_once(&there).await.unwrap();
        assert_eq!(speak(&there).await.unwrap(), 0, "what was heard is not told again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_robot_reaches_the_node_that_has_it() {
    migrated_world(async |world| {
        let (here, there) = (&world.platform, world.another().await);
        crate::nodes::start(here).await.unwrap();
        crate::nodes::start(&there).await.unwrap();
        let mut ear = listen(&there).await.unwrap().unwrap();
        let id = world.robot(world.north, "r").await.id;
        let robot = baigong_store::robots::find(&there.store, &baigong_store::Scope::All, id).await.unwrap().unwrap();
        let hello = crate::robots::tests::hello();
        crate::robot_sessions::connect(&there, &robot, &hello, crate::testing::silent()).await.unwrap();
        let change = robots::Change { max_tasks: Some(3), ..robots::Change::default() };
        robots::update(here, &world.admin, id, change).await.unwrap();
        assert_eq!(speak(here).await.unwrap(), 1);
        hear(&there, &mut ear).await.unwrap();
        assert!(there.links.look(id, |_| ()).is_none(), "its agent connects anew at once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_here_can_take_is_told_and_a_node_alone_tells_nobody() {
    on_both(async |world| {
        let platform = &world.platform;
        crate::nodes::start(platform).await.unwrap();
        platform.dispatch.wake(5);
        assert_eq!(crate::dispatch::run_once(platform).await.unwrap(), 0);
        assert!(platform.signals.waiting.lock().unwrap().pools.contains(&5));
        assert_eq!(speak(platform).await.unwrap(), 0);
        assert!(platform.signals.waiting.lock().unwrap().pools.is_empty());
    })
    .await;
}
