//! Text in the encodings of the trade: GBK and GB18030 above all. Nothing is ever replaced by a question mark: text that
//! cannot be read or written is an error that says where.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, EncoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::Problem;

/// The encoding called `name`: "utf-8", "gbk", "gb18030", "big5", "utf-16le", …
pub fn by_name(name: &str) -> Result<&'static Encoding, Problem> {
    Encoding::for_label(name.trim().as_bytes()).ok_or_else(|| {
        Problem::parameter(format!("there is no encoding “{name}”. Use utf-8, gbk, gb18030, big5 or utf-16le."))
    })
}

/// The text in `bytes`. Without a `name` the encoding is found out: a mark at the beginning, then UTF-8, then a guess in
/// which Chinese goes first. `source` is the file's name for errors.
pub fn decode(bytes: &[u8], name: Option<&str>, source: &str) -> Result<(String, &'static Encoding), Problem> {
    let named = name.filter(|name| !name.eq_ignore_ascii_case("auto")).map(by_name).transpose()?;
    let (encoding, mark) = match (named, Encoding::for_bom(bytes)) {
        (None, Some((encoding, length))) => (encoding, length),
        (Some(named), Some((encoding, length))) if named == encoding => (named, length),
        (Some(named), _) => (named, 0),
        (None, None) => (guess(bytes), 0),
    };
    let mut text = String::new();
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let body = &bytes[mark..];
    let room = decoder.max_utf8_buffer_length_without_replacement(body.len());
    text.try_reserve(room.unwrap_or(usize::MAX)).map_err(|_| Problem::data(format!("{source} is too large")))?;
    match decoder.decode_to_string_without_replacement(body, &mut text, true).0 {
        DecoderResult::InputEmpty => Ok((text, encoding)),
        DecoderResult::Malformed(..) | DecoderResult::OutputFull => {
            Err(malformed(&text, encoding, named.is_some(), source))
        }
    }
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(Some(b"cn"), Utf8Detection::Deny)
}

fn malformed(before: &str, encoding: &'static Encoding, named: bool, source: &str) -> Problem {
    let row = before.matches('\n').count() + 1;
    let origin = if named { "was told to be" } else { "looks like" };
    Problem::data(format!(
        "{source}, row {row}: the file {origin} {} text, but this row is not. Say with which encoding the \
         file was saved (gbk, gb18030, utf-8, …).",
        encoding.name()
    ))
}

/// `text` in `encoding`, with the mark at the beginning if `mark` and the encoding has one. `source` is for errors.
pub fn encode(text: &str, encoding: &'static Encoding, mark: bool, source: &str) -> Result<Vec<u8>, Problem> {
    if encoding == UTF_16LE || encoding == UTF_16BE {
        return Ok(encode_utf16(text, encoding == UTF_16LE, mark));
    }
    let mut bytes = if mark && encoding == UTF_8 { b"\xEF\xBB\xBF".to_vec() } else { Vec::new() };
    if encoding == UTF_8 {
        bytes.extend_from_slice(text.as_bytes());
        return Ok(bytes);
    }
    let mut encoder = encoding.new_encoder();
    let room = encoder.max_buffer_length_from_utf8_without_replacement(text.len());
    bytes.reserve(room.unwrap_or(text.len()));
    match encoder.encode_from_utf8_to_vec_without_replacement(text, &mut bytes, true) {
        (EncoderResult::InputEmpty, _) => Ok(bytes),
        (EncoderResult::Unmappable(character), read) => {
            let row = text[..read].matches('\n').count() + 1;
            Err(Problem::data(format!(
                "{source}, row {row}: the character “{character}” cannot be written in {}. Use gb18030 or utf-8.",
                encoding.name()
            )))
        }
        (EncoderResult::OutputFull, _) => Err(Problem::data(format!("{source}: the text is too large"))),
    }
}

fn encode_utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let marked = if mark { Cow::Owned(format!("\u{FEFF}{text}")) } else { Cow::Borrowed(text) };
    marked.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_recognised_without_being_told() {
        let text = "证券代码,数量,市值\r\n000001,\"1,000\",12345.60\r\n";
        for name in ["gbk", "gb18030", "utf-8"] {
            let bytes = encode(text, by_name(name).unwrap(), false, "f").unwrap();
            assert_eq!(decode(&bytes, None, "f").unwrap().0, text, "{name}");
        }
        for name in ["utf-8", "utf-16le", "utf-16be"] {
            let bytes = encode(text, by_name(name).unwrap(), true, "f").unwrap();
            assert_eq!(decode(&bytes, None, "f").unwrap().0, text, "{name} with a mark");
            assert_eq!(decode(&bytes, Some(name), "f").unwrap().0, text, "{name} with a mark, named");
        }
    }

    #[test]
    fn a_wrong_encoding_is_an_error_that_names_the_row() {
        let bytes = encode("代码\n000001\n证券\n", by_name("gbk").unwrap(), false, "f").unwrap();
        let error = decode(&bytes, Some("utf-8"), "valuation.csv").unwrap_err();
        assert!(error.to_string().starts_with("valuation.csv, row 1:"), "{error}");
        assert!(error.to_string().contains("encoding"), "{error}");
        let error = decode(b"a\nb\n\xFF\xFF\n", Some("gbk"), "v.csv").unwrap_err();
        assert!(error.to_string().starts_with("v.csv, row 3:"), "{error}");
    }

    #[test]
    fn what_an_encoding_does_not_have_is_not_replaced() {
        let error = encode("a\n€😀", by_name("gbk").unwrap(), false, "v.csv").unwrap_err();
        assert!(error.to_string().contains("row 2") && error.to_string().contains('😀'), "{error}");
        assert!(encode("€😀", by_name("gb18030").unwrap(), false, "v.csv").is_ok());
        assert!(matches!(by_name("klingon"), Err(Problem::Parameter(_))));
    }
}
