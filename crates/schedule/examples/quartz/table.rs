//! The table that real Quartz wrote (`Firings.java`), line by line beside what we say. Used by `make quartz` on a table made
//! that moment and by the tests on the one that is checked in.

use baigong_schedule::Cron;
use jiff::{Timestamp, tz::TimeZone};

/// Quartz stops a hundred years after the year it runs in; both sides are compared up to the year 2120.
const END: i64 = 4_733_510_400;

/// How a line came out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Both say the same: these many firings.
    Same(usize),
    /// Both refuse it.
    BothRefuse,
    /// Quartz takes it and reads only a part of it: we refuse it, in these words.
    OnlyQuartz(String),
    /// Five fields: Unix cron, which Quartz does not read.
    OnlyUnix,
    /// What must not be.
    Differs(String),
}

/// Compares one line of a table for which `asked` firings were asked: fewer mean that there are no more.
pub(crate) fn compare(line: &str, asked: usize) -> Verdict {
    let [made, zone, after, text, answer] = line.split('\t').collect::<Vec<_>>()[..] else {
        return Verdict::Differs("not a line of the table".into());
    };
    let parsed = Cron::parse(text);
    let cron = match (parsed, answer) {
        (Err(_), "refused") => return Verdict::BothRefuse,
        (Err(error), _) if made == "broken" => return Verdict::OnlyQuartz(error.to_string()),
        (Err(error), _) => return Verdict::Differs(format!("Quartz takes it, we say: {error}")),
        (Ok(_), "refused") if text.split_whitespace().count() == 5 => return Verdict::OnlyUnix,
        (Ok(_), "refused" | "hangs" | "fails") => return Verdict::Differs(format!("Quartz: {answer}; we take it")),
        (Ok(cron), _) => cron,
    };
    let Ok(zone) = TimeZone::get(zone) else { return Verdict::Differs(format!("no zone {zone}")) };
    let Ok(after) = after.parse() else { return Verdict::Differs("no time".into()) };
    let Some(quartz) = times(after, answer) else { return Verdict::Differs("no firings".into()) };
    let expected: Vec<i64> = quartz.iter().copied().filter(|at| *at < END && !is_stray(text, *at, &zone)).collect();
    // What Quartz left out for its last year or a stray firing we need not show either.
    let until = if expected.len() < quartz.len() { expected.last().copied().unwrap_or(after) } else { END };
    let ours = firings(&cron, after, &zone, until, asked);
    if ours == expected {
        return Verdict::Same(ours.len());
    }
    let place = ours.iter().zip(&expected).position(|(ours, theirs)| ours != theirs);
    let place = place.unwrap_or(ours.len().min(expected.len()));
    let show = |at: Option<&i64>| at.map_or("nothing".into(), |at| shown(*at, &zone));
    Verdict::Differs(format!(
        "firing {}: Quartz {}, we {}",
        place + 1,
        show(expected.get(place)),
        show(ours.get(place))
    ))
}

/// The times that stand in the table as differences.
fn times(after: i64, answer: &str) -> Option<Vec<i64>> {
    let mut last = after;
    let add = |step: &str| {
        last += step.parse::<i64>().ok()?;
        Some(last)
    };
    answer.split_whitespace().map(add).collect()
}

fn firings(cron: &Cron, after: i64, zone: &TimeZone, until: i64, most: usize) -> Vec<i64> {
    let next = |at: &i64| cron.next_after(at * 1000, zone).map(|at| at / 1000);
    std::iter::successors(next(&after), next).take_while(|at| *at <= until && *at < END).take(most).collect()
}

/// The one stray firing of Quartz: `31W` on the 30th of a shorter month, when the day after it is a Saturday. The month has no
/// 31st, so we do not fire.
fn is_stray(text: &str, at: i64, zone: &TimeZone) -> bool {
    let wanted = text.split_whitespace().nth(3).and_then(|day| day.strip_suffix(['W', 'w'])?.parse::<i8>().ok());
    let date = Timestamp::from_second(at).unwrap_or_default().to_zoned(zone.clone()).date();
    wanted.is_some_and(|wanted| wanted > date.days_in_month() && date.day() == date.days_in_month())
}

fn shown(at: i64, zone: &TimeZone) -> String {
    Timestamp::from_second(at).unwrap_or_default().to_zoned(zone.clone()).strftime("%a %F %T").to_string()
}
