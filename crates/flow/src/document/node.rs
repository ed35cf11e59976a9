//! A YAML document as a tree with positions. Knows YAML and its dangers, nothing of flows.

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, Spanned};

use crate::{
    decimal::parse_decimal,
    problem::{Problem, Spot},
    value::Value,
};

/// The largest document, in bytes.
pub(crate) const LARGEST_DOCUMENT: usize = 1024 * 1024;
/// The deepest nesting of YAML lists and mappings.
const DEEPEST_DOCUMENT: usize = 160;

/// A piece of a document.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) line: u64,
    pub(crate) column: u64,
    pub(crate) kind: Kind,
}

/// What a piece is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// A scalar; never a list or an object.
    Scalar(Value),
    List(Vec<Node>),
    /// Names with the place of each.
    Mapping(Vec<(Name, Node)>),
}

/// A name in a mapping.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) line: u64,
    pub(crate) column: u64,
}

impl Node {
    /// What it is, in the words of an error.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar(value) => value.kind(),
            Kind::List(_) => "a list",
            Kind::Mapping(_) => "a mapping",
        }
    }

    /// Whether nothing stands there.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Scalar(Value::Null))
    }

    /// The field called `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Mapping(fields) => fields.iter().find(|(field, _)| field.text == name).map(|(_, node)| node),
            _ => None,
        }
    }
}

/// Reads a document.
///
/// # Errors
/// It is too large, is not YAML, or uses what a flow has no need for (anchors, aliases, tags, several documents).
pub(crate) fn parse(file: &str, source: &str) -> Result<Node, Box<Problem>> {
    let whole = Spot::file(file);
    if source.len() > LARGEST_DOCUMENT {
        let cause = format!("the document is larger than {LARGEST_DOCUMENT} bytes");
        return Err(Box::new(whole.problem(cause, "move some of its steps to a sub-flow of their own")));
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_aliases: 0,
            max_anchors: 0,
            max_documents: 1,
            max_depth: DEEPEST_DOCUMENT,
            max_nodes: 100_000,
            flow_nesting_limit: DEEPEST_DOCUMENT,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    };
    let raw: Spanned<Raw> = serde_saphyr::from_str_with_options(source, options).map_err(|error| {
        let (line, column) = error.location().map_or((0, 0), |place| (place.line(), place.column()));
        let mut spot = whole.clone();
        (spot.place.line, spot.place.column) = (line, column);
        Box::new(explain(&spot, &error))
    })?;
    node(raw, source, &whole)
}

/// A YAML error in words for whoever wrote the document.
fn explain(spot: &Spot, error: &serde_saphyr::Error) -> Problem {
    let text = error.without_snippet().to_string();
    let message = text.lines().next().unwrap_or_default();
    let message = message.split(" at line ").next().unwrap_or(message);
    let lower = text.to_lowercase();
    let (cause, remedy) = if lower.contains("anchor") || lower.contains("alias") {
        (
            "anchors (&name) and aliases (*name) are not used in a flow".to_owned(),
            "write the value out, or use a variable",
        )
    } else if lower.contains("merge") {
        ("merge keys (<<) are not used in a flow".to_owned(), "write the fields out")
    } else if lower.contains("tag") {
        ("a value begins with \"!\", which YAML takes for a tag".to_owned(), "put the value in quotes")
    } else if lower.contains("duplicate") {
        (message.to_owned(), "keep one of the two")
    } else if ["depth", "nest", "recursion"].iter().any(|word| lower.contains(word)) {
        (format!("the document is nested too deep ({message})"), "move the inner steps to a sub-flow")
    } else if lower.contains("budget") || lower.contains("document") {
        (format!("the file is not one flow document ({message})"), "keep one document of reasonable size per file")
    } else {
        let remedy =
            "check the indentation, and put texts that contain \": \", \" #\" or begin with a special sign in quotes";
        (format!("this is not valid YAML: {message}"), remedy)
    };
    spot.problem(cause, remedy)
}

fn node(raw: Spanned<Raw>, source: &str, whole: &Spot) -> Result<Node, Box<Problem>> {
    let (line, column) = (raw.referenced.line(), raw.referenced.column());
    let kind = match raw.value {
        Raw::Scalar(value) => Kind::Scalar(value),
        Raw::Float(float) => {
            let span = raw.defined.span();
            let written = span.byte_offset().zip(span.byte_len()).and_then(|(start, length)| {
                let start = usize::try_from(start).ok()?;
                source.get(start..start + usize::try_from(length).ok()?)
            });
            let shortest = float.to_string();
            let text = written.filter(|text| text.trim().parse::<f64>() == Ok(float)).unwrap_or(&shortest);
            let exact = parse_decimal(text).map_err(|error| {
                let mut spot = whole.clone();
                (spot.place.line, spot.place.column) = (line, column);
                Box::new(spot.problem(format!("the number {error}"), "put it in quotes if it is meant as a text"))
            })?;
            Kind::Scalar(Value::Decimal(exact))
        }
        Raw::List(items) => {
            Kind::List(items.into_iter().map(|item| node(item, source, whole)).collect::<Result<_, _>>()?)
        }
        Raw::Mapping(fields) => Kind::Mapping(
            fields
                .into_iter()
                .map(|(name, value)| {
                    let (line, column) = (name.referenced.line(), name.referenced.column());
                    Ok((Name { text: name.value, line, column }, node(value, source, whole)?))
                })
                .collect::<Result<_, Box<Problem>>>()?,
        ),
    };
    Ok(Node { line, column, kind })
}

/// What serde-saphyr hands over, before the places are put in.
enum Raw {
    Scalar(Value),
    Float(f64),
    List(Vec<Spanned<Raw>>),
    Mapping(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a text, a number, true or false, a list or a mapping")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Boolean(value)))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Integer(value)))
    }
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Raw, E> {
        i64::try_from(value)
            .map(|value| Raw::Scalar(Value::Integer(value)))
            .map_err(|_| E::custom("the number is too large"))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Float(value))
    }
    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::text(value)))
    }
    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Null))
    }
    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Null))
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut fields: Vec<(Spanned<String>, Spanned<Raw>)> = Vec::new();
        while let Some((name, value)) = entries.next_entry::<Spanned<String>, Spanned<Raw>>()? {
            if fields.iter().any(|(known, _)| known.value == name.value) {
                return Err(A::Error::custom(format!("duplicate field \"{}\"", name.value)));
            }
            fields.push((name, value));
        }
        Ok(Raw::Mapping(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(source: &str) -> Value {
        match parse("f", source).unwrap().get("a").unwrap().kind.clone() {
            Kind::Scalar(value) => value,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn scalars_keep_what_was_written() {
        assert_eq!(scalar("a: 1.20").to_string(), "1.20");
        assert_eq!(scalar("a: 123456789012345678.91").to_string(), "123456789012345678.91");
        assert_eq!(scalar("a: 000001"), Value::text("000001"));
        assert_eq!(scalar("a: 7"), Value::Integer(7));
        assert_eq!(scalar("a: \"7\""), Value::text("7"));
        assert_eq!(scalar("a: yes"), Value::text("yes"));
        assert_eq!(scalar("a: true"), Value::Boolean(true));
        assert_eq!(scalar("a:"), Value::Null);
        assert_eq!(scalar("a: 证券代码"), Value::text("证券代码"));
        assert_eq!(scalar("a: 2026-11-21"), Value::text("2026-11-21"));
    }

    #[test]
    fn every_piece_knows_its_place() {
        let document = parse("f", "steps:\n  - id: one\n    do: log\n").unwrap();
        let Kind::List(steps) = &document.get("steps").unwrap().kind else { panic!("a list") };
        let action = steps[0].get("do").unwrap();
        assert_eq!((action.line, action.column), (3, 9));
        let Kind::Mapping(fields) = &steps[0].kind else { panic!("a mapping") };
        assert_eq!((fields[0].0.line, fields[0].0.column), (2, 5));
    }

    #[test]
    fn bombs_and_tricks_are_refused() {
        let refused = |source: &str| super::super::read::read("f", source).1.to_string();
        assert!(refused("a: &x [1]\nb: *x\n").contains("anchors"), "{}", refused("a: &x [1]\nb: *x\n"));
        assert!(refused("<<: {a: 1}\n").contains("merge"), "{}", refused("<<: {a: 1}\n"));
        assert!(refused("a: !done\n").contains("quotes"), "{}", refused("a: !done\n"));
        assert!(refused("a: 1\na: 2\n").contains("keep one"), "{}", refused("a: 1\na: 2\n"));
        assert!(refused("a: 1\n---\nb: 2\n").contains("one document"), "{}", refused("a: 1\n---\nb: 2\n"));
        assert!(refused(&"[".repeat(100_000)).contains("nested"), "{}", refused(&"[".repeat(100_000)));
        assert!(refused(&"- ".repeat(100_000)).contains("nested"), "{}", refused(&"- ".repeat(100_000)));
        assert!(refused(&format!("a: {}", "x".repeat(LARGEST_DOCUMENT))).contains("larger than"));
        assert!(refused("a: b: c\n").starts_with("f, line 1, column "), "{}", refused("a: b: c\n"));
        assert!(refused("a: \"open\nb: 1").contains("not valid YAML"), "{}", refused("a: \"open\nb: 1"));
    }
}
