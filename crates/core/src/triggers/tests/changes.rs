//! Making, changing and deleting triggers.

use baigong_model::Error;
use baigong_store::audits;

use super::*;
use crate::testing::{all, assert_not_found, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_refused() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let good = each("0 * * * * ?", process);
        for (wrong, field) in [
            (Change { cron: Some("0 0 0 1 1".repeat(2)), ..good.clone() }, "cronExpression"),
            (Change { cron: Some("0 0 25 * * ?".into()), ..good.clone() }, "cronExpression"),
            (Change { cron: Some("0 0 0 1 1 ? 2020".into()), ..good.clone() }, "cronExpression"),
            (Change { time_zone: Some("Mars/Olympus".into()), ..good.clone() }, "timeZone"),
            (Change { assign_type: Some(3), ..good.clone() }, "assignType"),
            (Change { assign_type: Some(2), ..good.clone() }, "robotIds"),
            (Change { priority: Some(9), ..good.clone() }, "priority"),
            (Change { warn_type: Some(3), ..good.clone() }, "warnType"),
            (Change { max_run_time: Some(-1), ..good.clone() }, "maxRunTime"),
            (Change { uses_calendar: Some(true), ..good.clone() }, "calendarId"),
            (Change { trigger_type: Some(1), ..good.clone() }, "queueId"),
            (Change { trigger_type: Some(2), ..good.clone() }, "triggerType"),
            (Change { queue_threshold: Some(0), ..good.clone() }, "queueThreshold"),
            (Change { misfire_policy: Some("never".into()), ..good.clone() }, "misfirePolicy"),
            (Change { overlap_policy: Some("never".into()), ..good.clone() }, "overlapPolicy"),
            (Change { start_at: Some(2), end_at: Some(1), ..good.clone() }, "endTime"),
            (Change { name: Some(" ".into()), ..good.clone() }, "triggerName"),
        ] {
            let refused = create(&world.platform, &world.norths, world.north, wrong).await;
            assert!(matches!(&refused, Err(Error::Invalid { field: at, .. }) if at == field), "{field}: {refused:?}");
        }
        let id = make(world, good.clone()).await;
        let taken = create(&world.platform, &world.norths, world.north, good).await;
        assert!(matches!(taken, Err(Error::AlreadyExists { kind: "trigger", .. })), "{taken:?}");
        let refused =
            update(&world.platform, &world.norths, id, Change { cron: Some("* *".into()), ..Default::default() });
        assert!(refused.await.is_err());
        assert_eq!(query(&world.platform, &world.norths, id).await.unwrap().trigger.cron, "0 * * * * ?");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_department_has_is_not_run() {
    on_both(async |world| {
        let (platform, stranger) = (&world.platform, &world.souths);
        let process = world.process(world.north, "p").await;
        let robot = world.robot(world.north, "r").await.id;
        let group = world.group(world.north, "g").await;
        let own = world.process(world.south, "own").await;
        let id = make(world, each("0 * * * * ?", process)).await;
        assert_not_found(create(platform, stranger, world.north, each("0 * * * * ?", own)).await, "into a department");
        assert_not_found(create(platform, stranger, world.south, each("0 * * * * ?", process)).await, "of a process");
        let with_group = Change { robot_group_id: Some(group), ..each("0 * * * * ?", own) };
        assert_not_found(create(platform, stranger, world.south, with_group).await, "on a group");
        let with_robot = Change { assign_type: Some(2), robot_ids: Some(vec![robot]), ..each("0 * * * * ?", own) };
        assert_not_found(create(platform, stranger, world.south, with_robot).await, "on a robot");
        assert_not_found(query(platform, stranger, id).await, "trigger/query");
        assert_not_found(update(platform, stranger, id, Change::default()).await, "trigger/update");
        assert_not_found(delete(platform, stranger, id).await, "trigger/delete");
        let page = Page::new(None, None).unwrap();
        assert_not_found(firings(platform, stranger, id, FiringFilter::default(), page).await, "trigger/firing/list");
        let input = PreviewInput { trigger_id: Some(id), ..Default::default() };
        assert_not_found(preview(platform, stranger, input).await, "trigger/preview");
        let everything = |process_id| Filter { list: all(), is_activated: None, process_id };
        assert_eq!(list(platform, stranger, &everything(None)).await.unwrap().total, 0);
        assert_not_found(list(platform, stranger, &everything(Some(process))).await, "trigger/list of a process");
        assert_eq!(list(platform, &world.norths, &everything(Some(process))).await.unwrap().total, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_that_is_deactivated_fires_nothing_and_catches_up_nothing() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let id = make(world, each("0 * * * * ?", process)).await;
        let activate = async |wanted| {
            let change = Change { is_activated: Some(wanted), ..Default::default() };
            update(&world.platform, &world.norths, id, change).await.unwrap();
        };
        after(world, 60).await;
        // The next instant has come when a person stops it.
        world.clock.advance(60_000);
        activate(false).await;
        after(world, 300).await;
        assert_eq!(outcomes(world, id).await, [fired(60), skipped(120, "deactivated")]);
        activate(true).await;
        let other = Change { cron: Some("0 * * ? * *".into()), ..Default::default() };
        update(&world.platform, &world.norths, id, other).await.unwrap();
        after(world, 59).await;
        assert_eq!(outcomes(world, id).await.len(), 2);
        after(world, 1).await;
        assert_eq!(outcomes(world, id).await.last(), Some(&fired(480)));
        let only = |wanted| Filter { list: all(), is_activated: Some(wanted), process_id: None };
        let count = async |wanted| list(&world.platform, &world.norths, &only(wanted)).await.unwrap().total;
        assert_eq!((count(true).await, count(false).await), (1, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_takes_hold_at_once_and_a_name_changes_no_time() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let id = make(world, each("0 * * * * ?", process)).await;
        let next = async || query(&world.platform, &world.norths, id).await.unwrap().trigger.next_fire_at;
        world.clock.advance(30_000);
        let change = Change { name: Some("other".into()), priority: Some(2), ..Default::default() };
        update(&world.platform, &world.norths, id, change).await.unwrap();
        assert_eq!(next().await, Some(START + 60_000));
        let change = Change { cron: Some("*/10 * * * *".into()), ..Default::default() };
        update(&world.platform, &world.norths, id, change).await.unwrap();
        assert_eq!(next().await, Some(START + 600_000), "a Unix expression too");
        let change = Change { end_at: Some(START + 700_000), ..Default::default() };
        update(&world.platform, &world.norths, id, change).await.unwrap();
        after(world, 600).await;
        assert_eq!((outcomes(world, id).await.len(), next().await), (1, None), "its end is kept");
        let words: Vec<_> = audits::of_object(&world.platform.store, "trigger", id).await.unwrap();
        assert_eq!(
            words.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(),
            ["create", "update", "update", "update"]
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_trigger_is_still_shown_and_fires_no_more() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let id = make(world, each("0 * * * * ?", process)).await;
        delete(&world.platform, &world.norths, id).await.unwrap();
        after(world, 120).await;
        assert!(rows(world, id).await.is_empty());
        assert!(query(&world.platform, &world.norths, id).await.unwrap().trigger.deleted_at.is_some());
        assert_not_found(delete(&world.platform, &world.norths, id).await, "delete again");
        assert_not_found(update(&world.platform, &world.norths, id, Change::default()).await, "update");
        let live = Filter { list: all(), is_activated: None, process_id: None };
        assert_eq!(list(&world.platform, &world.norths, &live).await.unwrap().total, 0);
        make(world, each("0 * * * * ?", process)).await;
    })
    .await;
}
