//! What expressions mean, on clocks that are never changed. The comparison with Quartz itself is in `tests/it`.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::{Cron, CronError, Field};

/// The first `count` firings after `after`, in UTC.
fn firings(text: &str, after: &str, count: usize) -> Vec<String> {
    let cron = Cron::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut at = TimeZone::UTC.to_timestamp(after.parse::<DateTime>().unwrap()).unwrap().as_millisecond();
    let mut found = Vec::new();
    while found.len() < count {
        let Some(next) = cron.next_after(at, &TimeZone::UTC) else { break };
        assert!(next > at, "{text}: {next} is not after {at}");
        at = next;
        let local = TimeZone::UTC.to_datetime(Timestamp::from_millisecond(at).unwrap());
        found.push(local.strftime("%F %T").to_string());
    }
    found
}

#[test]
fn every_form_fires_when_its_documentation_says() {
    // After Saturday, 2026-11-21 00:00.
    let cases: &[(&str, &[&str])] = &[
        ("0 0/1 * * * ?", &["2026-11-21 00:01:00", "2026-11-21 00:02:00"]),
        ("0 0 12 L-3 * ?", &["2026-11-27 12:00:00", "2026-12-28 12:00:00"]),
        ("0 0 12 LW * ?", &["2026-11-30 12:00:00", "2026-12-31 12:00:00", "2027-01-29 12:00:00"]),
        ("0 0 12 L-2W * ?", &["2026-11-27 12:00:00", "2026-12-29 12:00:00"]),
        ("0 0 12 1W * ?", &["2026-12-01 12:00:00", "2027-01-01 12:00:00", "2027-02-01 12:00:00"]),
        ("0 15 10 ? * 6L", &["2026-11-27 10:15:00", "2026-12-25 10:15:00"]),
        ("0 15 10 ? * fri#3", &["2026-12-18 10:15:00", "2027-01-15 10:15:00"]),
        ("0 0 9 ? * L", &["2026-11-21 09:00:00", "2026-11-28 09:00:00"]),
        ("0 0 22-2/2 * * ?", &["2026-11-21 02:00:00", "2026-11-21 22:00:00", "2026-11-22 00:00:00"]),
        (
            "0 0 9 ? * SAT-MON",
            &["2026-11-21 09:00:00", "2026-11-22 09:00:00", "2026-11-23 09:00:00", "2026-11-28 09:00:00"],
        ),
        ("0 0 0 1 1 ? 2030/3", &["2030-01-01 00:00:00", "2033-01-01 00:00:00"]),
        ("0 0 0 29 2 ?", &["2028-02-29 00:00:00", "2032-02-29 00:00:00"]),
        ("59 59 23 31 DEC ? 2026", &["2026-12-31 23:59:59"]),
        ("/20 5 10 ? * *", &["2026-11-21 10:05:00", "2026-11-21 10:05:20", "2026-11-21 10:05:40"]),
        ("*/15 9-17 * * MON-FRI", &["2026-11-23 09:00:00", "2026-11-23 09:15:00"]),
        ("0 0 13 * 5", &["2026-11-27 00:00:00", "2026-12-04 00:00:00", "2026-12-11 00:00:00", "2026-12-13 00:00:00"]),
        ("0 0 */2 * 0", &["2026-11-29 00:00:00", "2026-12-13 00:00:00"]),
        ("0 0 * * 6-7", &["2026-11-22 00:00:00", "2026-11-28 00:00:00", "2026-11-29 00:00:00"]),
    ];
    for (text, expected) in cases {
        assert_eq!(firings(text, "2026-11-21T00:00:00", expected.len()), *expected, "{text}");
    }
}

#[test]
fn what_never_comes_ends() {
    for text in [
        "0 0 0 31 2 ?",
        "0 0 0 30 FEB ? *",
        "0 0 0 L-30W 2 ?",
        "0 0 0 ? 2 2#5 2026",
        "0 0 31 2,4,6 *",
        "0 0 0 * * ? 2020",
    ] {
        assert_eq!(firings(text, "2026-11-21T00:00:00", 1), [""; 0], "{text}");
    }
    assert_eq!(firings("0 0 0 * * ?", "2199-12-30T12:00:00", 9), ["2199-12-31 00:00:00"]);
}

#[test]
fn refusals_name_the_field_and_what_to_write() {
    let cases = [
        ("", "6 or 7 fields"),
        ("0 0 12", "this one has 3"),
        ("60 * * * * ?", "seconds: `60` is outside 0 to 59"),
        ("0 5-61 * * * ?", "minutes: `5-61` is outside 0 to 59"),
        ("0 0 12 * * *", "day of month and day of week are both given"),
        ("0 0 12 ? * ?", "both ?"),
        ("0 0 12 ? * 8", "day of week: `8` is outside 1 to 7"),
        ("0 0 12 ? * FRI-5", "FRI-5` cannot be read"),
        ("0 0 12 ? * MON-FRI/2", "MON-FRI/2` cannot be read"),
        ("0 0 12 1W,15W * ?", "must stand alone"),
        ("0 0 12 L-31 * ?", "outside 0 to 30"),
        ("0 0 12 ? * 2#6", "outside 1 to 5"),
        ("0/0 * * * * ?", "seconds: the step of `0/0` must be 1 to 59"),
        ("0 0/60 * * * ?", "must be 1 to 59"),
        ("0 1,,2 * * * ?", "a comma too many"),
        ("0 0 12 * * ? 2030-2020", "ends before it begins"),
        ("0 0 12 * * ? 1969", "year: `1969` is outside 1970 to 2199"),
        ("0 0 ? * * *", "hours: `?` cannot be read; write 0 to 23"),
        ("0 0 12 15X * ?", "day of month: `15X` cannot be read"),
        ("0 9 * * ?", "day of week: `?` cannot be read"),
        ("0 0 12 * * 一", "cannot be read"),
        ("0 99999999999 * * * ?", "outside 0 to 59"),
    ];
    for (text, part) in cases {
        let error = Cron::parse(text).expect_err(text).to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
    assert_eq!(Cron::parse(&"0".repeat(1001)), Err(CronError::TooLong));
    assert_eq!(
        Cron::parse("0 0 0 0 1 ?"),
        Err(CronError::OutOfRange { field: Field::DayOfMonth, item: "0".into(), first: 1, last: 31 })
    );
}

#[test]
fn the_canonical_text_reads_as_the_same_expression() {
    let cron = Cron::parse("  0  0 9\t? jan-mar mon-fri  2026 ").unwrap();
    assert_eq!(cron.to_string(), "0 0 9 ? JAN-MAR MON-FRI 2026");
    assert_eq!(Cron::parse(&cron.to_string()), Ok(cron));
}
