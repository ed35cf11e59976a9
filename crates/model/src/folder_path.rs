//! Paths of folders: "/", "/对账", "/对账/2026". What a client writes is brought into this one form or refused; it never
//! becomes a path of the machine.

use unicode_normalization::UnicodeNormalization;

use crate::{Error, Result};

/// The most names in a path.
pub const DEEPEST: usize = 16;
/// The longest path, in letters.
pub const LONGEST: usize = 1000;
/// The longest name, in letters.
const LONGEST_NAME: usize = 128;
/// The root.
pub const ROOT: &str = "/";

/// A path, checked: the names from the root down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderPath(Vec<String>);

impl FolderPath {
    /// Reads `text`; the slash at its beginning and one at its end may be missing.
    pub fn read(field: &str, text: &str) -> Result<Self> {
        let inner = text.strip_prefix('/').unwrap_or(text);
        if inner.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        let path = Self(inner.split('/').map(|part| name(field, part)).collect::<Result<_>>()?);
        path.fits(field).map(|()| path)
    }

    /// The names, outermost first.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The path of the first `count` names.
    #[must_use]
    pub fn upto(&self, count: usize) -> String {
        format!("/{}", self.0[..count].join("/"))
    }

    /// The whole path.
    #[must_use]
    pub fn text(&self) -> String {
        self.upto(self.0.len())
    }

    fn fits(&self, field: &str) -> Result<()> {
        bounded(field, self.0.len(), self.text().chars().count())
    }
}

/// Refuses what is too deep or too long.
pub fn bounded(field: &str, depth: usize, letters: usize) -> Result<()> {
    if depth > DEEPEST || letters > LONGEST {
        let reason = format!("must have at most {DEEPEST} folders and {LONGEST} letters");
        return Err(Error::invalid(field, reason));
    }
    Ok(())
}

/// The name of a folder or a file: one part of a path, and nothing that a system could take for something else.
pub fn name(field: &str, text: &str) -> Result<String> {
    let name: String = text.nfc().collect();
    let is_bounded = (1..=LONGEST_NAME).contains(&name.chars().count());
    let has_other_meaning = name.chars().any(|letter| letter.is_control() || matches!(letter, '/' | '\\'));
    let is_disguised = name.chars().any(is_unseen) || name.ends_with('.');
    let is_blank_edged = name.starts_with(char::is_whitespace) || name.ends_with(char::is_whitespace);
    if !is_bounded || has_other_meaning || is_blank_edged || is_disguised {
        let reason = format!(
            "names must have 1 to {LONGEST_NAME} letters, none of them unseen or / or \\, no blank at either end and no . at the end"
        );
        return Err(Error::invalid(field, reason));
    }
    Ok(name)
}

/// Letters that nobody sees and that turn others around: "单\u{202e}fdp.exe" looks like "单exe.pdf".
fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The path of what is called `name` in the folder at `parent`.
#[must_use]
pub fn below(parent: &str, name: &str) -> String {
    if parent == ROOT { format!("/{name}") } else { format!("{parent}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_path_becomes_one() {
        for text in ["/对账/2026", "对账/2026", "/对账/2026/", "对账/2026/"] {
            assert_eq!(FolderPath::read("folderPath", text).unwrap().text(), "/对账/2026", "{text}");
        }
        for text in ["/", ""] {
            assert_eq!(FolderPath::read("folderPath", text).unwrap().text(), "/", "{text}");
        }
        // The two ways to write é are one name.
        assert_eq!(name("fileName", "e\u{301}.txt").unwrap(), "\u{e9}.txt");
        assert_eq!((below("/", "a"), below("/a", "b")), ("/a".into(), "/a/b".into()));
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        let deep = "a/".repeat(DEEPEST + 1);
        let long = vec!["x".repeat(LONGEST_NAME); 9].join("/");
        for text in [
            "..",
            "/a/../b",
            "/.",
            "//",
            "/a//b",
            "a\\b",
            "C:\\a",
            "/a/\0",
            "/a/\n",
            "/ a",
            "/a /b",
            "/...",
            "/a./b",
            "/a/单\u{202e}fdp.exe",
            "/a/\u{200b}b",
            "/\u{feff}a",
            &"x".repeat(129),
            &deep,
            &long,
        ] {
            let read = FolderPath::read("folderPath", text);
            assert!(matches!(read, Err(Error::Invalid { .. })), "{text:?}: {read:?}");
        }
        assert!(FolderPath::read("folderPath", &"a/".repeat(DEEPEST)).is_ok());
    }
}
