//! Secrets that tests plant, and the forms in which they may be found where they do not belong.

use std::path::Path;

/// A secret and the forms it may be found in.
#[derive(Debug)]
pub struct Canary {
    /// Which secret it is.
    pub what: String,
    forms: Vec<String>,
}

impl Canary {
    /// The secret `what`: `core` is the part of the secret that no form of writing changes: letters and digits.
    #[must_use]
    pub fn new(what: impl Into<String>, core: &str) -> Self {
        let hex: String = core.bytes().map(|byte| format!("{byte:02x}")).collect();
        let mut forms = vec![core.to_owned(), hex.to_ascii_uppercase(), hex, core.chars().rev().collect()];
        forms.push(core.bytes().map(|byte| format!("%{byte:02X}")).collect());
        for inside in (0..3).map(|shift| base64_inside(core.as_bytes(), shift)) {
            forms.push(inside.replace('+', "-").replace('/', "_"));
            forms.push(inside);
        }
        Self { what: what.into(), forms }
    }

    /// Whether it is found.
    #[must_use]
    pub fn is_in(&self, haystack: &[u8]) -> bool {
        self.place(haystack).is_some()
    }

    /// What stands around it where it was found.
    #[must_use]
    pub fn around(&self, found: &[u8]) -> String {
        let text = String::from_utf8_lossy(found);
        let (before, after) = text.split_at(self.place(found).unwrap_or(0));
        let skipped = before.chars().count().saturating_sub(200);
        before.chars().skip(skipped).chain(after.chars().take(100)).collect()
    }

    /// Every form is ASCII, and what is no UTF-8 around one leaves it as it is.
    fn place(&self, haystack: &[u8]) -> Option<usize> {
        let text = String::from_utf8_lossy(haystack);
        self.forms.iter().find_map(|form| text.find(form.as_str()))
    }
}

/// What of the base64 of any text that holds `bytes` at an offset of `shift` modulo 3 is the same whatever stands around.
fn base64_inside(bytes: &[u8], shift: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let skip = (3 - shift) % 3;
    let groups = bytes[skip..].chunks_exact(3).map(|three| {
        let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        [18, 12, 6, 0].map(|at| char::from(LETTERS[(bits >> at & 63) as usize]))
    });
    groups.flatten().collect()
}

/// The bytes of all files below `folder`, with what they are called.
pub fn files_below(folder: &Path, places: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let path = entry.path();
        match path.is_dir() {
            true => files_below(&path, places),
            // A file that has gone meanwhile holds nothing.
            false => places.push((format!("the file {}", path.display()), std::fs::read(&path).unwrap_or_default())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_is_found_in_every_form() {
        let canary = Canary::new("test", "C4n4ry03Zq7xKw9vT3mBp5");
        let plain = "C4n4ry03Zq7xKw9vT3mBp5";
        for shift in ["", "a", "ab"] {
            let text = format!("{shift}{plain}tail");
            let encoded = {
                let mut padded = text.clone().into_bytes();
                padded.resize(text.len().next_multiple_of(3), 0);
                base64_inside(&padded, 0)
            };
            assert!(canary.is_in(encoded.as_bytes()), "base64 at offset {}", shift.len());
        }
        let slashed = Canary::new("test", "a??b??c??d");
        assert!(slashed.is_in(b"YT8_Yj8_Yz8_ZA") && slashed.is_in(b"YT8/Yj8/Yz8/ZA"), "both alphabets of base64");
        let behind_bytes = [&[0xff, 0xfe, 0xe4], plain.as_bytes()].concat();
        assert!(canary.is_in(&behind_bytes) && canary.around(&behind_bytes).ends_with(plain));
        assert!(canary.is_in(format!("x{plain}y").as_bytes()) && !canary.is_in("C4n4ry04Zq7xKw9vT3mBp5".as_bytes()));
    }
}
