//! Whether the machine's clock agrees with the platform's: schedules, tokens and signatures need that.

/// So far they may differ, in milliseconds.
const MOST: i64 = 30_000;

/// What is wrong with a clock that is `skew` milliseconds ahead.
pub(super) fn trouble(skew: i64) -> Option<String> {
    let seconds = skew.abs() / 1000;
    let way = if skew > 0 { "ahead of" } else { "behind" };
    (skew.abs() > MOST).then(|| {
        format!("this machine's clock is {seconds} s {way} the platform's: let chrony or systemd-timesyncd set it")
    })
}

/// The same for a clock that shows `own` when the platform's shows `platforms`, both in milliseconds since the epoch.
#[must_use]
pub fn skew_of(own: i64, platforms: i64) -> Option<String> {
    trouble(own.saturating_sub(platforms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_named_with_its_direction() {
        assert_eq!(skew_of(1_000_000, 1_000_000 - MOST), None);
        assert!(skew_of(100_000, 0).unwrap().contains("100 s ahead"));
        assert!(skew_of(0, 90_500).unwrap().contains("90 s behind"));
    }
}
