//! The signature of requests of the OAPI interface: base64 of the lower-case hexadecimal HMAC-SHA256, under the access token,
//! of the URL-encoded source string. Knows no HTTP: what of a request is the source is the dialect's to say.
//!
//! The source string is what is signed (the parameters as `k=v` sorted by name and joined with `&`, or the body exactly as
//! sent), then `&token=…&timestamp=…`. It is encoded on its way into the HMAC, never as a whole.

use std::fmt::Write as _;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// What of a request is signed.
#[derive(Debug, Clone, Copy)]
pub enum Source<'r> {
    /// The body, exactly as sent.
    Body(&'r [u8]),
    /// Parameters, decoded, sorted by name.
    Parameters(&'r [(String, String)]),
}

/// How the source string is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Java's `URLEncoder` with `+` → `%20`, `*` → `%2A`, `~` → `%7E`, as the document prints it.
    Printed,
    /// Python's `quote`, which leaves `/` and `~` alone: the published client signs so.
    Quote,
}

impl Encoding {
    fn keeps(self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'.')
            || self == Self::Quote && matches!(byte, b'/' | b'~')
    }
}

/// Encodes into an HMAC through a small buffer.
struct Writer {
    mac: Hmac<Sha256>,
    encoding: Encoding,
    buffer: [u8; 1024],
    length: usize,
    /// Whether something was written that the two encodings write differently.
    is_special: bool,
}

impl Writer {
    fn new(token: &str, encoding: Encoding) -> Self {
        let mac = Hmac::<Sha256>::new_from_slice(token.as_bytes()).expect("HMAC takes keys of any length");
        Self { mac, encoding, buffer: [0; 1024], length: 0, is_special: false }
    }

    fn write(&mut self, bytes: &[u8]) {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        for byte in bytes {
            if self.length + 3 > self.buffer.len() {
                self.mac.update(&self.buffer[..self.length]);
                self.length = 0;
            }
            self.is_special |= matches!(byte, b'/' | b'~');
            if self.encoding.keeps(*byte) {
                self.buffer[self.length] = *byte;
                self.length += 1;
            } else {
                let encoded = [b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
                self.buffer[self.length..self.length + 3].copy_from_slice(&encoded);
                self.length += 3;
            }
        }
    }

    fn finish(mut self) -> (String, bool) {
        self.mac.update(&self.buffer[..self.length]);
        let mut text = String::with_capacity(64);
        for byte in self.mac.finalize().into_bytes() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        (BASE64.encode(text), self.is_special)
    }
}

fn signature(token: &str, timestamp: &str, source: Source<'_>, encoding: Encoding) -> (String, bool) {
    let mut writer = Writer::new(token, encoding);
    match source {
        Source::Body(body) => writer.write(body),
        Source::Parameters(parameters) => {
            for (place, (name, value)) in parameters.iter().enumerate() {
                if place > 0 {
                    writer.write(b"&");
                }
                writer.write(name.as_bytes());
                writer.write(b"=");
                writer.write(value.as_bytes());
            }
        }
    }
    writer.write(b"&token=");
    writer.write(token.as_bytes());
    writer.write(b"&timestamp=");
    writer.write(timestamp.as_bytes());
    writer.finish()
}

/// The signature of `source`, as a client sends it.
#[must_use]
pub fn sign(token: &str, timestamp: &str, source: Source<'_>, encoding: Encoding) -> String {
    signature(token, timestamp, source, encoding).0
}

/// Whether `given` signs `source` in either encoding. Compared in constant time.
#[must_use]
pub fn verify(token: &str, timestamp: &str, source: Source<'_>, given: &str) -> bool {
    let is_given = |text: &str| bool::from(text.as_bytes().ct_eq(given.as_bytes()));
    let (printed, is_special) = signature(token, timestamp, source, Encoding::Printed);
    is_given(&printed) || is_special && is_given(&signature(token, timestamp, source, Encoding::Quote).0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "d0f462f8-73d3-4cec-8d7d-11367c264fa6";

    fn parameters(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_printed_example_comes_out_as_printed() {
        let given = parameters(&[("robotNo", "2d3d833bd2e711e997ae6c0b84d60408"), ("top", "30")]);
        let expected = "YzYzMDE3ZWU3OWJkNmI4OTQ3YzM1M2IyZTdmN2VjOWE0NjZlNGFlNzBiYzkwNmFhN2JjNDJlY2E0ZWFjYjEzMw==";
        assert_eq!(BASE64.encode("c63017ee79bd6b8947c353b2e7f7ec9a466e4ae70bc906aa7bc42eca4eacb133"), expected);
        let signed = sign(TOKEN, "15748219023", Source::Parameters(&given), Encoding::Printed);
        assert_eq!(signed, expected);
        assert!(verify(TOKEN, "15748219023", Source::Parameters(&given), &signed));
    }

    #[test]
    fn both_encodings_are_taken_and_nothing_else() {
        let body = br#"{"path":"/a/~b *c+d","name":"\xe5"}"#;
        for encoding in [Encoding::Printed, Encoding::Quote] {
            let signed = sign(TOKEN, "1", Source::Body(body), encoding);
            assert!(verify(TOKEN, "1", Source::Body(body), &signed));
            assert!(!verify(TOKEN, "2", Source::Body(body), &signed));
            assert!(!verify("other", "1", Source::Body(body), &signed));
            assert!(!verify(TOKEN, "1", Source::Body(&body[1..]), &signed));
            assert!(!verify(TOKEN, "1", Source::Body(body), &signed[..87]));
            assert!(!verify(TOKEN, "1", Source::Body(body), &signed.to_ascii_lowercase()));
            assert!(!verify(TOKEN, "1", Source::Body(body), &"A".repeat(100_000)));
            assert!(!verify(TOKEN, "1", Source::Body(body), ""));
        }
        let of = |encoding| sign(TOKEN, "1", Source::Body(body), encoding);
        assert_ne!(of(Encoding::Printed), of(Encoding::Quote));
    }

    proptest! {
        #[test]
        fn a_body_is_not_taken_for_another(one in proptest::collection::vec(any::<u8>(), 0..3000), at in any::<prop::sample::Index>()) {
            let signed = sign(TOKEN, "1", Source::Body(&one), Encoding::Quote);
            prop_assert!(verify(TOKEN, "1", Source::Body(&one), &signed));
            let mut other = one.clone();
            if other.is_empty() { other.push(b'x') } else { let at = at.index(other.len()); other[at] ^= 1 }
            prop_assert!(!verify(TOKEN, "1", Source::Body(&other), &signed));
        }
    }
}
