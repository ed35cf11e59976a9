//! The forms in which a secret turns up in logs: as it is, quoted for JSON, HTML, programs or tables, as hexadecimal, in base64 – also in the midst
//! of other bytes, as in `user:password` –, and in addresses.

use std::collections::BTreeSet;

use base64::{
    Engine,
    alphabet::{Alphabet, STANDARD, URL_SAFE},
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};

/// A shorter run of base64 letters stands in other words by chance.
const LEAST_BASE64: usize = 6;

/// Every form of `secret`. Case does not matter to whoever searches.
pub(super) fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned(), hex::encode(secret)];
    for json in in_json(secret) {
        // A document within a document.
        forms.extend(in_json(&json));
        forms.push(json);
    }
    forms.extend(in_html(secret));
    forms.extend(in_quotes(secret));
    for alphabet in [&STANDARD, &URL_SAFE] {
        forms.extend((0..3).filter_map(|before| in_base64(secret, alphabet, before)));
    }
    // What is left as it is differs between browsers, Python, Java and forms.
    for left in ["-._~", "-._~/", "-._~!*'()", "-._*", "-._", "-_.!~*'();/?:@&=+$,#"] {
        forms.push(in_address(secret, left, "%20"));
        forms.push(in_address(secret, left, "+"));
    }
    forms
}

/// JSON: letters beyond ASCII as they are or escaped, as Python does; further signs escaped, as Go, Gson and PHP do.
fn in_json(secret: &str) -> BTreeSet<String> {
    let quoted = serde_json::Value::from(secret).to_string();
    let plain = &quoted[1..quoted.len() - 1];
    let written = ["", "<>&", "<>&='"].map(|signs| escaped(plain, |letter| signs.contains(letter)));
    let written = written.iter().flat_map(|text| [text.clone(), escaped(text, |letter| !letter.is_ascii())]);
    written.flat_map(|text| [text.replace('/', "\\/"), text]).collect()
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> String {
    let mut written = String::new();
    for letter in text.chars() {
        if is_escaped(letter) {
            written.extend(letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            written.push(letter);
        }
    }
    written
}

fn in_html(secret: &str) -> Vec<String> {
    let escaped = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let quotes = ["\"", "&quot;", "&#34;"];
    let with_quotes = quotes.iter().map(|quote| escaped.replace('"', quote));
    let apostrophes = ["'", "&#39;", "&#x27;", "&apos;"];
    with_quotes.flat_map(|text| apostrophes.map(|apostrophe| text.replace('\'', apostrophe))).collect()
}

/// As programs show a text: Python, shells that trace their commands, SQL, tables.
fn in_quotes(secret: &str) -> [String; 5] {
    let doubled = secret.replace('\\', "\\\\");
    [
        doubled.replace('\'', "\\'"),
        doubled,
        secret.replace('\'', "'\\''"),
        secret.replace('\'', "''"),
        secret.replace('"', "\"\""),
    ]
}

/// The letters of base64 that depend on nothing but the secret when `before` bytes (modulo 3) stand in front of it.
fn in_base64(secret: &str, alphabet: &Alphabet, before: usize) -> Option<String> {
    let bytes: Vec<u8> = std::iter::repeat_n(0, before).chain(secret.bytes()).collect();
    let written = GeneralPurpose::new(alphabet, NO_PAD).encode(&bytes);
    let (first, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
    let own = written.get(first..end)?;
    (own.len() >= LEAST_BASE64).then(|| own.to_owned())
}

fn in_address(secret: &str, left: &str, blank: &str) -> String {
    let mut written = String::new();
    for byte in secret.bytes() {
        match byte {
            b' ' => written.push_str(blank),
            byte if byte.is_ascii_alphanumeric() || left.as_bytes().contains(&byte) => written.push(char::from(byte)),
            byte => written.push_str(&format!("%{byte:02X}")),
        }
    }
    written
}
