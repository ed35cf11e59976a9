//! Rust text with comments and the contents of strings blanked, so that a rule about code does not trip over prose. It is a
//! small scanner, not a parser: it knows line and nested block comments, strings, raw strings and characters.

/// `text` with every comment and every string's contents replaced by spaces; newlines stay.
pub(super) fn code_only(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < characters.len() {
        let end = skipped_until(&characters, at);
        if end == at {
            code.push(characters[at]);
            at += 1;
        } else {
            code.extend(characters[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    code
}

/// Where the comment, string or character that begins at `at` ends; `at` itself when none begins there.
fn skipped_until(characters: &[char], at: usize) -> usize {
    let next = characters.get(at + 1).copied();
    match characters[at] {
        '/' if next == Some('/') => find(characters, at, '\n'),
        '/' if next == Some('*') => block_comment_end(characters, at),
        '"' => string_end(characters, at),
        'r' if !is_inside_word(characters, at) => raw_string_end(characters, at),
        '\'' => character_end(characters, at),
        _ => at,
    }
}

fn is_inside_word(characters: &[char], at: usize) -> bool {
    // `br"…"` and `cr"…"` are raw strings too; any other letter before makes it a name.
    let Some(before) = at.checked_sub(1).map(|index| characters[index]) else { return false };
    before.is_alphanumeric() && !matches!(before, 'b' | 'c') || before == '_'
}

fn find(characters: &[char], from: usize, wanted: char) -> usize {
    characters[from..].iter().position(|c| *c == wanted).map_or(characters.len(), |offset| from + offset)
}

fn block_comment_end(characters: &[char], start: usize) -> usize {
    let (mut depth, mut at) = (0, start);
    while at + 1 < characters.len() {
        match (characters[at], characters[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') if depth == 1 => return at + 2,
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    characters.len()
}

fn string_end(characters: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < characters.len() {
        match characters[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    characters.len()
}

fn raw_string_end(characters: &[char], start: usize) -> usize {
    let hashes = characters[start + 1..].iter().take_while(|c| **c == '#').count();
    let quote = start + 1 + hashes;
    if characters.get(quote) != Some(&'"') {
        return start;
    }
    let mut at = quote + 1;
    while at < characters.len() {
        at = find(characters, at, '"') + 1;
        if characters[at.min(characters.len())..].iter().take(hashes).filter(|c| **c == '#').count() == hashes {
            return (at + hashes).min(characters.len());
        }
    }
    characters.len()
}

/// Tells `'x'` and `'\n'` from a lifetime.
fn character_end(characters: &[char], start: usize) -> usize {
    match (characters.get(start + 1), characters.get(start + 2)) {
        (Some('\\'), Some(_)) => (find(characters, start + 3, '\'') + 1).min(characters.len()),
        (Some(_), Some('\'')) => start + 3,
        _ => start,
    }
}

#[cfg(test)]
mod tests {
    use super::code_only;

    #[test]
    fn comments_and_strings_are_blanked_and_code_stays() {
        let cases = [
            ("a // todo!\nb", "a b"),
            ("a /* x /* y */ z */ b", "a b"),
            (r#"f("unsafe \" x") g"#, "f( ) g"),
            ("r#\"a \"quoted\" b\"# c", "c"),
            (r"'\'' x '/' y", "x y"),
            ("fn f<'a>(x: &'a str) // c", "fn f<'a>(x: &'a str)"),
            ("for r in rows", "for r in rows"),
        ];
        for (text, expected) in cases {
            let code = code_only(text);
            assert_eq!(code.split_whitespace().collect::<Vec<_>>().join(" "), expected, "{text}");
            assert_eq!((code.len(), code.lines().count()), (text.len(), text.lines().count()), "{text}");
        }
    }

    #[test]
    fn an_unfinished_string_ends_with_the_text() {
        assert_eq!(code_only("a \"b"), "a   ");
        assert_eq!(code_only("a r#\"b"), "a     ");
    }
}
