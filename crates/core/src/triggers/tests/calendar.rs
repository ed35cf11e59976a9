//! Days off, years that a calendar does not know, days on which the clocks change.

use baigong_model::Error;

use super::*;
use crate::{calendars, testing::on_both};

async fn days_off(world: &World, days: &[&str]) -> i64 {
    let new = calendars::NewCalendar {
        name: "ours".into(),
        non_working_days: days.iter().map(|day| (*day).to_owned()).collect(),
    };
    calendars::create(&world.platform, &world.admin, new).await.unwrap()
}

/// The calendar that comes with the platform under this code.
async fn shipped(world: &World, part: &str) -> i64 {
    let list = calendars::list(&world.platform, &world.admin, &crate::testing::all()).await.unwrap();
    let found = list.rows.iter().find(|row| row.row.shipped_code.as_deref() == Some(part));
    found.unwrap_or_else(|| panic!("no {part}")).row.id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_off_is_skipped_and_its_row_says_which() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let calendar = days_off(world, &["2027-01-16", "2027-01-17"]).await;
        let change = Change { uses_calendar: Some(true), calendar_id: Some(calendar), ..each("0 0 9 * * ?", process) };
        let id = make(world, change.clone()).await;
        let plain = make(world, Change { uses_calendar: Some(false), name: Some("plain".into()), ..change }).await;
        // 09:00 in Shanghai on the 16th, 17th and 18th.
        for hours in [17, 24, 24] {
            after(world, hours * 3600).await;
        }
        let expected = [skipped(61_200, "calendarDayOff"), skipped(147_600, "calendarDayOff"), fired(234_000)];
        assert_eq!(outcomes(world, id).await, expected);
        assert!(rows(world, id).await[0].detail.as_deref().unwrap().starts_with("2027-01-16"));
        assert_eq!(outcomes(world, plain).await, [fired(61_200), fired(147_600), fired(234_000)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_weekend_does_not_stand_in_for_a_missed_friday() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let calendar = days_off(world, &["2027-01-16", "2027-01-17"]).await;
        let change = Change { uses_calendar: Some(true), calendar_id: Some(calendar), ..each("0 0 17 * * ?", process) };
        let id = make(world, change).await;
        // Down from Friday afternoon to Monday morning.
        after(world, 64 * 3600).await;
        let friday = (3600, "fired".to_owned(), "misfire".to_owned(), 1);
        let expected = [friday, skipped(90_000, "calendarDayOff"), skipped(176_400, "calendarDayOff")];
        assert_eq!(outcomes(world, id).await, expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_that_the_calendar_does_not_know_does_not_fire() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let calendar = shipped(world, "XSHG").await;
        let change = Change { uses_calendar: Some(true), calendar_id: Some(calendar), ..each("0 0 17 * * ?", process) };
        let id = make(world, change).await;
        after(world, 3600).await;
        assert_eq!(outcomes(world, id).await, [skipped(3600, "calendarYearUnknown")]);
        assert!(all_tasks(world).await.is_empty());
        let ahead = PreviewInput { trigger_id: Some(id), ..Default::default() };
        let ahead = preview(&world.platform, &world.norths, ahead).await.unwrap();
        assert!(ahead.firings.is_empty() && !ahead.is_complete);
        assert_eq!(ahead.skipped.len(), 1, "said once, not of every day to come");
        assert_eq!(ahead.skipped[0].reason.as_str(), "calendarYearUnknown");
        let detail = ahead.skipped[0].detail.as_deref().unwrap();
        assert!(detail.contains("knows no day after 20"), "{detail}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_in_use_is_not_deleted_and_a_named_one_is_there() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let calendar = days_off(world, &["2027-01-16"]).await;
        let change = Change { uses_calendar: Some(true), calendar_id: Some(calendar), ..each("0 0 17 * * ?", process) };
        let id = make(world, change).await;
        let refused = calendars::delete(&world.platform, &world.admin, calendar).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        let without = Change { calendar_id: Some(0), ..Default::default() };
        let refused = update(&world.platform, &world.norths, id, without).await;
        assert!(matches!(&refused, Err(Error::Invalid { field, .. }) if field == "calendarId"), "{refused:?}");
        let unused = Change { uses_calendar: Some(false), ..Default::default() };
        update(&world.platform, &world.norths, id, unused).await.unwrap();
        calendars::delete(&world.platform, &world.admin, calendar).await.unwrap();
        let again = Change { uses_calendar: Some(true), calendar_id: Some(calendar), ..Default::default() };
        crate::testing::assert_not_found(update(&world.platform, &world.norths, id, again).await, "a deleted calendar");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_change_lose_nothing_and_fire_nothing_twice() {
    on_both(async |world| {
        let process = world.process(world.north, "p").await;
        let of = |cron: &str| Change { time_zone: Some("America/New_York".into()), ..each(cron, process) };
        // 02:30 does not exist on 14 March 2027: it fires at 03:00, which is 07:00 UTC.
        let spring = make(world, of("0 30 2 * * ?")).await;
        let march = (1_805_007_600_000 - START) / 1000;
        after(world, march - 3600).await;
        let before = rows(world, spring).await.len();
        after(world, 3600).await;
        let fired_at = rows(world, spring).await[before..].iter().map(|row| row.fire_at).collect::<Vec<_>>();
        assert_eq!(fired_at, [1_805_007_600_000]);
        after(world, 24 * 3600).await;
        assert_eq!(rows(world, spring).await.last().unwrap().fire_at, 1_805_007_600_000 + 86_400_000 - 1_800_000);
        // 01:30 comes twice on 7 November 2027: it fires in the first pass, 05:30 UTC, and not again at 06:30.
        let autumn = make(world, of("0 30 1 * * ?")).await;
        let november = 1_825_565_400_000;
        world.clock.advance(november - world.platform.now() - 1000);
        run_once(&world.platform).await.unwrap();
        let before = rows(world, autumn).await.len();
        for _ in 0..3 {
            after(world, 1800).await;
        }
        let fired_at = rows(world, autumn).await[before..].iter().map(|row| row.fire_at).collect::<Vec<_>>();
        assert_eq!(fired_at, [november]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_what_will_happen_and_why_not() {
    on_both(async |world| {
        let calendar = days_off(world, &["2027-01-17", "2027-01-18"]).await;
        let input = PreviewInput {
            cron: Some("0 0 9,15 * * ?".into()),
            calendar_id: Some(calendar),
            count: Some(4),
            ..Default::default()
        };
        let ahead = preview(&world.platform, &world.norths, input.clone()).await.unwrap();
        let hours: Vec<i64> = ahead.firings.iter().map(|at| (at - START) / 3_600_000).collect();
        assert_eq!(hours, [17, 23, 89, 95]);
        let days: Vec<_> = ahead.skipped.iter().map(|day| (day.date.to_string(), day.instants)).collect();
        assert_eq!(days, [("2027-01-17".to_owned(), 2), ("2027-01-18".to_owned(), 2)]);
        assert!(ahead.is_complete);
        let ended = PreviewInput { end_at: Some(START + 18 * 3_600_000), ..input.clone() };
        let ended = preview(&world.platform, &world.norths, ended).await.unwrap();
        assert!(ended.firings.len() == 1 && !ended.is_complete);
        for (wrong, field) in [
            (PreviewInput { cron: Some("0 0 9".into()), ..input.clone() }, "cronExpression"),
            (PreviewInput { cron: None, ..input.clone() }, "cronExpression"),
            (PreviewInput { time_zone: Some("Asia/Peking".into()), ..input.clone() }, "timeZone"),
            (PreviewInput { count: Some(0), ..input.clone() }, "count"),
            (PreviewInput { uses_calendar: Some(true), calendar_id: None, ..input }, "calendarId"),
        ] {
            let refused = preview(&world.platform, &world.norths, wrong).await;
            assert!(matches!(&refused, Err(Error::Invalid { field: at, .. }) if at == field), "{field}: {refused:?}");
        }
    })
    .await;
}
