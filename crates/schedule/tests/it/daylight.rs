//! What fires when the clocks change.

use baigong_schedule::Cron;
use jiff::{Timestamp, tz::TimeZone};

/// The firings of `cron` in `zone` after `after`, as many as are expected, with their offsets.
fn check(zone: &str, cron: &str, after: &str, expected: &[&str]) {
    let (zone, parsed) = (TimeZone::get(zone).unwrap(), Cron::parse(cron).unwrap());
    let mut at = after.parse::<Timestamp>().unwrap().as_millisecond();
    for expected in expected {
        at = parsed.next_after(at, &zone).unwrap();
        let local = Timestamp::from_millisecond(at).unwrap().to_zoned(zone.clone());
        assert_eq!(local.strftime("%F %H:%M%:z").to_string(), *expected, "{cron} after {after}");
    }
}

const DAILY_AT_HALF_PAST_TWO: &str = "0 30 2 * * ?";

#[test]
fn what_falls_into_a_gap_fires_once_at_its_end() {
    let new_york = "America/New_York";
    let expected = ["2026-03-07 02:30-05:00", "2026-03-08 03:00-04:00", "2026-03-09 02:30-04:00"];
    check(new_york, DAILY_AT_HALF_PAST_TWO, "2026-03-07T00:00:00-05:00", &expected);
    // Twice in the gap is still once, and so is once in it and once at its end.
    let expected = ["2026-03-08 03:00-04:00", "2026-03-09 02:10-04:00", "2026-03-09 02:50-04:00"];
    check(new_york, "0 10,50 2 * * ?", "2026-03-08T00:00:00-05:00", &expected);
    let expected = ["2026-03-08 03:00-04:00", "2026-03-09 02:00-04:00", "2026-03-09 03:00-04:00"];
    check(new_york, "0 0 2,3 * * ?", "2026-03-08T00:00:00-05:00", &expected);
    check("Europe/London", "30 1 * * *", "2026-03-29T00:00:00Z", &["2026-03-29 02:00+01:00", "2026-03-30 01:30+01:00"]);
    // A gap of half an hour, one at midnight, and one of a whole day.
    let expected = ["2026-10-04 02:30+11:00", "2026-10-05 02:15+11:00"];
    check("Australia/Lord_Howe", "0 15 2 * * ?", "2026-10-04T00:00:00+10:30", &expected);
    let expected = ["2026-03-08 01:00-04:00", "2026-03-09 00:00-04:00"];
    check("America/Havana", "0 0 0 * * ?", "2026-03-07T12:00:00-05:00", &expected);
    let expected = ["2011-12-29 09:00-10:00", "2011-12-31 00:00+14:00", "2011-12-31 09:00+14:00"];
    check("Pacific/Apia", "0 0 9 * * ?", "2011-12-29T00:00:00-10:00", &expected);
}

#[test]
fn fixed_times_fire_in_the_first_pass_only() {
    let expected = ["2026-11-01 01:30-04:00", "2026-11-02 01:30-05:00"];
    check("America/New_York", "0 30 1 * * ?", "2026-11-01T00:00:00-04:00", &expected);
    let expected = ["2026-11-01 01:00-04:00", "2026-11-01 01:30-04:00", "2026-11-02 01:00-05:00"];
    check("America/New_York", "0 0,30 1 * * ?", "2026-11-01T00:00:00-04:00", &expected);
    // Every hour at a fixed minute is no interval below an hour.
    let expected = ["2026-11-01 00:30-04:00", "2026-11-01 01:30-04:00", "2026-11-01 02:30-05:00"];
    check("America/New_York", "0 30 * * * ?", "2026-11-01T00:00:00-04:00", &expected);
    // A step that leaves one value is that value.
    let expected = ["2026-11-01 01:45-04:00", "2026-11-02 01:45-05:00"];
    check("America/New_York", "0 45/30 1 * * ?", "2026-11-01T00:00:00-04:00", &expected);
    let expected = ["2026-10-25 01:59+01:00", "2026-10-26 01:59+00:00"];
    check("Europe/London", "59 1 * * *", "2026-10-25T00:00:00Z", &expected);
    let expected = ["2026-04-05 01:45+11:00", "2026-04-06 01:45+10:30"];
    check("Australia/Lord_Howe", "0 45 1 * * ?", "2026-04-05T00:00:00+11:00", &expected);
    // Asked in the middle of the second pass.
    check("America/New_York", "0 30 1 * * ?", "2026-11-01T01:15:00-05:00", &["2026-11-02 01:30-05:00"]);
}

#[test]
fn intervals_below_an_hour_go_on_through_both_passes() {
    let expected = [
        "2026-11-01 01:00-04:00",
        "2026-11-01 01:30-04:00",
        "2026-11-01 01:00-05:00",
        "2026-11-01 01:30-05:00",
        "2026-11-01 02:00-05:00",
    ];
    check("America/New_York", "0 0/30 * * * ?", "2026-11-01T00:59:00-04:00", &expected);
    check("America/New_York", "*/30 * * * *", "2026-11-01T00:59:00-04:00", &expected);
    let expected = ["2026-04-05 01:40+11:00", "2026-04-05 01:40+10:30", "2026-04-05 02:00+10:30"];
    check("Australia/Lord_Howe", "0 0/20 * * * ?", "2026-04-05T01:20:00+11:00", &expected);
}

#[test]
fn an_even_interval_stays_even_through_every_change() {
    let zones = ["America/New_York", "Europe/London", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca"];
    let cron = Cron::parse("0 0/5 * * * ?").unwrap();
    for zone in zones {
        let (zone, start) = (TimeZone::get(zone).unwrap(), "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap());
        let mut at = cron.next_after(start.as_millisecond(), &zone).unwrap();
        for _ in 0..365 * 24 * 12 {
            let next = cron.next_after(at, &zone).unwrap();
            assert_eq!(next - at, 300_000, "after {}", Timestamp::from_millisecond(at).unwrap().to_zoned(zone));
            at = next;
        }
    }
}

#[test]
fn a_zone_without_changes_is_left_alone() {
    let expected = ["2026-03-08 02:30+08:00", "2026-03-09 02:30+08:00"];
    check("Asia/Shanghai", DAILY_AT_HALF_PAST_TWO, "2026-03-08T00:00:00+08:00", &expected);
    check("UTC", DAILY_AT_HALF_PAST_TWO, "2026-03-08T00:00:00Z", &["2026-03-08 02:30+00:00"]);
}
