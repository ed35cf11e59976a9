//! What makes a trigger fire, as it is stored: read and checked here, once for all who ask.

use std::path::{Component, Path};

use baigong_model::{Error, Result};
use baigong_schedule::Cron;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::keys::Chord;

/// The longest time a file must have lain still, in seconds.
const LONGEST_REST: i64 = 3600;
/// The longest pattern of names.
const LONGEST_PATTERN: usize = 200;

/// What makes a trigger fire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(crate) enum Cause {
    /// The clock.
    Time {
        /// Quartz or five-field cron.
        cron: String,
        /// The IANA zone it is meant in.
        zone: String,
    },
    /// Somebody who says so.
    Hand,
    /// A key on the robot's display, with others held down: `ctrl+alt+r`.
    Hotkey {
        /// The keys.
        keys: String,
    },
    /// A file that has arrived and lies still.
    File(Arrival),
}

/// Which files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Arrival {
    /// The folder, absolute.
    pub(crate) folder: String,
    /// Which names: `*` stands for any letters, `?` for one.
    pub(crate) pattern: String,
    /// So long, in seconds, neither size nor time of a file may have changed.
    pub(crate) rest: i64,
    /// The in-parameter that gets the file's path.
    pub(crate) parameter: Option<String>,
}

impl Cause {
    /// The word for its kind.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Time { .. } => "time",
            Self::Hand => "hand",
            Self::Hotkey { .. } => "hotkey",
            Self::File(_) => "file",
        }
    }

    /// Fails, naming the field, unless it makes sense.
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self::Time { .. } => self.schedule().map(drop),
            Self::Hand => Ok(()),
            Self::Hotkey { keys } => Chord::parse(keys).map(drop),
            Self::File(arrival) => arrival.check(),
        }
    }

    /// The first instant after `after`, of one that fires at times.
    pub(crate) fn next_after(&self, after: i64) -> Result<Option<i64>> {
        Ok(self.schedule()?.and_then(|(cron, zone)| cron.next_after(after, &zone)))
    }

    fn schedule(&self) -> Result<Option<(Cron, TimeZone)>> {
        let Self::Time { cron, zone } = self else { return Ok(None) };
        let cron = Cron::parse(cron).map_err(|error| Error::invalid("cronExpression", error.to_string()))?;
        let unknown =
            |_| Error::invalid("timeZone", format!("\"{zone}\" is not the IANA name of a zone, such as Asia/Shanghai"));
        Ok(Some((cron, TimeZone::get(zone).map_err(unknown)?)))
    }

    /// As it is stored.
    pub(crate) fn to_text(&self) -> Result<String> {
        serde_json::to_string(self).map_err(Error::internal)
    }

    /// A stored one.
    pub(crate) fn of_text(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(Error::internal)
    }
}

impl Arrival {
    fn check(&self) -> Result<()> {
        let folder = Path::new(&self.folder);
        if !folder.is_absolute() || folder.components().any(|part| part == Component::ParentDir) {
            return Err(Error::invalid("folderPath", "must be an absolute path on the robot's machine"));
        }
        let length = self.pattern.chars().count();
        if !(1..=LONGEST_PATTERN).contains(&length) || self.pattern.contains(['/', '\0']) {
            let reason = format!("must be a pattern of names of 1 to {LONGEST_PATTERN} letters, such as *.xlsx");
            return Err(Error::invalid("filePattern", reason));
        }
        if !(1..=LONGEST_REST).contains(&self.rest) {
            return Err(Error::invalid("settleSeconds", format!("must be between 1 and {LONGEST_REST}")));
        }
        Ok(())
    }

    /// Whether a file of this name is meant. Hidden ones, which programs write to while they are at it, only where the pattern
    /// says so, as in shells.
    pub(crate) fn fits(&self, name: &str) -> bool {
        let is_hidden = name.starts_with('.') && !self.pattern.starts_with('.');
        !is_hidden && fits(&self.pattern.chars().collect::<Vec<_>>(), &name.chars().collect::<Vec<_>>())
    }
}

fn fits(pattern: &[char], name: &[char]) -> bool {
    // The place to go back to: the last star, and how much of the name it has taken.
    let (mut at, mut read, mut star) = (0, 0, None);
    while read < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == name[read] => (at, read) = (at + 1, read + 1),
            _ => match star {
                Some((back, taken)) => {
                    (at, read) = (back + 1, taken + 1);
                    star = Some((back, taken + 1));
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(pattern: &str) -> Arrival {
        Arrival { folder: "/in".into(), pattern: pattern.into(), rest: 1, parameter: None }
    }

    #[test]
    fn patterns_mean_what_people_mean() {
        for (pattern, name, does) in [
            ("*", "a", true),
            ("*.xlsx", "对账.xlsx", true),
            ("*.xlsx", "a.xlsx.part", false),
            ("a?c*", "abcdef", true),
            ("a?c*", "ac", false),
            ("*a*b", "xaxxab", true),
            ("*a*b", "xaxxba", false),
            ("a", "A", false),
            ("*.csv", ".a.csv", false),
            (".*.csv", ".a.csv", true),
        ] {
            assert_eq!(arrival(pattern).fits(name), does, "{pattern} {name}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_field() {
        let wrong = |cause: Cause| match cause.check() {
            Err(Error::Invalid { field, .. }) => field,
            other => panic!("{cause:?}: {other:?}"),
        };
        let time = |cron: &str, zone: &str| Cause::Time { cron: cron.into(), zone: zone.into() };
        assert_eq!(wrong(time("nonsense", "UTC")), "cronExpression");
        assert_eq!(wrong(time("0 0 9 * * ?", "Mars/Base")), "timeZone");
        assert_eq!(wrong(Cause::Hotkey { keys: "nothing".into() }), "hotkey");
        assert_eq!(wrong(Cause::File(Arrival { folder: "in".into(), ..arrival("*") })), "folderPath");
        assert_eq!(wrong(Cause::File(Arrival { folder: "/in/../etc".into(), ..arrival("*") })), "folderPath");
        assert_eq!(wrong(Cause::File(arrival("a/b"))), "filePattern");
        assert_eq!(wrong(Cause::File(Arrival { rest: 0, ..arrival("*") })), "settleSeconds");
        let nine = time("0 0 9 * * ?", "Asia/Shanghai");
        assert_eq!(Cause::of_text(&nine.to_text().unwrap()).unwrap(), nine);
        assert_eq!(nine.next_after(0).unwrap(), Some(3_600_000), "nine o'clock in Shanghai is one in UTC");
        assert_eq!(Cause::Hand.next_after(0).unwrap(), None);
    }
}
