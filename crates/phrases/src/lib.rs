//! What is told in English, in Chinese: operations, checks and flows give their reasons in English, and most of those who
//! read them read Chinese. What is known here is translated, anything else is passed on as it is: better in English than
//! not at all. Knows no type of anybody, only texts.

mod cron;
mod flows;
mod operations;
mod packages;
mod problems;

/// English and Chinese.
type Phrases = [(&'static str, &'static str)];

/// What may stand alone.
const ALONE: &[&Phrases] = &[operations::PHRASES];

/// What may stand behind a place in a package or a flow: alone it could as well be the words of others.
const PLACED: &[&Phrases] = &[packages::PHRASES, flows::PHRASES, operations::PHRASES];

/// The Chinese of `reason`, as far as it is known.
#[must_use]
pub fn chinese(reason: &str) -> String {
    if let Some((first, rest)) = reason.starts_with("row ").then(|| reason.split_once("; row ")).flatten() {
        return format!("{}；{}", chinese(first), chinese(&format!("row {rest}")));
    }
    let known = phrase(ALONE, reason, 0).or_else(|| cron::chinese(reason)).or_else(|| problems::chinese(reason));
    known.unwrap_or_else(|| reason.to_owned())
}

/// The Chinese of what a row says of something: a reason, or one behind a field or a day, `2026-10-01: …` or `2026-10-01 …`.
#[must_use]
pub fn told(text: &str) -> String {
    let whole = chinese(text);
    if whole != text {
        return whole;
    }
    for (mark, shown) in [(": ", "："), (" ", " ")] {
        if let Some((head, rest)) = text.split_once(mark).filter(|(head, _)| !head.contains(' ')) {
            let known = chinese(rest);
            if known != rest {
                return format!("{head}{shown}{known}");
            }
        }
    }
    text.to_owned()
}

/// The Chinese of `text` where it is one of the phrases, and `least` bytes of it are the phrase's own. Of several that fit
/// the one that says most is taken.
fn phrase(tables: &[&Phrases], text: &str, least: usize) -> Option<String> {
    let fitting = tables.iter().copied().flatten().filter_map(|(english, chinese)| {
        let values = holes(english, text)?;
        Some((english.len() - 2 * values.len(), chinese, values))
    });
    let (_, chinese, values) = fitting.filter(|(said, ..)| *said >= least).max_by_key(|(said, ..)| *said)?;
    Some(fill(tables, chinese, &values))
}

/// What stands in `text` where `phrase` has `{}`; `None` when it is not that phrase.
fn holes<'t>(phrase: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = phrase.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut found = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        let end = if is_last { rest.len().checked_sub(part.len())? } else { rest.find(part)? };
        if !rest.is_char_boundary(end) || &rest[end..end + part.len()] != part {
            return None;
        }
        found.push(&rest[..end]);
        rest = &rest[end + part.len()..];
    }
    rest.is_empty().then_some(found)
}

/// `phrase` with the values in its places.
fn fill(tables: &[&Phrases], chinese: &str, values: &[&str]) -> String {
    let within = |value: &str| phrase(tables, value, 0).unwrap_or_else(|| value.to_owned());
    let mut filled = String::with_capacity(chinese.len());
    let mut values = values.iter();
    let mut rest = chinese;
    while let Some((before, after)) = rest.split_once('{') {
        let (kind, after) = after.split_once('}').unwrap_or(("", after));
        let value = values.next().copied().unwrap_or_default();
        filled.push_str(before);
        filled.push_str(&if kind == ":" { within(value) } else { value.to_owned() });
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_translated_with_its_values() {
        assert_eq!(chinese("must be between 1 and 1000"), "应在 1 与 1000 之间");
        assert_eq!(chinese("must be 1 or more"), "应不小于 1");
        assert_eq!(
            chinese("must be given, or designer instead"),
            "应给出 robotId 或 designer 之一",
            "the one that says most"
        );
        assert_eq!(chinese("\"金额\" is given twice"), "“金额”重复");
        let known = "\"a\" is not a parameter of the package; it has b, c";
        assert_eq!(chinese(known), "流程包没有参数“a”，它的参数为 b, c");
    }

    #[test]
    fn what_is_not_known_stays_as_it_is() {
        for text in ["", "no such phrase", "must be between 1", "must be 1 or more than that", "\"金"] {
            assert_eq!(chinese(text), text);
        }
    }

    #[test]
    fn both_sides_of_a_phrase_have_the_same_values() {
        for (english, chinese) in PLACED.iter().copied().flatten() {
            let places = chinese.matches("{}").count() + chinese.matches("{:}").count();
            assert_eq!(english.matches("{}").count(), places, "{english}");
        }
    }

    #[test]
    fn what_stands_within_is_translated_where_it_says_so() {
        assert_eq!(
            chinese("row 3: priority: must be 1 or more; row 4: a; b"),
            "第 3 行：priority 应不小于 1；第 4 行：a; b"
        );
        assert_eq!(chinese("expected value at line 1 column 2"), "此处应为一个值（第 1 行第 2 列）");
        assert_eq!(
            chinese("try 2 of 3 failed: its robot has not been heard of"),
            "第 2 次运行（共 3 次）失败：机器人失联"
        );
        assert_eq!(chinese("\"{}\" is given twice"), "“{}”重复", "a value is no place");
    }

    #[test]
    fn what_a_row_says_is_translated_behind_its_field_or_day() {
        assert_eq!(told("2027-01-16 weekend"), "2027-01-16 周末");
        assert_eq!(told("2027-01-01: the calendar does not know 2027"), "2027-01-01：日历不包含 2027 年");
        let known = "inParameters: \"limit\" is required by the package and not given";
        assert_eq!(told(known), "inParameters：缺少流程包必需的“limit”");
        for own in ["2027-01-16 long weekend", "Traceback: no such file", "", "a b"] {
            assert_eq!(told(own), own, "what others have said stays as it is");
        }
    }

    #[test]
    fn no_phrase_stands_twice() {
        let mut seen = std::collections::HashSet::new();
        for (english, _) in PLACED.iter().copied().flatten() {
            assert!(seen.insert(english), "{english}");
        }
    }
}
