//! Which Python a package asks for, as conda and PEP 440 write it, and whether a version is one.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::parameters::short;

/// So many minor versions older than what was asked for, a Python is still taken.
const MOST_OLDER: u32 = 2;

/// A version: major, minor, patch.
pub type PythonVersion = [u32; 3];

/// Which Python is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PythonWish {
    /// Any.
    #[default]
    Any,
    /// One version (`python=3.10.12`): its minor version, or another near it where there is none.
    About(Vec<u32>),
    /// All of these.
    Within(Vec<Bound>),
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// `<`, `<=`, `>`, `>=`, `!=`, `~=`, or `=` for all that begin so.
    pub operator: String,
    /// As many numbers as were written.
    pub version: Vec<u32>,
}

/// How well a version suits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// Not at all.
    No,
    /// It is a little older than the one asked for: many packages run on it, and pip says which do not.
    Older,
    /// It is newer than the one asked for: most packages run on it.
    Newer,
    /// It is what was asked for.
    Right,
}

impl PythonWish {
    /// What conda writes behind the name `python`: nothing, `=3.10.12`, `==3.10`, `3.10.*`, `>=3.9,<3.12`. A build (`=…=h12_0`) is left out.
    pub(crate) fn from_conda(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() || text == "*" {
            return Ok(Self::Any);
        }
        if text.starts_with(['<', '>', '!', '~']) || text.contains(',') {
            return Self::from_specifiers(text);
        }
        let pinned = text.trim_start_matches('=');
        let pinned = pinned.split(['=', ' ']).next().unwrap_or_default();
        Ok(Self::About(numbers(pinned.trim_end_matches('*').trim_end_matches('.'))?))
    }

    /// `requires-python` of PEP 621: conditions with commas between them.
    pub(crate) fn from_specifiers(text: &str) -> Result<Self, String> {
        let mut bounds = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let end = part.find(|c: char| !"<>=!~".contains(c)).unwrap_or(part.len());
            let (operator, version) = (&part[..end], part[end..].trim());
            let operator = match operator {
                "" | "=" | "==" | "===" => "=",
                known @ ("<" | "<=" | ">" | ">=" | "!=" | "~=") => known,
                other => return Err(format!("\"{other}\" is no condition on a version")),
            };
            let version = numbers(version.trim_end_matches('*').trim_end_matches('.'))?;
            bounds.push(Bound { operator: operator.to_owned(), version });
        }
        Ok(if bounds.is_empty() { Self::Any } else { Self::Within(bounds) })
    }

    /// How well `version` suits.
    #[must_use]
    pub fn fit(&self, version: PythonVersion) -> Fit {
        let right = |yes| if yes { Fit::Right } else { Fit::No };
        match self {
            Self::Any => right(version[0] == 3),
            Self::Within(bounds) => right(bounds.iter().all(|bound| bound.takes(version))),
            Self::About(wanted) => match wanted.as_slice() {
                [major, ..] if *major != version[0] => Fit::No,
                [_, minor, ..] => match version[1].cmp(minor) {
                    Ordering::Less if minor - version[1] <= MOST_OLDER => Fit::Older,
                    Ordering::Less => Fit::No,
                    Ordering::Equal => Fit::Right,
                    Ordering::Greater => Fit::Newer,
                },
                _ => Fit::Right,
            },
        }
    }

    /// The major and minor version to look for first, where one is named.
    #[must_use]
    pub fn minor(&self) -> Option<(u32, u32)> {
        match self {
            Self::About(wanted) => Some((*wanted.first()?, *wanted.get(1)?)),
            Self::Any | Self::Within(_) => None,
        }
    }
}

impl Bound {
    fn takes(&self, version: PythonVersion) -> bool {
        let wanted = &self.version;
        let begins = version.iter().zip(wanted).all(|(one, other)| one == other);
        let padded: Vec<u32> = (0..3).map(|at| wanted.get(at).copied().unwrap_or(0)).collect();
        let order = version.as_slice().cmp(&padded);
        match self.operator.as_str() {
            "=" => begins,
            "!=" => !begins,
            "<" => order == Ordering::Less,
            "<=" => order != Ordering::Greater,
            ">" => order == Ordering::Greater && !(wanted.len() < 3 && begins),
            ">=" => order != Ordering::Less,
            // ~=3.10 is >=3.10, <4; ~=3.10.2 is >=3.10.2, <3.11.
            _ => order != Ordering::Less && version.iter().zip(&wanted[..wanted.len() - 1]).all(|(a, b)| a == b),
        }
    }
}

impl std::fmt::Display for PythonWish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let dotted = |numbers: &[u32]| numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
        match self {
            Self::Any => f.write_str("Python 3"),
            Self::About(wanted) => write!(f, "Python {}", dotted(wanted)),
            Self::Within(bounds) => {
                let all: Vec<_> =
                    bounds.iter().map(|one| format!("{}{}", one.operator, dotted(&one.version))).collect();
                write!(f, "Python {}", all.join(", "))
            }
        }
    }
}

fn numbers(text: &str) -> Result<Vec<u32>, String> {
    let parts: Option<Vec<u32>> = text.trim().split('.').take(3).map(|part| part.parse().ok()).collect();
    parts.ok_or_else(|| format!("\"{}\" is no version of Python", short(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_conda_writes_is_understood() {
        for (text, version, fit) in [
            ("", [3, 11, 2], Fit::Right),
            ("=3.10.12", [3, 10, 1], Fit::Right),
            ("=3.10.12", [3, 11, 2], Fit::Newer),
            ("=3.10.12", [3, 9, 18], Fit::Older),
            ("=3.12.8", [3, 9, 18], Fit::No),
            ("==3.10", [3, 10, 4], Fit::Right),
            ("=3.10.12=h955ad1f_0", [3, 10, 4], Fit::Right),
            (" 3.10.*", [3, 10, 4], Fit::Right),
            ("=2.7", [3, 11, 2], Fit::No),
            ("=3", [3, 11, 2], Fit::Right),
            (">=3.9,<3.11", [3, 11, 0], Fit::No),
            (">=3.9,<3.12", [3, 11, 9], Fit::Right),
        ] {
            assert_eq!(PythonWish::from_conda(text).unwrap().fit(version), fit, "{text:?} {version:?}");
        }
        for text in ["=three", ">>3", "=3.x"] {
            assert!(PythonWish::from_conda(text).is_err(), "{text}");
        }
    }

    #[test]
    fn specifiers_mean_what_pep_440_says() {
        for (text, version, takes) in [
            (">=3.10", [3, 10, 0], true),
            (">=3.10", [3, 9, 9], false),
            (">3.10", [3, 10, 4], false),
            (">3.10", [3, 11, 0], true),
            ("<=3.10", [3, 10, 1], false),
            ("~=3.10", [3, 12, 0], true),
            ("~=3.10", [4, 0, 0], false),
            ("~=3.10.2", [3, 11, 0], false),
            ("!=3.11.*", [3, 11, 4], false),
            ("==3.11.*", [3, 11, 4], true),
            (">=3.9, !=3.9.7, <4", [3, 9, 7], false),
        ] {
            let fit = PythonWish::from_specifiers(text).unwrap().fit(version);
            assert_eq!(fit == Fit::Right, takes, "{text} {version:?}");
        }
    }
}
