//! The calendars that come with Baigong, from the files of `data`, which `scripts/calendars.py` makes. What each line of
//! them means is said at [`parse`].

use jiff::civil::{Date, date};

use crate::DayRule;

/// What kind of days a shipped calendar tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShippedKind {
    /// The trading days of an exchange.
    Exchange,
    /// The working days of a country, with the weekends worked to make up for holidays.
    WorkingDays,
}

/// A calendar that comes with Baigong.
#[derive(Debug)]
pub struct Shipped {
    /// What it is known by, in all versions.
    pub code: &'static str,
    /// What it is called in a list.
    pub name: &'static str,
    /// What its days are.
    pub kind: ShippedKind,
    text: &'static str,
}

/// All calendars that come with Baigong. One may be added; none may be taken away or change its code.
pub const SHIPPED: &[Shipped] = &[
    Shipped {
        code: "XSHG",
        name: "上海、深圳证券交易所交易日 (XSHG)",
        kind: ShippedKind::Exchange,
        text: include_str!("../data/xshg.txt"),
    },
    Shipped {
        code: "XHKG",
        name: "香港交易所交易日 (XHKG)",
        kind: ShippedKind::Exchange,
        text: include_str!("../data/xhkg.txt"),
    },
    Shipped {
        code: "XNYS",
        name: "纽约证券交易所交易日 (XNYS)",
        kind: ShippedKind::Exchange,
        text: include_str!("../data/xnys.txt"),
    },
    Shipped {
        code: "CN",
        name: "中国内地工作日（含调休）",
        kind: ShippedKind::WorkingDays,
        text: include_str!("../data/mainland.txt"),
    },
];

impl Shipped {
    /// The calendar's days.
    #[must_use]
    pub fn rule(&self) -> DayRule {
        parse(self.text)
    }
}

/// Reads `known FIRST LAST`, the years, and `YEAR off NAME: MMDD …` or `YEAR work NAME: MMDD …`. The files are ours and the
/// tests read every line, so what cannot be read is left out here.
fn parse(text: &str) -> DayRule {
    let (mut known, mut off, mut work) = (date(1, 1, 1)..=date(1, 1, 1), Vec::new(), Vec::new());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match entry(line) {
            Some(Entry::Known(first, last)) => known = date(first, 1, 1)..=date(last, 12, 31),
            Some(Entry::Off(name, days)) => off.extend(days.into_iter().map(|day| (day, name.to_owned()))),
            Some(Entry::Work(days)) => work.extend(days),
            None => {}
        }
    }
    DayRule::of_known_years(known, off, work)
}

enum Entry<'a> {
    Known(i16, i16),
    Off(&'a str, Vec<Date>),
    Work(Vec<Date>),
}

fn entry(line: &str) -> Option<Entry<'_>> {
    if let Some(years) = line.strip_prefix("known ") {
        let (first, last) = years.split_once(' ')?;
        return Some(Entry::Known(first.parse().ok()?, last.parse().ok()?));
    }
    let (head, days) = line.rsplit_once(": ")?;
    let (year, what) = head.split_once(' ')?;
    let (kind, name) = what.split_once(' ').unwrap_or((what, ""));
    let days = days.split(' ').map(|day| day_of(year.parse().ok()?, day)).collect::<Option<Vec<_>>>()?;
    match kind {
        "off" => Some(Entry::Off(name, days)),
        "work" => Some(Entry::Work(days)),
        _ => None,
    }
}

fn day_of(year: i16, month_and_day: &str) -> Option<Date> {
    let (month, day) = month_and_day.split_at_checked(2)?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Day;

    fn rule(code: &str) -> DayRule {
        SHIPPED.iter().find(|shipped| shipped.code == code).unwrap().rule()
    }

    #[test]
    fn every_line_of_every_file_is_read() {
        for shipped in SHIPPED {
            for line in shipped.text.lines().filter(|line| !line.starts_with('#')) {
                assert!(entry(line).is_some(), "{}: `{line}` cannot be read", shipped.code);
            }
            let until = shipped.rule().known_until().unwrap();
            assert!(until >= date(2026, 12, 31), "{}: run scripts/calendars.py; known until {until}", shipped.code);
        }
    }

    /// The numbers of trading days that the exchanges themselves state for these years.
    #[test]
    fn the_numbers_of_trading_days_are_those_of_the_exchanges() {
        for (code, year, expected) in [
            ("XSHG", 2015, 244),
            ("XSHG", 2023, 242),
            ("XSHG", 2024, 242),
            ("XSHG", 2025, 243),
            ("XNYS", 2024, 252),
            ("XNYS", 2025, 250),
            ("XHKG", 2023, 245),
        ] {
            let rule = rule(code);
            let days = date(year, 1, 1).series(jiff::Span::new().days(1)).take_while(|day| day.year() == year);
            assert_eq!(days.filter(|day| rule.of(*day) == Day::Works).count(), expected, "{code} {year}");
        }
    }

    #[test]
    fn well_known_days_are_as_they_were() {
        let expected = [
            ("XSHG", date(2026, 2, 16), Day::Off("春节")),
            ("XSHG", date(2026, 2, 14), Day::Off("weekend")),
            ("CN", date(2026, 2, 14), Day::Works),
            ("CN", date(2026, 10, 10), Day::Works),
            ("CN", date(2026, 10, 4), Day::Off("国庆节")),
            ("CN", date(2026, 11, 22), Day::Off("weekend")),
            ("XHKG", date(2026, 4, 3), Day::Off("Good Friday")),
            ("XHKG", date(2026, 10, 8), Day::Works),
            ("XNYS", date(2025, 1, 9), Day::Off("non-working day")),
            ("XNYS", date(2026, 11, 27), Day::Works),
            ("XNYS", date(2014, 12, 31), Day::Unknown),
            ("XSHG", date(2027, 1, 4), Day::Unknown),
        ];
        for (code, day, says) in expected {
            assert_eq!(rule(code).of(day), says, "{code} {day}");
        }
    }
}
