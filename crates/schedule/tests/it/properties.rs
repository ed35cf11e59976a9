//! What holds for every expression, in every zone, at every time.

use baigong_schedule::Cron;
use jiff::{Timestamp, tz::TimeZone};
use proptest::prelude::*;

use crate::generate::{NOTABLE, lines};

const ZONES: &[&str] = &[
    "UTC",
    "Asia/Shanghai",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/Havana",
    "Pacific/Apia",
    "Africa/Casablanca",
];

/// An expression that can be read.
fn cron(seed: u64) -> Cron {
    let mut texts = lines(usize::MAX, seed).skip(NOTABLE.len());
    texts.find_map(|line| Cron::parse(line.rsplit('\t').next().unwrap()).ok()).unwrap()
}

fn zone() -> impl Strategy<Value = TimeZone> {
    proptest::sample::select(ZONES).prop_map(|name| TimeZone::get(name).unwrap())
}

/// Whether the fields match the local time at `at`: on a clock that never changes it is then the next firing.
fn matches(cron: &Cron, at: i64, zone: &TimeZone) -> bool {
    let local = zone.to_datetime(Timestamp::from_millisecond(at).unwrap());
    let as_utc = TimeZone::UTC.to_timestamp(local).unwrap().as_millisecond();
    cron.next_after(as_utc - 1, &TimeZone::UTC) == Some(as_utc)
}

/// Whether the clock was moved forward at `at`.
fn is_end_of_gap(at: i64, zone: &TimeZone) -> bool {
    let offset = |at: i64| zone.to_offset(Timestamp::from_millisecond(at).unwrap());
    offset(at) > offset(at - 1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_next_firing_is_later_and_matches_and_none_is_between(
        seed: u64, zone in zone(), after in 946_684_800_000i64..4_000_000_000_000, share in 0i64..1000,
    ) {
        let cron = cron(seed);
        if let Some(next) = cron.next_after(after, &zone) {
            prop_assert!(next > after, "{cron}");
            prop_assert!(next % 1000 == 0, "{cron}: {next} is no whole second");
            prop_assert!(matches(&cron, next, &zone) || is_end_of_gap(next, &zone), "{cron}: {next} does not match");
            let between = after + (next - after) / 1000 * share;
            if between < next {
                prop_assert_eq!(cron.next_after(between, &zone), Some(next), "{}: asked at {}", cron, between);
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic_or_run_for_ever(text in "[0-9*?/,LW#A-Za-z -]{0,40}", after: i64, zone in zone()) {
        if let Ok(cron) = Cron::parse(&text) {
            let _ = cron.next_after(after, &zone);
            prop_assert_eq!(Cron::parse(&cron.to_string()), Ok(cron));
        }
    }

    #[test]
    fn any_time_will_do(seed: u64, zone in zone(), after: i64) {
        let next = cron(seed).next_after(after, &zone);
        prop_assert!(next.is_none_or(|next| next > after));
    }
}
