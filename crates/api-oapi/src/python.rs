//! Bodies as Python writes a dictionary when it is asked for its text: `{'id': '3'}`. Scripts that follow the published client
//! send `str(data)` now and then where they mean JSON, and sign what they send.

/// The same as JSON; `None` where a text in it does not end or an escape is none. What else is no JSON stays as it is.
pub(crate) fn json(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (mut json, mut rest) = (String::with_capacity(text.len() + 8), text);
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        if letter == '\'' || letter == '"' {
            let (read, after) = string(rest, letter)?;
            json.push_str(&serde_json::Value::from(read).to_string());
            rest = after;
        } else if letter.is_ascii_alphabetic() {
            let end = rest.find(|next: char| !next.is_ascii_alphabetic()).unwrap_or(rest.len());
            json.push_str(match (letter, &rest[..end]) {
                ('T', "rue") => "true",
                ('F', "alse") => "false",
                ('N', "one") => "null",
                _ => return None,
            });
            rest = &rest[end..];
        } else {
            json.push(letter);
        }
    }
    Some(json)
}

/// The string that ends at the next `quote`, and what follows it.
fn string(text: &str, quote: char) -> Option<(String, &str)> {
    let (mut string, mut letters) = (String::new(), text.chars());
    loop {
        match letters.next()? {
            end if end == quote => return Some((string, letters.as_str())),
            '\\' => string.push(match letters.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'x' => number(&mut letters, 2)?,
                'u' => number(&mut letters, 4)?,
                'U' => number(&mut letters, 8)?,
                itself @ ('\\' | '\'' | '"') => itself,
                _ => return None,
            }),
            letter => string.push(letter),
        }
    }
}

/// The letter that so many hexadecimal digits stand for.
fn number(letters: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let rest = letters.as_str();
    let text = rest.get(..digits).filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    *letters = rest[digits..].chars();
    char::from_u32(u32::from_str_radix(text, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionaries_are_read_as_python_writes_them() {
        for (python, expected) in [
            ("{'id': '3'}", r#"{"id": "3"}"#),
            (
                r#"{'a': "it's", 'b': 'say "so"', 'c': 'both \' and "'}"#,
                r#"{"a": "it's", "b": "say \"so\"", "c": "both ' and \""}"#,
            ),
            (r"{'路径': 'D:\\a\n\x7f\u200b\U0001f600'}", "{\"路径\": \"D:\\\\a\\n\u{7f}\u{200b}😀\"}"),
            (
                "{'n': 1.5, 'yes': True, 'no': False, 'none': None, 'l': [1, '2']}",
                r#"{"n": 1.5, "yes": true, "no": false, "none": null, "l": [1, "2"]}"#,
            ),
        ] {
            assert_eq!(json(python.as_bytes()).as_deref(), Some(expected), "{python}");
        }
        for wrong in [
            "{'id': '3}",
            r"{'id': '\q'}",
            r"{'id': '\x4'}",
            r"{'id': '\ud800'}",
            "{'id': nan}",
            "{id: 3}",
            "{'é\\u12é4': 1}",
        ] {
            assert_eq!(json(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(json(b"{'\xff': 1}"), None);
    }
}
