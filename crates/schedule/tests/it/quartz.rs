//! The table that real Quartz 2.3.2 wrote: `SAMPLE=1 scripts/compare-quartz.sh 300 10 4` makes it anew, `make quartz` compares
//! with Quartz itself.

use crate::table::{Verdict, compare};

const TABLE: &str = include_str!("../quartz.tsv");
const FIRINGS_ASKED: usize = 10;

#[test]
fn every_line_that_quartz_wrote_comes_out_the_same() {
    let (mut firings, mut refused) = (0, 0);
    for line in TABLE.lines() {
        match compare(line, FIRINGS_ASKED) {
            Verdict::Same(count) => firings += count,
            Verdict::BothRefuse => refused += 1,
            Verdict::OnlyQuartz(_) | Verdict::OnlyUnix => {}
            Verdict::Differs(how) => panic!("{how}\n{line}"),
        }
    }
    assert!(firings > 1500 && refused > 30, "the table is not the one that was checked in: {firings}, {refused}");
}

#[test]
fn a_line_with_a_wrong_firing_is_found() {
    let right = "valid\tUTC\t946684800\t0 0 12 * * ?\t43200 86400 86400";
    assert_eq!(compare(right, 3), Verdict::Same(3));
    for wrong in [
        right.replace("86400 86400", "86400 86401"),
        right.replace("12", "60"),
        right.replace("43200 86400 86400", "refused"),
        right.replace("43200 86400 86400", ""),
    ] {
        assert!(matches!(compare(&wrong, 3), Verdict::Differs(_)), "{wrong}");
    }
}
