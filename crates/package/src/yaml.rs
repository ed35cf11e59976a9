//! YAML documents of a package: one place for their limits and for how a fault is placed.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor},
};
use serde_saphyr::Location;

use crate::Problem;

/// Parses `text`, the content of the file `name`.
pub(crate) fn parse<T: DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let message = format!("the file is not UTF-8 (byte {})", error.valid_up_to());
        Problem::new(name, message, "Save it as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_nodes: 100_000, max_depth: 64, max_documents: 1 },
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error.location().map_or_else(|| name.to_owned(), |location| place(name, location));
        let message = error.without_snippet().to_string();
        // The library appends its own "at line …": the place says it already.
        let message = message.lines().next().unwrap_or_default();
        let message = message.split(" at line ").next().unwrap_or(message).trim_start_matches("error: ");
        let (message, remedy) = if text.trim().is_empty() {
            ("the file is empty".to_owned(), format!("Write the content of {name}"))
        } else {
            in_words(message)
        };
        Problem::new(place, message, remedy)
    })
}

/// What the YAML library says, in words for whoever writes packages, with the remedy where it is plain.
fn in_words(message: &str) -> (String, String) {
    let quoted = |rest: &str| {
        let (word, rest) = rest.split_once('`')?;
        let known = rest.trim_start_matches(", expected ").trim_start_matches("one of ").replace('`', "");
        Some((word.to_owned(), known))
    };
    if let Some((word, known)) = message.strip_prefix("unknown variant `").and_then(quoted) {
        return (format!("\"{word}\" cannot stand here"), format!("Write one of {known}"));
    }
    if let Some((word, known)) = message.strip_prefix("unknown field `").and_then(quoted) {
        return (format!("the name \"{word}\" has no meaning here"), format!("Names that have one: {known}"));
    }
    if let Some((word, _)) = message.strip_prefix("missing field `").and_then(quoted) {
        return (format!("{word} is missing"), format!("Add a line {word}: …"));
    }
    if let Some((word, _)) = message.strip_prefix("duplicate mapping key: ").and_then(|rest| rest.split_once(", set "))
    {
        return (format!("\"{word}\" stands twice"), "Remove one of the two".to_owned());
    }
    let (said, remedy) = match message {
        "expected sequence start" => ("a list is needed here", "Write [a, b], or lines that begin with \"- \""),
        "expected mapping start" => ("names with values are needed here", "Write lines of the form name: value"),
        "invalid boolean" => ("a truth value is needed here", "Write true or false"),
        other => (other, ""),
    };
    (said.to_owned(), remedy.to_owned())
}

/// `name:line:column`, or the bare name where the place is not known.
pub(crate) fn place(name: &str, location: Location) -> String {
    match location.line() {
        0 => name.to_owned(),
        line => format!("{name}:{line}:{}", location.column()),
    }
}

/// A mapping in the order of the document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ordered<T>(pub(crate) Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Ordered<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping of names")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Ordered::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::parse;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "lowercase")]
    enum Fruit {
        Apple,
        Pear,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its reading is looked at")]
    struct Basket {
        fruit: Fruit,
        #[serde(default)]
        names: Vec<String>,
        #[serde(default)]
        full: bool,
    }

    #[test]
    fn faults_are_told_in_words_with_a_remedy() {
        for (text, told) in [
            ("fruit: aple", "f:1:8: \"aple\" cannot stand here. Write one of apple, pear"),
            ("friut: apple", "f:1:1: the name \"friut\" has no meaning here. Names that have one: fruit, names, full"),
            ("full: true", "f:1:1: fruit is missing. Add a line fruit: …"),
            ("fruit: pear\nfruit: pear", "f:2:1: \"fruit\" stands twice. Remove one of the two"),
            ("fruit: pear\nnames: a", "f:2:8: a list is needed here. Write [a, b], or lines that begin with \"- \""),
            ("fruit: pear\nfull: maybe", "f:2:7: a truth value is needed here. Write true or false"),
            ("- pear", "f:1:1: names with values are needed here. Write lines of the form name: value"),
            ("", "f:1:1: the file is empty. Write the content of f"),
        ] {
            assert_eq!(parse::<Basket>("f", text.as_bytes()).unwrap_err().to_string(), told, "{text:?}");
        }
    }
}
