//! The names in a zip, which nobody can trust: only plain relative paths pass.

use baigong_flow::ActionError;
use encoding_rs::Encoding;

use crate::support::trouble::invalid_data;

/// The parts of the path that the raw `name` of an entry means. Windows programs in China write names in GBK without saying
/// so: a name that is not UTF-8 is read in `encoding`.
pub(super) fn parts(name: &[u8], encoding: &'static Encoding, source: &str) -> Result<Vec<String>, ActionError> {
    let decoded = match std::str::from_utf8(name) {
        Ok(text) => Some(text.to_owned()),
        Err(_) => encoding.decode_without_bom_handling_and_without_replacement(name).map(std::borrow::Cow::into_owned),
    };
    let Some(text) = decoded else {
        let readable = String::from_utf8_lossy(name);
        return Err(invalid_data(format!(
            "{source}: the file name {readable} is not {} text. Set nameEncoding to the encoding of the names.",
            encoding.name()
        )));
    };
    let parts: Vec<String> = text.strip_suffix('/').unwrap_or(&text).split('/').map(str::to_owned).collect();
    if parts.iter().all(|part| is_plain(part)) {
        return Ok(parts);
    }
    Err(invalid_data(format!("{source}: the file name {text} could lead out of the folder, so nothing was unpacked.")))
}

/// A name every system takes as the name of one file in this folder.
fn is_plain(part: &str) -> bool {
    let strange =
        |character: char| character.is_control() || matches!(character, '\\' | ':' | '<' | '>' | '"' | '|' | '?' | '*');
    !part.is_empty() && !part.contains(strange) && !part.ends_with(['.', ' ']) && part.len() <= 255 && !is_device(part)
}

/// The names that mean a device on Windows.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |kind: &str| stem.strip_prefix(kind).is_some_and(|rest| matches!(rest.as_bytes(), [b'1'..=b'9']));
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use encoding_rs::GBK;

    use super::*;

    #[test]
    fn only_plain_relative_names_pass() {
        for (name, expected) in [
            (&b"a.txt"[..], &["a.txt"][..]),
            (b"a/b/", &["a", "b"]),
            ("估值/1.csv".as_bytes(), &["估值", "1.csv"]),
            (b"\xb9\xc0\xd6\xb5.csv", &["估值.csv"]),
            (b"..a/b..c", &["..a", "b..c"]),
        ] {
            assert_eq!(parts(name, GBK, "z").unwrap(), expected);
        }
        for name in [
            &b""[..],
            b"/",
            b"/etc/passwd",
            b"../a",
            b"a/../b",
            b"a/..",
            b"a//b",
            b"./a",
            b"C:/a",
            b"a\\b",
            b"a\0b",
            b"a.",
            b"a ",
            b"NUL",
            b"com1.txt",
            b"a/aux/b",
            b"a\nb",
            b"\xff\xff",
        ] {
            let error = parts(name, GBK, "z").unwrap_err();
            assert_eq!(error.code, "invalidData", "{}", String::from_utf8_lossy(name));
        }
    }
}
