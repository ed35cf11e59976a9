//! What users write to find items, in the language of Lucene: `state:failed AND (amount:[100 TO 500] OR market:SH)`. A field is
//! one of the item's own or else a field of its data (`payload.` in front makes that plain); a word without a field is looked
//! for everywhere. Parsed by tantivy's grammar under bounds of ours, and translated for the store.

use baigong_model::{Error, Result};
use baigong_store::queue_items::{self as rows, Column, Comparison, Expression, Field, Scalar, Test};
use jiff::{
    ToSpan, Zoned,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use tantivy_query_grammar::{Delimiter, Occur, UserInputAst, UserInputBound, UserInputLeaf, UserInputLiteral};

/// The longest expression, in letters.
const LONGEST: usize = 2000;
/// The parser's time doubles with each bracket in a bracket.
const DEEPEST: usize = 8;
/// Conditions in one expression.
const MOST: usize = 100;

/// The state called so.
pub(super) fn state(text: &str) -> Option<&'static str> {
    rows::STATES.iter().copied().find(|state| *state == text)
}

/// Other words for fields and their values, for callers who know the items by them.
#[derive(Debug, Clone, Copy)]
pub struct Vocabulary {
    /// Other names of fields.
    pub fields: &'static [(&'static str, &'static str)],
    /// A field, a value of it, and what the two mean together, in the words used here.
    pub values: &'static [(&'static str, &'static str, &'static str)],
}

/// The condition that `text` means; times are those of `zone`.
pub(super) fn parse(text: &str, zone: &TimeZone) -> Result<Expression> {
    parse_in(text, zone, None)
}

/// The same in other words.
pub(super) fn parse_in(text: &str, zone: &TimeZone, words: Option<&'static Vocabulary>) -> Result<Expression> {
    if text.chars().count() > LONGEST {
        return Err(wrong(format!("must have at most {LONGEST} letters and no NUL")));
    }
    if nesting(text) > DEEPEST {
        return Err(wrong(format!("must not have more than {DEEPEST} brackets within each other")));
    }
    let text = eased(text);
    let Ok(tree) = tantivy_query_grammar::parse_query(&text) else { return Err(misread(&text)) };
    let mut reading = Reading { zone, left: MOST, words };
    reading.tree(&tree)
}

fn wrong(reason: impl Into<String>) -> Error {
    Error::invalid("filter", reason)
}

/// What Lucene has and the parser has not: `*:*` for everything, and bounds of a range in quotation marks or with a blank
/// between day and time.
fn eased(text: &str) -> String {
    let mut eased = String::with_capacity(text.len());
    let (mut rest, mut is_phrase) = (text, false);
    while let Some(letter) = rest.chars().next() {
        let end = rest.find([']', '}']).filter(|_| !is_phrase && matches!(letter, '[' | '{'));
        if let Some(end) = end {
            eased.push_str(&eased_range(&rest[..end]));
            rest = &rest[end..];
        } else if let Some(after) = rest.strip_prefix("*:*").filter(|_| !is_phrase) {
            eased.push('*');
            rest = after;
        } else {
            is_phrase ^= letter == '"' && !eased.ends_with('\\');
            eased.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    eased
}

/// The same of `[a TO b`.
fn eased_range(text: &str) -> String {
    let Some((lower, upper)) = text[1..].split_once(" TO ") else { return text.to_owned() };
    let bound = |text: &str| {
        let plain = text.trim().trim_matches('"');
        match DateTime::strptime("%Y-%m-%d %H:%M:%S", plain) {
            Ok(moment) => moment.to_string(),
            Err(_) => plain.to_owned(),
        }
    };
    format!("{}{} TO {}", &text[..1], bound(lower), bound(upper))
}

/// How deep brackets lie in each other, wherever they stand.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for letter in text.chars() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Where it went wrong: the parser that goes on after errors tells.
fn misread(text: &str) -> Error {
    let (_, errors) = tantivy_query_grammar::parse_query_lenient(text);
    let Some(first) = errors.into_iter().min_by_key(|error| error.pos) else {
        return wrong("cannot be read: put words with special letters into quotation marks");
    };
    let before = text.char_indices().take_while(|(at, _)| *at < first.pos).count();
    wrong(format!("cannot be read at letter {}: {}", before + 1, first.message))
}

struct Reading<'z> {
    zone: &'z TimeZone,
    left: usize,
    words: Option<&'static Vocabulary>,
}

impl Reading<'_> {
    fn counted(&mut self, conditions: usize) -> Result<()> {
        let left = self.left.checked_sub(conditions);
        self.left = left.ok_or_else(|| wrong(format!("must have at most {MOST} conditions")))?;
        Ok(())
    }

    fn tree(&mut self, tree: &UserInputAst) -> Result<Expression> {
        self.counted(1)?;
        match tree {
            UserInputAst::Clause(parts) => self.clause(parts),
            UserInputAst::Boost(inner, _) => self.tree(inner),
            UserInputAst::Leaf(leaf) => self.leaf(leaf),
        }
    }

    /// Lucene's rule: all that must be, none that must not be, and without the former one of the rest.
    fn clause(&mut self, parts: &[(Option<Occur>, UserInputAst)]) -> Result<Expression> {
        let (mut all, mut any) = (Vec::new(), Vec::new());
        let mut has_must = false;
        for (occur, part) in parts {
            let part = self.tree(part)?;
            match occur {
                Some(Occur::Must) => {
                    has_must = true;
                    all.push(part);
                }
                Some(Occur::MustNot) => all.push(Expression::Not(Box::new(part))),
                Some(Occur::Should) | None => any.push(part),
            }
        }
        if !any.is_empty() && !has_must {
            all.push(Expression::Any(any));
        }
        Ok(if all.len() == 1 { all.swap_remove(0) } else { Expression::All(all) })
    }

    fn leaf(&mut self, leaf: &UserInputLeaf) -> Result<Expression> {
        let (field, test) = match leaf {
            UserInputLeaf::All => return Ok(Expression::All(Vec::new())),
            UserInputLeaf::Literal(literal) => {
                let Some(name) = &literal.field_name else { return word(literal) };
                if let Some(meant) = self.meant(name, &literal.phrase)? {
                    return Ok(meant);
                }
                let field = self.field(name)?;
                let test = self.literal(&field, literal)?;
                (field, test)
            }
            UserInputLeaf::Range { field: Some(name), lower, upper } => {
                let field = self.field(name)?;
                let test = Test::Between(self.bound(&field, lower, false)?, self.bound(&field, upper, true)?);
                (field, test)
            }
            UserInputLeaf::Set { field: Some(name), elements } => {
                // Each is a condition of its own to the database, which takes no thousand of them.
                self.counted(elements.len())?;
                let field = self.field(name)?;
                let scalars = elements.iter().map(|text| self.scalar(&field, text)).collect::<Result<_>>()?;
                (field, Test::OneOf(scalars))
            }
            UserInputLeaf::Exists { field: name } => (self.field(name)?, Test::Exists),
            UserInputLeaf::Range { field: None, .. } | UserInputLeaf::Set { field: None, .. } => {
                return Err(wrong("a range and a set need a field in front: amount:[100 TO 500]"));
            }
            UserInputLeaf::Regex { .. } => return Err(wrong("regular expressions are not supported: use * and ?")),
        };
        Ok(Expression::Compare(Comparison { field, test }))
    }

    /// The field called so, here or in the caller's words.
    fn field(&self, name: &str) -> Result<Field> {
        let other = self.words.and_then(|words| words.fields.iter().find(|(theirs, _)| *theirs == name));
        field(other.map_or(name, |(_, ours)| ours))
    }

    /// What a value means in the caller's words; a value that their field does not have is a mistake.
    fn meant(&self, name: &str, value: &str) -> Result<Option<Expression>> {
        let Some(words) = self.words else { return Ok(None) };
        let mut known = words.values.iter().filter(|(field, ..)| *field == name).peekable();
        if known.peek().is_none() {
            return Ok(None);
        }
        match known.clone().find(|(_, word, _)| *word == value) {
            Some((.., meaning)) => parse(meaning, self.zone).map(Some),
            None => {
                let known: Vec<&str> = known.map(|(_, word, _)| *word).collect();
                Err(wrong(format!("{name} must be one of {}", known.join(", "))))
            }
        }
    }

    fn literal(&self, field: &Field, literal: &UserInputLiteral) -> Result<Test> {
        let text = &literal.phrase;
        if literal.slop > 0 {
            return Err(wrong("nearness (~) is not supported"));
        }
        if literal.prefix {
            return Ok(Test::Like(format!("{}%", plain(text))));
        }
        if literal.delimiter == Delimiter::None && text.contains(['*', '?']) {
            return Ok(Test::Like(pattern(text)));
        }
        if let (Field::Column(column), Some(day)) = (field, day(text))
            && column.is_time
        {
            return Ok(Test::Between(Some((self.start(day)?, true)), Some((self.start(next(day)?)?, false))));
        }
        Ok(Test::Equals(self.scalar(field, text)?))
    }

    /// A bound of a range: a day as an upper bound means all of it.
    fn bound(&self, field: &Field, bound: &UserInputBound, is_upper: bool) -> Result<Option<(Scalar, bool)>> {
        let (text, inclusive) = match bound {
            UserInputBound::Unbounded => return Ok(None),
            UserInputBound::Inclusive(text) => (text, true),
            UserInputBound::Exclusive(text) => (text, false),
        };
        if let (Field::Column(column), Some(day)) = (field, day(text))
            && column.is_time
        {
            let whole = if is_upper == inclusive { next(day)? } else { day };
            return Ok(Some((self.start(whole)?, !is_upper)));
        }
        Ok(Some((self.scalar(field, text)?, inclusive)))
    }

    /// What a field is held against: times of the item are read as times, everything else as it stands.
    fn scalar(&self, field: &Field, text: &str) -> Result<Scalar> {
        let Field::Column(column) = field else { return Ok(scalar(text)) };
        if column.is_time {
            let read = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).or_else(|_| text.parse::<DateTime>());
            let moment = read.ok().and_then(|it| it.to_zoned(self.zone.clone()).ok()).ok_or_else(|| {
                wrong(format!("{}: the time must look like 2026-11-21T08:30:00 or 2026-11-21", column.name))
            })?;
            return Ok(at(&moment));
        }
        let scalar = scalar(text);
        if column.is_number && scalar.number.is_none() {
            return Err(wrong(format!("{} is a number, \"{text}\" is not", column.name)));
        }
        if column.name == "state" && state(text).is_none() {
            return Err(wrong(format!("state must be one of {}", rows::STATES.join(", "))));
        }
        Ok(scalar)
    }

    fn start(&self, day: Date) -> Result<Scalar> {
        let moment = day.to_zoned(self.zone.clone());
        moment.map(|it| at(&it)).map_err(|_| wrong("a time is out of range"))
    }
}

fn at(moment: &Zoned) -> Scalar {
    scalar(&moment.timestamp().as_millisecond().to_string())
}

fn next(day: Date) -> Result<Date> {
    day.checked_add(1.day()).map_err(|_| wrong("a time is out of range"))
}

fn day(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok())?
}

fn scalar(text: &str) -> Scalar {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
    let number = text.parse::<f64>().ok().filter(|number| is_plain && number.is_finite());
    Scalar { text: text.to_owned(), number, whole: number.and_then(|_| text.parse().ok()) }
}

fn field(name: &str) -> Result<Field> {
    if let Some(column) = Column::ALL.iter().find(|column| column.name == name) {
        return Ok(Field::Column(*column));
    }
    let names: Vec<String> = name.strip_prefix("payload.").unwrap_or(name).split('.').map(str::to_owned).collect();
    if names.iter().any(|name| name.is_empty() || name.contains('\0')) {
        return Err(wrong(format!("\"{name}\" is no field")));
    }
    Ok(Field::Payload(names))
}

/// A word that may stand anywhere.
fn word(literal: &UserInputLiteral) -> Result<Expression> {
    let text = literal.phrase.trim_matches('*');
    if literal.slop > 0 || text.is_empty() {
        return Err(wrong("nearness (~) is not supported"));
    }
    Ok(Expression::Contains(text.to_owned()))
}

/// Letters that mean themselves in a pattern of the store.
fn plain(text: &str) -> String {
    text.chars().fold(String::new(), |mut pattern, letter| {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
        pattern
    })
}

fn pattern(text: &str) -> String {
    plain(text).replace('*', "%").replace('?', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Expression> {
        parse(text, &TimeZone::get("Asia/Shanghai").unwrap())
    }

    fn message(text: &str) -> String {
        read(text).unwrap_err().to_string()
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        assert!(message("reference:").starts_with("filter: cannot be read at letter 11"), "{}", message("reference:"));
        assert!(
            message("代码:a AND (b:c").starts_with("filter: cannot be read at letter"),
            "{}",
            message("代码:a AND (b:c")
        );
        assert!(message("attempts:many").contains("attempts is a number"));
        assert!(message("state:lost").contains("state must be one of new,"));
        assert!(message("createdAt:[yesterday TO *]").contains("createdAt: the time must look like"));
        assert!(message("a:/x+/").contains("regular expressions"));
        assert!(message("[1 TO 2]").contains("need a field"));
    }

    #[test]
    fn what_lucene_has_and_the_parser_has_not_is_eased() {
        for (text, expected) in [
            ("*:*", "*"),
            ("*:* AND NOT a:b", "* AND NOT a:b"),
            (r#"a:"*:* [x TO "y" ]" AND b:[1 TO 2]"#, r#"a:"*:* [x TO "y" ]" AND b:[1 TO 2]"#),
            (r#"a:["2026-11-21 08:30:00" TO *]"#, "a:[2026-11-21T08:30:00 TO *]"),
            ("a:{2026-11-21 08:30:00 TO 2026-11-22 00:00:00}", "a:{2026-11-21T08:30:00 TO 2026-11-22T00:00:00}"),
            (r#"名:["甲" TO "乙"]"#, "名:[甲 TO 乙]"),
            ("a:[1 TO", "a:[1 TO"),
            ("a: IN [1 2]", "a: IN [1 2]"),
        ] {
            assert_eq!(eased(text), expected, "{text}");
        }
        assert!(matches!(read("*:*"), Ok(Expression::All(parts)) if parts.is_empty()));
        assert!(read(r#"createdAt:["2026-11-21 08:30:00" TO *] AND state:new"#).is_ok());
    }

    #[test]
    fn what_would_take_long_is_refused() {
        assert!(message(&"(".repeat(9)).contains("brackets"));
        assert!(message(&"a".repeat(2001)).contains("letters"));
        assert!(message(&(0..150).map(|n| format!("a:{n} ")).collect::<String>()).contains("conditions"));
        assert!(message(&format!("a: IN [{}]", ["1"; 120].join(" "))).contains("conditions"));
        // As deep as is allowed it is quick.
        assert!(read(&format!("{}a:b{}", "(".repeat(8), ")".repeat(8))).is_ok());
    }

    #[test]
    fn a_day_is_all_of_it() {
        let Ok(Expression::Compare(Comparison { test: Test::Between(Some(from), Some(to)), .. })) =
            read("createdAt:2026-11-21")
        else {
            panic!("a day is a range")
        };
        assert_eq!(to.0.whole.unwrap() - from.0.whole.unwrap(), 24 * 3_600_000);
        assert_eq!((from.1, to.1, from.0.whole), (true, false, Some(1_795_190_400_000)));
        let upper = |text: &str| match read(text) {
            Ok(Expression::Compare(Comparison { test: Test::Between(_, Some((scalar, inclusive))), .. })) => {
                (scalar.whole, inclusive)
            }
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(upper("createdAt:[* TO 2026-11-20]"), (Some(1_795_190_400_000), false));
        assert_eq!(upper("createdAt:[* TO 2026-11-21}"), (Some(1_795_190_400_000), false));
        assert_eq!(upper("createdAt:[* TO 2026-11-21T00:00:00]"), (Some(1_795_190_400_000), true));
    }
}
