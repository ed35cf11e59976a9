//! Names in any script. CEL's own names are ASCII; people here call a column 托管市值. Before CEL reads an expression,
//! such names are spelt in ASCII, and afterwards they are put back. Knows nothing of what the names stand for.

const MARK: &str = "u__";

/// A piece of an expression's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// A text in quotes, or a comment: left alone.
    Quoted,
    Name,
    Number,
    Other,
}

/// Cuts `source` into pieces; every piece is (kind, start, end).
fn pieces(source: &str) -> Vec<(Piece, usize, usize)> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        let (kind, end) = if let Some(end) = quoted_end(source, at) {
            (Piece::Quoted, end)
        } else if source[at..].starts_with("//") {
            (Piece::Quoted, source[at..].find('\n').map_or(source.len(), |end| at + end))
        } else if first.is_ascii_digit() {
            (Piece::Number, run_end(source, at, |c| c.is_ascii_alphanumeric() || c == '.'))
        } else if first.is_alphabetic() || first == '_' {
            (Piece::Name, run_end(source, at, |c| c.is_alphanumeric() || c == '_'))
        } else {
            (Piece::Other, at + first.len_utf8())
        };
        pieces.push((kind, at, end));
        at = end;
    }
    pieces
}

fn run_end(source: &str, at: usize, belongs: impl Fn(char) -> bool) -> usize {
    source[at..].char_indices().find(|(_, c)| !belongs(*c)).map_or(source.len(), |(end, _)| at + end)
}

/// The end of the quoted text that begins at `at`, if one does: `'…'`, `"…"`, tripled, with or without a leading r or b.
pub(crate) fn quoted_end(source: &str, at: usize) -> Option<usize> {
    let rest = &source[at..];
    let prefix = rest.bytes().take_while(|byte| matches!(byte, b'r' | b'R' | b'b' | b'B')).count();
    let quote = rest.as_bytes().get(prefix).filter(|byte| matches!(byte, b'"' | b'\''))?;
    if prefix > 2 {
        return None;
    }
    let raw = rest[..prefix].contains(['r', 'R']);
    let single = &rest[prefix..=prefix];
    let triple = single.repeat(3);
    let closing = if rest[prefix..].starts_with(&triple) { triple.as_str() } else { single };
    debug_assert!(closing.as_bytes()[0] == *quote);
    let mut place = at + prefix + closing.len();
    while let Some(next) = source[place..].chars().next() {
        if source[place..].starts_with(closing) {
            return Some(place + closing.len());
        }
        place += next.len_utf8();
        if next == '\\' && !raw {
            place += source[place..].chars().next().map_or(0, char::len_utf8);
        }
    }
    Some(source.len())
}

/// The expression with all its names in ASCII.
///
/// # Errors
/// A full-width sign stands where CEL wants its narrow sister.
pub(crate) fn to_ascii(source: &str) -> Result<String, String> {
    let mut ascii = String::with_capacity(source.len());
    for (kind, start, end) in pieces(source) {
        let piece = &source[start..end];
        match kind {
            // A name that looks like one already spelt out is spelt out, too: otherwise it would come back as another.
            Piece::Name if !piece.is_ascii() || piece.starts_with(MARK) => {
                ascii.push_str(MARK);
                piece.bytes().for_each(|byte| ascii.push_str(&format!("{byte:02x}")));
            }
            Piece::Other if !piece.is_ascii() && !piece.trim().is_empty() => {
                return Err(match narrow(piece) {
                    Some(narrow) => format!("the full-width sign \"{piece}\" has no meaning here: write \"{narrow}\""),
                    None => format!("the sign \"{piece}\" has no meaning here: put texts in quotes"),
                });
            }
            Piece::Other if piece.trim().is_empty() => ascii.push(' '),
            _ => ascii.push_str(piece),
        }
    }
    Ok(ascii)
}

/// The sign that a Chinese keyboard makes wide.
fn narrow(sign: &str) -> Option<char> {
    const PAIRS: [(&str, char); 8] =
        [("“", '"'), ("”", '"'), ("‘", '\''), ("’", '\''), ("，", ','), ("。", '.'), ("、", ','), ("；", ';')];
    let found = PAIRS.iter().find(|(wide, _)| *wide == sign).map(|(_, narrow)| *narrow);
    found.or_else(|| {
        let wide = u32::from(sign.chars().next()?);
        (0xFF01..=0xFF5E).contains(&wide).then(|| char::from_u32(wide - 0xFEE0)).flatten()
    })
}

/// The name as it was written.
pub(crate) fn from_ascii(name: &str) -> String {
    let bytes: Option<Vec<u8>> = name.strip_prefix(MARK).filter(|hex| hex.is_ascii()).and_then(|hex| {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
    });
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| name.to_owned())
}

/// Words that CEL keeps for itself: no variable may be called so.
const RESERVED: &[&str] = &[
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
    "optional",
    "lists",
    "strings",
];

/// What CEL calls its types; `type(x) == int` names one. A variable may be called so, too.
pub(crate) const TYPE_NAMES: &[&str] =
    &["bool", "bytes", "int", "list", "map", "null_type", "string", "type", "uint", "decimal", "optional_type"];

/// Why `name` cannot be the name of a variable; `None` when it can.
pub(crate) fn why_not_a_name(name: &str) -> Option<String> {
    let mut chars = name.chars();
    let first_is_fine = chars.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    if !first_is_fine || !chars.all(|c| c.is_alphanumeric() || c == '_') {
        return Some(format!(
            "\"{name}\" cannot be a name: a name has letters, digits and _ only, and begins with a letter"
        ));
    }
    if name.chars().count() > 64 || name.starts_with(MARK) {
        return Some(format!("\"{name}\" cannot be a name: it is longer than 64 letters or begins with {MARK}"));
    }
    RESERVED
        .contains(&name)
        .then(|| format!("\"{name}\" cannot be a name: expressions use this word for something else"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_any_script_come_back() {
        let ascii = to_ascii("行.托管市值 + row.市值 + '托管'").unwrap();
        assert!(ascii.ends_with("+ '托管'"), "{ascii}");
        let name = ascii.split('.').next().unwrap();
        assert_eq!(from_ascii(name), "行");
        assert_eq!(from_ascii("rows"), "rows");
        for name in ["u__", "u__61", "u__托管"] {
            assert_eq!(from_ascii(&to_ascii(name).unwrap()), name);
        }
    }

    #[test]
    fn a_wide_sign_is_refused_with_its_narrow_sister() {
        assert_eq!(to_ascii("（a）").unwrap_err(), "the full-width sign \"（\" has no meaning here: write \"(\"");
        assert!(to_ascii("a == “x”").unwrap_err().contains("write \"\"\""));
        assert_eq!(to_ascii("'（a）'").unwrap(), "'（a）'");
    }

    #[test]
    fn quotes_end_where_they_end() {
        assert_eq!(quoted_end("'a\\'b' + c", 0), Some(6));
        assert_eq!(quoted_end("r'a\\' + c", 0), Some(5));
        assert_eq!(quoted_end("\"\"\"a\"b\"\"\" + c", 0), Some(9));
        assert_eq!(quoted_end("round(1)", 0), None);
        assert_eq!(quoted_end("'open", 0), Some(5));
    }

    #[test]
    fn reserved_words_and_odd_signs_are_no_names() {
        for name in ["", "1a", "a-b", "a b", "in", "package", "u__61"] {
            assert!(why_not_a_name(name).is_some(), "{name}");
        }
        for name in ["a", "_x", "rows2", "差异", "list"] {
            assert_eq!(why_not_a_name(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(source in "\\PC*") {
            let _ = to_ascii(&source);
        }

        #[test]
        fn every_name_comes_back(name in "[一-龥a-z_]{1,20}") {
            let ascii = to_ascii(&name).unwrap();
            prop_assert!(ascii.is_ascii());
            prop_assert_eq!(from_ascii(&ascii), name);
        }
    }
}
