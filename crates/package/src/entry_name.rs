//! Which names a file of a package may have: those that mean the same on every system, and lie below the package's
//! folder on all of them. A name that would have to be put right first is refused, never put right.

use unicode_normalization::UnicodeNormalization;

use crate::{Limits, Problem};

const PLAIN: &str = "Use plain relative names with / between folders";
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// A name that passed, and whether it is a folder's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntryName {
    /// The path with `/` between its parts, without a slash at the end.
    pub(crate) path: String,
    /// Whether the raw name ended in a slash.
    pub(crate) is_folder: bool,
}

impl EntryName {
    /// Checks the raw name of an entry of a zip.
    pub(crate) fn parse(raw: &[u8], limits: &Limits) -> Result<Self, Problem> {
        let shown = String::from_utf8_lossy(&raw[..raw.len().min(200)]).escape_debug().to_string();
        let refuse = |message: &str, remedy: &str| Problem::new(shown.clone(), message, remedy);
        let Ok(name) = std::str::from_utf8(raw) else {
            return Err(refuse(
                "the file name is not UTF-8 (an older Chinese Windows zip has GBK names)",
                "Pack it again with `baigong package build` or another tool that writes UTF-8 names",
            ));
        };
        if raw.len() > limits.path_length {
            return Err(refuse(&format!("the path is longer than {} bytes", limits.path_length), "Use shorter names"));
        }
        let path = name.strip_suffix('/').unwrap_or(name);
        check_whole(name, path).map_err(|message| refuse(message, PLAIN))?;
        if path.split('/').count() > limits.depth {
            return Err(refuse(&format!("the path is deeper than {} folders", limits.depth), "Use fewer folders"));
        }
        for part in path.split('/') {
            check_part(part).map_err(|message| refuse(message, PLAIN))?;
        }
        Ok(Self { path: path.to_owned(), is_folder: path.len() < name.len() })
    }

    /// Names with the same key would be one file on some system.
    pub(crate) fn twin_key(path: &str) -> String {
        // Two rounds: lower-casing can undo a normal form and the other way round.
        path.nfkc().collect::<String>().to_lowercase().nfkc().collect::<String>().to_lowercase()
    }
}

fn check_whole(name: &str, path: &str) -> Result<(), &'static str> {
    let bytes = name.as_bytes();
    let drive = bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
    let percent = name.to_ascii_lowercase();
    match () {
        () if path.is_empty() => Err("the file name is empty"),
        () if name.contains('\0') => Err("the file name contains a NUL"),
        () if name.starts_with("\\\\") || name.starts_with("//") => Err("the path names a network share"),
        () if name.starts_with('/') => Err("the path is absolute"),
        () if drive => Err("the path names a drive"),
        () if name.contains('\\') => Err("the path contains a backslash"),
        () if ["%2e", "%2f", "%5c", "%00"].iter().any(|code| percent.contains(code)) => {
            Err("the path hides dots or slashes behind % codes")
        }
        () if name.chars().any(char::is_control) => Err("the file name contains a control character"),
        () if name.chars().any(is_invisible) => Err("the file name contains an invisible character"),
        () if name.contains(['<', '>', ':', '"', '|', '?', '*']) => {
            Err("the file name contains one of < > : \" | ? *, which Windows does not allow")
        }
        () if !name.nfc().eq(name.chars()) => Err("the file name is not in Unicode normal form C"),
        () => Ok(()),
    }
}

fn check_part(part: &str) -> Result<(), &'static str> {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_ascii_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let is_port =
        port.is_some_and(|n| n.chars().count() == 1 && n.chars().all(|c| c.is_ascii_digit() || "¹²³".contains(c)));
    match part {
        "" => Err("the path has an empty part"),
        "." => Err("the path contains ."),
        ".." => Err("the path leads out of the package by .."),
        _ if part.ends_with(['.', ' ']) => Err("a name ends in a dot or a space, which Windows drops"),
        _ if part.starts_with(' ') => Err("a name begins with a space"),
        _ if is_port || DEVICES.contains(&stem.as_str()) => Err("the name is that of a device on Windows"),
        _ => Ok(()),
    }
}

/// Characters that show nothing or turn the direction of writing: they make two names look alike.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str) -> Result<EntryName, Problem> {
        EntryName::parse(name.as_bytes(), &Limits::default())
    }

    #[test]
    fn ordinary_names_pass_unchanged() {
        for name in ["main.flow.yaml", "数据/估值 2026.xlsx", ".gitignore", "a/b/c.d.e", "com10/console", "100%/x"]
        {
            assert_eq!(parse(name).map(|n| (n.path, n.is_folder)), Ok((name.to_owned(), false)));
        }
        assert_eq!(parse("数据/").map(|n| (n.path, n.is_folder)), Ok(("数据".to_owned(), true)));
    }

    #[test]
    fn every_name_that_could_mean_something_else_is_refused() {
        let bad = [
            "",
            "/",
            "//",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a/..",
            "./a",
            "a/./b",
            "a//b",
            "C:/x",
            "c:x",
            "//host/share",
            "\\\\host\\share",
            "a\\b",
            "a\0b",
            "%2e%2e/x",
            "a%2Fb",
            "a%5cb",
            "cafe\u{301}",
            "CON",
            "nul.txt",
            "a/AUX",
            "com1",
            "LPT9.log",
            "COM¹",
            "a.",
            "a /b",
            " a",
            "a\nb",
            "a\u{202e}b",
            "a:stream",
            "what?",
            "a*",
        ];
        for name in bad {
            let problem = parse(name).expect_err(name);
            assert!(!problem.message.is_empty() && !problem.remedy.is_empty(), "{name:?}");
        }
        assert!(EntryName::parse("估值.csv".as_bytes(), &Limits::default()).is_ok());
        assert!(EntryName::parse(b"\xb9\xc0\xd6\xb5.csv", &Limits::default()).is_err(), "GBK names are refused");
    }

    #[test]
    fn length_and_depth_are_bounded() {
        assert!(parse(&"x".repeat(240)).is_ok());
        assert!(parse(&"x".repeat(241)).is_err());
        assert!(parse(&["d"; 16].join("/")).is_ok());
        assert!(parse(&["d"; 17].join("/")).is_err());
    }

    #[test]
    fn twins_have_one_key() {
        assert_eq!(EntryName::twin_key("Data/A.csv"), EntryName::twin_key("data/a.CSV"));
        assert_eq!(EntryName::twin_key("caf\u{e9}"), EntryName::twin_key("cafe\u{301}"));
        assert_eq!(EntryName::twin_key("ﬁle"), EntryName::twin_key("FILE"));
        assert_ne!(EntryName::twin_key("a"), EntryName::twin_key("b"));
    }
}
