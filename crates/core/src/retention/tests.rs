//! What is over goes after its time, and nothing else does.

use super::*;
use crate::{
    Caller, applications, messages,
    messages::NewMessage,
    operation_logs,
    operation_logs::{EntryQuery, NewEntry},
    testing::{World, all, on_both},
};

const DAY: i64 = 24 * 3_600_000;

async fn portal(world: &World) -> Caller {
    let new = applications::NewApplication { name: "portal".into(), ..Default::default() };
    let (id, _) = applications::create(&world.platform, &world.admin, new).await.unwrap();
    world.admin.clone().through(id, "portal")
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_go_when_they_have_been_over_for_as_long_as_is_set() {
    on_both(async |world| {
        let (platform, portal, now) = (&world.platform, portal(world).await, world.platform.now());
        let notice = |title: &str, until: i64| NewMessage {
            username: "admin".into(),
            title: title.into(),
            content: "内容".into(),
            valid_from: now - 900 * DAY,
            valid_until: until,
            users: vec![1],
            ..NewMessage::default()
        };
        // The last was over before it was told: the document's own example is.
        let told = vec![
            notice("short", now + DAY),
            notice("long", now + 900 * DAY),
            notice("taken back", now + 900 * DAY),
            notice("late", now - 400 * DAY),
        ];
        let ids = messages::tell(platform, &portal, told).await.unwrap();
        messages::take_back(platform, &portal, false, vec![ids[2]]).await.unwrap();
        assert_eq!(remove_messages(platform).await.unwrap(), 0, "nothing is old yet");
        world.clock.advance(90 * DAY + 1);
        assert_eq!(remove_messages(platform).await.unwrap(), 2, "taken back, or over when told");
        world.clock.advance(DAY);
        assert_eq!(remove_messages(platform).await.unwrap(), 1, "what was valid for a day");
        let left = messages::shown(platform, &world.admin, all().page).await.unwrap();
        assert_eq!(left.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [ids[1]]);
        world.clock.advance(2000 * DAY);
        let keeping = world.configured(|config| config.keep_messages = None).await;
        assert_eq!(remove_messages(&keeping).await.unwrap(), 0, "for ever");
        assert_eq!(remove_messages(platform).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operation_log_is_kept_for_ever_until_somebody_says_for_how_long() {
    on_both(async |world| {
        let (platform, portal) = (&world.platform, portal(world).await);
        // When it was done is what the application says; how old the row is, the platform knows.
        let entry = NewEntry { title: Some("测试".into()), operated_at: Some(1), ..NewEntry::default() };
        operation_logs::add(platform, &portal, entry.clone()).await.unwrap();
        world.clock.advance(10 * DAY);
        operation_logs::add(platform, &portal, entry).await.unwrap();
        world.clock.advance(25 * DAY);
        assert_eq!(remove_operation_logs(platform).await.unwrap(), 0, "for ever");
        let keeping = world.configured(|config| config.keep_operation_logs = Some(30 * DAY)).await;
        assert_eq!(remove_operation_logs(&keeping).await.unwrap(), 1);
        let left = operation_logs::list(platform, &portal, EntryQuery::default(), all().page).await.unwrap();
        assert_eq!((left.total, left.rows[0].row.operated_at), (1, 1), "the younger");
    })
    .await;
}
