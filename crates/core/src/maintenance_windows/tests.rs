//! When windows are open, and what they are not allowed to be.

use baigong_model::Error;

use super::{window::Window, *};
use crate::testing::{START, World, all, on_both};

const MINUTE: i64 = 60_000;

fn recurring(cron: &str, minutes: i64, zone: &str) -> Times {
    Times::Recurring { cron: cron.into(), minutes, zone: zone.into() }
}

fn of_department(world: &World, name: &str, times: Times) -> NewWindow {
    let (department_id, target) = (world.north, Target::Department(world.north));
    NewWindow { department_id, name: name.into(), remark: None, target, times, on_running: OnRunning::Leave }
}

async fn window(world: &World, times: Times) -> Window {
    let new = of_department(world, &format!("{times:?}"), times);
    let id = create(&world.platform, &world.norths, new).await.unwrap();
    Window::of(query(&world.platform, &world.norths, id).await.unwrap().window).unwrap()
}

/// Minutes after a moment that is 2026-11-21 (a Saturday) 22:00 in Shanghai.
fn saturday(minutes: i64) -> i64 {
    1_795_269_600_000 + minutes * MINUTE
}

#[tokio::test(flavor = "multi_thread")]
async fn recurring_windows_are_open_from_each_beginning_for_their_length() {
    on_both(async |world| {
        let weekly = window(world, recurring("0 0 22 ? * SAT", 120, "Asia/Shanghai")).await;
        assert_eq!(weekly.open_until(saturday(-1)), None);
        for inside in [0, 1, 119] {
            assert_eq!(weekly.open_until(saturday(inside)), Some(saturday(120)), "{inside} minutes in");
        }
        assert_eq!(weekly.open_until(saturday(120)), None);
        assert_eq!(weekly.open_until(saturday(7 * 24 * 60 + 5)), Some(saturday(7 * 24 * 60 + 120)));
        let overlapping = window(world, recurring("0 0 * * * ?", 90, "Asia/Shanghai")).await;
        assert_eq!(overlapping.open_until(saturday(30)), Some(saturday(90)), "the last that has begun counts");
        let always = window(world, recurring("* * * * * ?", 10, "Asia/Shanghai")).await;
        assert!(always.open_until(saturday(0)).is_some_and(|until| until > saturday(9)));
        let elsewhere = window(world, recurring("0 0 14 ? * SAT", 60, "UTC")).await;
        assert_eq!(elsewhere.open_until(saturday(0)), Some(saturday(60)), "22:00 in Shanghai is 14:00 UTC");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_or_is_not_there_is_refused() {
    on_both(async |world| {
        let (platform, caller) = (&world.platform, &world.norths);
        let wrong = async |times| match create(platform, caller, of_department(world, "w", times)).await {
            Err(Error::Invalid { field, .. }) => field.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(wrong(Times::Once { from: START, until: START }).await, "endTime");
        assert_eq!(wrong(recurring("0 0 22 ? * SAT", 0, "UTC")).await, "durationMinutes");
        assert_eq!(wrong(recurring("0 0 22 ? * SAT", 10_081, "UTC")).await, "durationMinutes");
        assert_eq!(wrong(recurring("0 0 22 ? * SAT", 10, "Mars/Base")).await, "timeZone");
        assert_eq!(wrong(recurring("when it suits", 10, "UTC")).await, "cronExpression");
        let times = || Times::Once { from: START, until: START + MINUTE };
        for target in [Target::Robot(987), Target::Group(987), Target::Department(world.south)] {
            let missing = create(platform, caller, NewWindow { target, ..of_department(world, "w", times()) }).await;
            assert!(matches!(missing, Err(Error::NotFound { .. })), "{target:?}: {missing:?}");
        }
        let id = create(platform, caller, of_department(world, "w", times())).await.unwrap();
        let twice = create(platform, caller, of_department(world, "w", times())).await;
        assert!(matches!(twice, Err(Error::AlreadyExists { .. })), "{twice:?}");
        let foreign = query(platform, &world.souths, id).await;
        assert!(matches!(foreign, Err(Error::NotFound { .. })), "{foreign:?}");
        assert!(query(platform, caller, id).await.unwrap().open_until.is_some());
        delete(platform, caller, id).await.unwrap();
        assert!(query(platform, caller, id).await.unwrap().open_until.is_none(), "a deleted one is never open");
        assert_eq!(list(platform, caller, &all()).await.unwrap().total, 0);
    })
    .await;
}
