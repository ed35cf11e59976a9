//! Importing licenses, and who works under them.

use baigong_model::{Page, SeededRandom};

use super::*;
use crate::{
    robots,
    testing::{START, World, assert_not_found, new_robot, on_both, without},
};

const DAY: i64 = 24 * 3_600_000;

fn key(seed: u64) -> SigningKey {
    SigningKey::generate(Algorithm::Ed25519, &SeededRandom::new(seed)).unwrap()
}

fn at(days: i64) -> String {
    jiff::Timestamp::from_millisecond(START + days * DAY).unwrap().to_string()
}

/// Seats from a day before the clock's start until `days` after it.
fn grant(seat_type: SeatType, quantity: i64, days: i64) -> Grant {
    Grant { seat_type, quantity, valid_from: at(-1), valid_until: at(days) }
}

fn license(serial: &str, seats: Vec<Grant>) -> License {
    License { version: VERSION, serial: serial.into(), customer: "某证券".into(), issued_at: at(-2), seats }
}

fn signed(key: &SigningKey, serial: &str, seats: Vec<Grant>) -> String {
    serde_json::to_string(&license(serial, seats).sign(key).unwrap()).unwrap()
}

async fn try_robot(platform: &Platform, world: &World, machine: i64, name: &str, robot_type: i64) -> Result<i64> {
    let new = robots::NewRobot { robot_type, ..new_robot(world.north, machine, name) };
    robots::create(platform, &world.admin, new).await.map(|made| made.id)
}

async fn machine_of(world: &World, robot: i64) -> i64 {
    robots::query(&world.platform, &world.admin, robot).await.unwrap().robot.machine_id
}

/// Type, quantity, used, whether it counts.
async fn lines(world: &World) -> Vec<(&'static str, Option<i64>, i64, bool)> {
    let lines = info(&world.platform, &world.admin).await.unwrap();
    lines.iter().map(|line| (line.seat_type.as_str(), line.quantity, line.used, line.is_valid)).collect()
}

#[test]
fn the_canonical_form_is_what_issuers_sign() {
    let canonical = license("BG-1", vec![grant(SeatType::Unattended, 5, 30)]).canonical();
    let wanted = "baigong license 1\nserial BG-1\ncustomer 某证券\nissued 2027-01-13T08:00:00Z\n\
        seats unattended 5 2027-01-14T08:00:00Z 2027-02-14T08:00:00Z\n";
    assert_eq!(canonical, wanted, "a change of the form makes every license that was issued worthless");
}

#[test]
fn a_file_that_was_touched_or_is_by_somebody_else_is_refused() {
    for algorithm in [Algorithm::Ed25519, Algorithm::Sm2] {
        let key = SigningKey::generate(algorithm, &SeededRandom::new(1)).unwrap();
        let public = VerifyingKey::parse(&key.public()).unwrap();
        let text = signed(&key, "BG-1", vec![grant(SeatType::Unattended, 5, 30)]);
        LicenseFile::open(&text, &public).unwrap();
        let other = SigningKey::generate(algorithm, &SeededRandom::new(2)).unwrap();
        let by_another = signed(&other, "BG-1", vec![grant(SeatType::Unattended, 5, 30)]);
        let more = text.replace("\"quantity\":5", "\"quantity\":500");
        let longer = text.replace("\"version\":1", "\"version\":1,\"note\":\"x\"");
        let newer = text.replace("\"version\":1", "\"version\":2");
        for wrong in [by_another, more, longer, newer, "{}".into(), String::new(), text.replace(&at(30), "tomorrow")] {
            let refused = LicenseFile::open(&wrong, &public);
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{wrong}");
        }
    }
}

#[test]
fn a_license_says_what_it_means() {
    let good = license("BG-1", vec![grant(SeatType::Attended, 1, 1)]);
    good.check().unwrap();
    for wrong in [
        License { serial: "two\nlines".into(), ..good.clone() },
        License { customer: String::new(), ..good.clone() },
        License { issued_at: "2026-11-21 08:00:00".into(), ..good.clone() },
        License { seats: vec![], ..good.clone() },
        License { seats: vec![grant(SeatType::Attended, 0, 1)], ..good.clone() },
        License { seats: vec![grant(SeatType::Attended, 1, -1)], ..good.clone() },
    ] {
        assert!(wrong.check().is_err(), "{wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_platform_is_not_limited() {
    on_both(async |world| {
        world.robot(world.north, "a").await;
        let attended = world.robot(world.south, "b").await.id;
        let machine = machine_of(world, attended).await;
        try_robot(&world.platform, world, machine, "c", 1).await.unwrap();
        let community = [("unattended", None, 2, true), ("attended", None, 1, true), ("designer", None, 0, true)];
        assert_eq!(lines(world).await, community);
        allocate(&world.platform, &world.admin, Holder::Designer("alice".into())).await.unwrap();
        assert_eq!(lines(world).await[2], ("designer", None, 1, true));
        refresh(&world.platform).await.unwrap();
        assert!(has_seat(&world.platform, attended) && has_seat(&world.platform, 999));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_license_is_imported_once_by_those_who_may_and_only_with_the_right_key() {
    on_both(async |world| {
        let key = key(1);
        let text = signed(&key, "BG-1", vec![grant(SeatType::Unattended, 2, 30)]);
        let refused = import(&world.platform, &world.admin, &text).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "no key is configured: {refused:?}");
        let platform = world.believing(&key).await;
        let reader = without(world.north, Permission::LicenseWrite);
        assert!(matches!(import(&platform, &reader, &text).await, Err(Error::Forbidden(_))));
        assert!(matches!(import(&platform, &world.admin, &text[1..]).await, Err(Error::Invalid { .. })));
        assert_eq!(lines(world).await.len(), 3, "nothing was imported yet");
        import(&platform, &world.admin, &text).await.unwrap();
        let again = import(&platform, &world.admin, &text).await;
        assert!(matches!(again, Err(Error::AlreadyExists { .. })), "{again:?}");
        assert_eq!(lines(world).await, [("unattended", Some(2), 0, true)]);
        let line = info(&platform, &world.admin).await.unwrap().remove(0);
        assert_eq!((line.serial.as_deref(), line.customer.as_deref()), (Some("BG-1"), Some("某证券")));
        assert_eq!(line.valid_until, Some(START + 30 * DAY));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_robot_is_made_beyond_the_seats_or_after_their_end() {
    on_both(async |world| {
        let key = key(1);
        let platform = world.believing(&key).await;
        let first = world.robot(world.north, "r0").await.id;
        let machine = machine_of(world, first).await;
        let make = async |name: &str, kind: i64| try_robot(&platform, world, machine, name, kind).await;
        import(&platform, &world.admin, &signed(&key, "BG-1", vec![grant(SeatType::Unattended, 2, 30)])).await.unwrap();
        let second = make("r1", 0).await.unwrap();
        for (name, kind) in [("r2", 0), ("r2", 1)] {
            let refused = make(name, kind).await;
            assert!(matches!(refused, Err(Error::NotLicensed(_))), "{refused:?}");
        }
        let change = robots::Change { robot_type: Some(1), ..robots::Change::default() };
        let refused = robots::update(&platform, &world.admin, second, change).await;
        assert!(matches!(refused, Err(Error::NotLicensed(_))), "{refused:?}");
        robots::delete(&platform, &world.admin, second).await.unwrap();
        make("r2", 0).await.unwrap();
        let more = vec![grant(SeatType::Unattended, 1, 60), grant(SeatType::Attended, 1, 60)];
        import(&platform, &world.admin, &signed(&key, "BG-2", more)).await.unwrap();
        make("r3", 0).await.unwrap();
        make("r4", 1).await.unwrap();
        let mut shown = lines(world).await;
        assert_eq!(shown.pop(), Some(("attended", Some(1), 1, true)));
        assert_eq!(shown, [("unattended", Some(1), 1, true), ("unattended", Some(2), 2, true)]);
        world.clock.advance(61 * DAY);
        let refused = make("r5", 1).await;
        assert!(matches!(refused, Err(Error::NotLicensed(_))), "{refused:?}");
        assert!(lines(world).await.iter().all(|(.., is_valid)| !is_valid));
        assert_eq!(lines(world).await.iter().map(|line| line.2).sum::<i64>(), 4, "what is taken stays told");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_robots_never_share_the_last_seat() {
    on_both(async |world| {
        let key = key(1);
        let platform = world.believing(&key).await;
        let machine = machine_of(world, world.robot(world.north, "r").await.id).await;
        for round in 1..8 {
            let seats = vec![grant(SeatType::Unattended, 1 + i64::from(round == 1), 30)];
            import(&platform, &world.admin, &signed(&key, &format!("BG-{round}"), seats)).await.unwrap();
            let (a, b) = (format!("a{round}"), format!("b{round}"));
            let (one, other) = tokio::join!(
                try_robot(&platform, world, machine, &a, 0),
                try_robot(&world.platform, world, machine, &b, 0)
            );
            assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1, "{one:?} {other:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_keep_their_seats_where_there_are_too_few() {
    on_both(async |world| {
        let key = key(1);
        let platform = world.believing(&key).await;
        let (a, b) = (world.robot(world.north, "a").await.id, world.robot(world.north, "b").await.id);
        import(&platform, &world.admin, &signed(&key, "BG-1", vec![grant(SeatType::Unattended, 1, 30)])).await.unwrap();
        assert!(has_seat(&platform, a) && !has_seat(&platform, b));
        assert!(has_seat(&world.platform, b), "another node has not looked yet");
        refresh(&world.platform).await.unwrap();
        assert!(!has_seat(&world.platform, b));
        let full = allocate(&platform, &world.admin, Holder::Designer("alice".into())).await;
        assert!(matches!(full, Err(Error::NotLicensed(_))), "{full:?}");
        reclaim(&platform, &world.admin, Holder::Robot(a)).await.unwrap();
        assert!(!has_seat(&platform, a) && has_seat(&platform, b));
        assert_not_found(reclaim(&platform, &world.admin, Holder::Robot(a)).await, "reclaim again");
        assert_not_found(reclaim(&platform, &world.souths, Holder::Robot(b)).await, "reclaim from another department");
        import(&platform, &world.admin, &signed(&key, "BG-2", vec![grant(SeatType::Unattended, 1, 60)])).await.unwrap();
        allocate(&platform, &world.admin, Holder::Robot(a)).await.unwrap();
        allocate(&platform, &world.admin, Holder::Robot(a)).await.expect("it has one and keeps it");
        let page = || Page::new(None, None).unwrap();
        let seats = list(&platform, &world.norths, Some("unattended"), page()).await.unwrap();
        assert_eq!(seats.rows.iter().map(|seat| seat.robot_id).collect::<Vec<_>>(), [Some(b), Some(a)]);
        assert_eq!(list(&platform, &world.souths, None, page()).await.unwrap().total, 0);
        assert!(list(&platform, &world.admin, Some("gold"), page()).await.is_err());
        world.clock.advance(31 * DAY);
        refresh(&platform).await.unwrap();
        assert!(has_seat(&platform, b) && !has_seat(&platform, a), "one license has ended");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_license_is_warned_of_a_month_ahead() {
    on_both(async |world| {
        let key = key(1);
        let platform = world.believing(&key).await;
        import(&platform, &world.admin, &signed(&key, "BG-1", vec![grant(SeatType::Unattended, 1, 40)])).await.unwrap();
        let warned = async |days: i64| {
            world.clock.advance(days * DAY);
            warn_of_expiry(&platform).await.unwrap()
        };
        assert_eq!([warned(0).await, warned(11).await, warned(29).await, warned(40).await], [0, 1, 1, 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_robot_has_its_seat_at_once_and_designers_seats_are_for_who_sees_everything() {
    on_both(async |world| {
        let key = key(1);
        let platform = world.believing(&key).await;
        let machine = machine_of(world, world.robot(world.north, "r").await.id).await;
        let seats = vec![grant(SeatType::Unattended, 2, 30), grant(SeatType::Designer, 2, 30)];
        import(&platform, &world.admin, &signed(&key, "BG-1", seats)).await.unwrap();
        let new = try_robot(&platform, world, machine, "new", 0).await.unwrap();
        assert!(has_seat(&platform, new));
        robots::delete(&platform, &world.admin, new).await.unwrap();
        assert!(!has_seat(&platform, new));
        let designer = || Holder::Designer("li".into());
        let (given, by_all) = (allocate(&platform, &world.norths, designer()).await, &world.admin);
        assert!(matches!(given, Err(Error::Forbidden(_))), "{given:?}");
        allocate(&platform, by_all, designer()).await.unwrap();
        let taken = reclaim(&platform, &world.norths, designer()).await;
        assert!(matches!(taken, Err(Error::Forbidden(_))), "{taken:?}");
        reclaim(&platform, by_all, designer()).await.unwrap();
    })
    .await;
}
