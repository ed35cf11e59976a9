//! The forms in which a secret turns up in logs: as it is, quoted in JSON or HTML, as hexadecimal, in base64 – also in the midst
//! of other bytes, as in `user:password` –, and in addresses.

use base64::{
    Engine,
    alphabet::{Alphabet, STANDARD, URL_SAFE},
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};

/// A shorter run of base64 letters stands in other words by chance.
const LEAST_BASE64: usize = 6;

/// Every form of `secret`. Case does not matter to whoever searches.
pub(super) fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned(), hex::encode(secret), in_json(secret), in_html(secret)];
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

fn in_json(secret: &str) -> String {
    let quoted = serde_json::Value::from(secret).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn in_html(secret: &str) -> String {
    let escaped = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.replace('"', "&quot;").replace('\'', "&#39;")
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
