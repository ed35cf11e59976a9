//! The trace a call belongs to (W3C Trace Context): taken over from the caller or begun here, and told in the answer.

use std::fmt;

use axum::http::{HeaderMap, HeaderValue};
use baigong_model::Random;

/// A trace, and our part of it.
pub(super) struct Trace {
    id: [u8; 16],
    span: [u8; 8],
    flags: u8,
}

impl Trace {
    /// The trace that the headers name, or a new one.
    pub(super) fn of(headers: &HeaderMap, random: &dyn Random) -> Self {
        let mut drawn = [0; 24];
        random.fill(&mut drawn);
        let (mut id, mut span) = ([0; 16], [0; 8]);
        id.copy_from_slice(&drawn[..16]);
        span.copy_from_slice(&drawn[16..]);
        let given = headers.get("traceparent").and_then(|it| it.to_str().ok()).and_then(read);
        let (id, flags) = given.unwrap_or((id, 1));
        Self { id, span, flags }
    }

    /// The trace, as it is written down.
    pub(super) fn id(&self) -> impl fmt::Display + '_ {
        Hex(&self.id)
    }

    /// For the answer.
    pub(super) fn header(&self) -> HeaderValue {
        let text = format!("00-{}-{}-{:02x}", Hex(&self.id), Hex(&self.span), self.flags);
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// The trace and the flags of `00-<trace>-<parent>-<flags>`; a later version may say more behind that.
fn read(text: &str) -> Option<([u8; 16], u8)> {
    let mut parts = text.split('-');
    let (version, id, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let version = byte(version)?;
    let mut trace = [0; 16];
    hex::decode_to_slice(id, &mut trace).ok()?;
    let mut span = [0; 8];
    hex::decode_to_slice(parent, &mut span).ok()?;
    let is_lower = !text.bytes().any(|it| it.is_ascii_uppercase());
    let ends = version != 0 || parts.next().is_none();
    let fits = is_lower && ends && version != 0xff && trace != [0; 16] && span != [0; 8];
    fits.then_some((trace, byte(flags)?))
}

fn byte(text: &str) -> Option<u8> {
    let mut byte = [0];
    hex::decode_to_slice(text, &mut byte).ok()?;
    Some(byte[0])
}

struct Hex<'b>(&'b [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 32];
        for (place, byte) in self.0.iter().take(16).enumerate() {
            text[place * 2] = DIGITS[usize::from(byte >> 4)];
            text[place * 2 + 1] = DIGITS[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&text[..self.0.len().min(16) * 2]).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use baigong_model::SeededRandom;

    use super::*;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

    fn trace(header: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", header.parse().unwrap());
        let trace = Trace::of(&headers, &SeededRandom::new(1));
        trace.header().to_str().unwrap().to_owned()
    }

    #[test]
    fn a_trace_is_taken_over_with_a_span_of_our_own() {
        let told = trace(GIVEN);
        assert!(told.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && told.ends_with("-00"), "{told}");
        assert!(!told.contains("00f067aa0ba902b7") && told.len() == GIVEN.len(), "{told}");
        assert!(trace(&format!("01{}-more", &GIVEN[2..])).contains("4bf92f3577b34da6a3ce929d0e0e4736"));
    }

    #[test]
    fn what_is_no_trace_is_replaced() {
        let wrong = [
            "",
            "00",
            "x",
            &GIVEN.to_uppercase(),
            &format!("{GIVEN}-more"),
            &format!("ff{}", &GIVEN[2..]),
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        ];
        for wrong in wrong {
            let told = trace(wrong);
            assert!(!told.contains("4bf92f3577b34da6a3ce929d0e0e4736") && told.len() == GIVEN.len(), "{wrong}: {told}");
        }
    }
}
