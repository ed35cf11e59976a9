//! Notices: who is told, how often, and what becomes of what cannot be told.

use baigong_model::{NoticeState, Parameter, Secret};

use super::*;
use crate::{
    deadlines,
    tasks::{self, NewTasks},
    testing::{World, on_both},
    warn_channels::{self, ChannelChange, NewChannel, Way},
};

/// A task of `process` that may wait for a minute.
pub(crate) async fn task(world: &World, process: i64, is_warn: bool, warn_type: Option<i64>) -> i64 {
    let new = NewTasks {
        process_id: process,
        is_warn,
        warn_type,
        max_waiting_time: 1,
        in_parameters: vec![Parameter::new("file", "CANARY")],
        ..NewTasks::default()
    };
    tasks::create(&world.platform, &world.admin, new).await.unwrap()[0]
}

/// Makes what waits wait for too long.
async fn expire(world: &World) {
    world.clock.advance(61_000);
    deadlines::expire_waiting(&world.platform).await.unwrap();
}

async fn mail(world: &World, department: i64, to: &str) -> i64 {
    let change = ChannelChange {
        name: Some(format!("mail {to}")),
        host: Some("mail.example.com".into()),
        from: Some("rpa@example.com".into()),
        to: Some(vec![to.into()]),
        ..ChannelChange::default()
    };
    let new = NewChannel { department_id: department, warn_type: 0, format: None, change };
    warn_channels::create(&world.platform, &world.admin, new).await.unwrap()
}

async fn hook(world: &World, department: i64, name: &str) -> i64 {
    let change = ChannelChange {
        name: Some(name.into()),
        url: Some(Secret::new(format!("https://hook.example.com/{name}?key=CANARY"))),
        ..ChannelChange::default()
    };
    let new = NewChannel { department_id: department, warn_type: 2, format: None, change };
    warn_channels::create(&world.platform, &world.admin, new).await.unwrap()
}

async fn all(world: &World) -> Vec<notice::Model> {
    let page = Page::new(None, None).unwrap();
    let query = NoticeQuery { department_id: None, state: None, kind: None, channel_id: None, page };
    let mut rows = list(&world.platform, &world.admin, query).await.unwrap().rows;
    rows.reverse();
    rows
}

fn recipients(delivery: &Delivery) -> &[String] {
    match &delivery.way {
        Way::Mail(mail) => &mail.to,
        Way::Webhook(_) => &[],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_is_told_once_to_the_nearest_channels_and_the_creator_if_the_task_asked_for_it() {
    on_both(async |world| {
        let (north, south) = (world.process(world.north, "north").await, world.process(world.south, "south").await);
        mail(world, world.root, "root@example.com").await;
        mail(world, world.north, "north@example.com").await;
        hook(world, world.north, "group").await;
        task(world, north, false, Some(0)).await;
        let warned = task(world, north, true, Some(0)).await;
        task(world, south, true, Some(0)).await;
        expire(world).await;
        let sent = due(&world.platform).await.unwrap();
        let to: Vec<_> = sent.iter().map(|it| (it.notice.object_id.unwrap(), recipients(it))).collect();
        let admin = "admin@baigong.local".to_owned();
        assert_eq!(to[0], (warned, &["north@example.com".to_owned(), admin.clone()][..]));
        assert_eq!(to[1].1, ["root@example.com".to_owned(), admin]);
        assert_eq!(to.len(), 2, "the third asked for nothing");
        assert_eq!(sent[0].message.title, "[百工] 任务等待超时：north");
        assert!(sent[0].message.text.contains("部门：north") && !format!("{sent:?}").contains("CANARY"));
        assert!(due(&world.platform).await.unwrap().is_empty(), "whoever sends a notice holds it");
        settle(&world.platform, &sent[0], None).await.unwrap();
        assert_eq!(all(world).await[0].state, "sent");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_type_that_was_asked_for_chooses_the_channel_and_without_one_nobody_is_told_and_it_shows() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        hook(world, world.north, "group").await;
        task(world, process, true, Some(2)).await;
        task(world, process, true, Some(1)).await;
        task(world, process, true, None).await;
        expire(world).await;
        let sent = due(&world.platform).await.unwrap();
        assert_eq!(sent.len(), 1, "the third is told together with the first");
        let Way::Webhook(webhook) = &sent[0].way else { panic!("{sent:?}") };
        assert_eq!(webhook.url.expose(), "https://hook.example.com/group?key=CANARY");
        let states: Vec<_> = all(world).await.into_iter().map(|row| row.state).collect();
        assert_eq!(states, ["waiting", "no-channel", "waiting"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_is_told_twice_and_the_second_message_counts_it() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        mail(world, world.north, "north@example.com").await;
        for _ in 0..25 {
            task(world, process, true, Some(0)).await;
        }
        expire(world).await;
        let first = due(&world.platform).await.unwrap();
        assert_eq!((first.len(), first[0].notice.occurrences), (1, 1));
        settle(&world.platform, &first[0], None).await.unwrap();
        world.clock.advance(59_000);
        assert!(due(&world.platform).await.unwrap().is_empty());
        world.clock.advance(1_000);
        let second = due(&world.platform).await.unwrap();
        assert_eq!((second.len(), second[0].notice.occurrences), (1, 24));
        assert!(second[0].message.title.ends_with("（共 24 次）"), "{}", second[0].message.title);
        let merged = all(world).await.iter().filter(|row| row.merged_into == Some(second[0].notice.id)).count();
        assert_eq!(merged, 23);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_tried_again_and_given_up_where_everybody_sees_it() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        mail(world, world.north, "north@example.com").await;
        task(world, process, true, Some(0)).await;
        expire(world).await;
        let mut ids = std::collections::BTreeSet::new();
        for attempt in 1..=8 {
            let sent = due(&world.platform).await.unwrap();
            assert_eq!((sent.len(), sent[0].notice.attempts), (1, attempt));
            ids.insert(sent[0].message_id.clone());
            settle(&world.platform, &sent[0], Some("refused".into())).await.unwrap();
            let row = all(world).await.remove(0);
            assert_eq!(row.last_error.as_deref(), Some("refused"));
            assert_eq!(row.state, if attempt < 8 { "waiting" } else { "failed" });
            assert!(due(&world.platform).await.unwrap().is_empty(), "not before its time");
            world.clock.advance(row.next_try.map_or(0, |next| next - world.platform.now()));
        }
        assert_eq!(ids.len(), 1, "every try carries the same id");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_died_is_replaced_and_cannot_overwrite_its_successor() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        mail(world, world.north, "north@example.com").await;
        task(world, process, true, Some(0)).await;
        expire(world).await;
        let dead = due(&world.platform).await.unwrap();
        world.clock.advance(120_000);
        let other = world.another().await;
        let next = due(&other).await.unwrap();
        assert_eq!(next[0].message_id, dead[0].message_id);
        settle(&other, &next[0], None).await.unwrap();
        settle(&world.platform, &dead[0], Some("too late".into())).await.unwrap();
        assert_eq!(all(world).await[0].state, "sent");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_is_stored_once_goes_to_every_channel_that_takes_its_level_and_dies_with_its_transaction() {
    on_both(async |world| {
        mail(world, world.north, "north@example.com").await;
        let errors_only = hook(world, world.north, "errors").await;
        let change = ChannelChange { least_level: Some(2), ..ChannelChange::default() };
        warn_channels::update(&world.platform, &world.admin, errors_only, change).await.unwrap();
        hook(world, world.north, "group").await;
        let (department, now) = (world.north, world.platform.now());
        let write = async |fails: bool| {
            let work = world.platform.store.write(move |tx| {
                async move {
                    let warning = Warning {
                        kind: NoticeKind::CalendarEnding,
                        department_id: department,
                        object_id: Some(7),
                        once: "7.2026".into(),
                        texts: vec![("calendar", "上交所".into()), ("until", "2026-12-31".into())],
                    };
                    warn(tx, warning, now).await?;
                    if fails { Err(baigong_model::Error::conflict("on purpose")) } else { Ok(()) }
                }
                .boxed()
            });
            work.await
        };
        write(true).await.unwrap_err();
        assert!(all(world).await.is_empty());
        write(false).await.unwrap();
        write(false).await.unwrap();
        let sent = due(&world.platform).await.unwrap();
        assert_eq!(sent.len(), 2, "mail and group, not errors");
        assert_eq!(recipients(&sent[0]), ["north@example.com"], "nobody created it");
        assert!(sent[0].message.text.contains("上交所") && sent[0].message.text.contains("2026-12-31"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_are_seen_by_their_department_and_forgotten_after_their_time() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        task(world, process, true, Some(0)).await;
        expire(world).await;
        due(&world.platform).await.unwrap();
        let page = Page::new(None, None).unwrap();
        let query = NoticeQuery {
            department_id: None,
            state: Some(NoticeState::NoChannel),
            kind: None,
            channel_id: None,
            page,
        };
        assert_eq!(list(&world.platform, &world.norths, query.clone()).await.unwrap().total, 1);
        assert_eq!(list(&world.platform, &world.souths, query).await.unwrap().total, 0);
        assert_eq!(forget(&world.platform).await.unwrap(), 0);
        world.clock.advance(KEPT + 1);
        assert_eq!(forget(&world.platform).await.unwrap(), 1);
    })
    .await;
}
