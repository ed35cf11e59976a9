//! Five thousand triggers that are due together are a matter of milliseconds, also those that never fire again.

use std::time::Duration;

use baigong_schedule::Cron;
use jiff::tz::TimeZone;

#[test]
fn five_thousand_triggers_are_evaluated_in_no_time() {
    let zones = ["UTC", "Asia/Shanghai", "America/New_York"].map(|name| TimeZone::get(name).unwrap());
    let texts = ["0 0/5 * * * ?", "0 0 9 ? * MON-FRI", "0 0 0 31 2 ?", "0 0 0 29 2 ?", "0 30 2 LW * ?", "0 0 31 2 *"];
    let crons = texts.map(|text| Cron::parse(text).unwrap());
    let took = took(|| {
        for (index, cron) in crons.iter().cycle().take(5000).enumerate() {
            std::hint::black_box(cron.next_after(1_800_000_000_000, &zones[index % 3]));
        }
    });
    // Without optimisation, on a machine that does other things too. It is far less.
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[expect(clippy::disallowed_methods, reason = "the time that passes is what is measured")]
fn took(work: impl FnOnce()) -> Duration {
    let start = std::time::Instant::now();
    work();
    start.elapsed()
}
