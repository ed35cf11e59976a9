//! What a request asks, wherever it says so: in its path, its query, its JSON body. Texts become values of the printed types.

use axum::http::{HeaderMap, Method, header::CONTENT_TYPE, request::Parts};
use serde_json::{Map, Value};

use crate::{Dialect, Failure, Operation, ProblemKind, Shape, json, upload};

/// The JSON body; of a GET or a DELETE the query too; and what the path says, which goes before both.
pub fn parameters<D: Dialect>(operation: &Operation<D>, parts: &Parts, raw: &[u8]) -> Result<Value, Failure> {
    let is_body_optional = operation.method != Method::POST || !D::POST_NEEDS_BODY;
    if !(is_body_optional && raw.is_empty()) {
        content_type(&parts.headers, "application/json")?;
    }
    let mut asked = if matches!(*operation.shape, Shape::Array(_)) { json::array(raw)? } else { json::object(raw)? };
    let Value::Object(fields) = &mut asked else { return Ok(asked) };
    if operation.method == Method::GET || operation.method == Method::DELETE {
        for (name, text) in form(parts.uri.query().unwrap_or_default().as_bytes())? {
            if fields.contains_key(&name) {
                return Err(Failure::MalformedBody(format!("\"{name}\" stands in the query and in the body")));
            }
            let value = upload::as_printed(&operation.shape, &name, text);
            fields.insert(name, value);
        }
    }
    for (name, text) in in_path(operation.path, parts.uri.path()) {
        let value = upload::as_printed(&operation.shape, &name, text);
        fields.insert(name, value);
    }
    Ok(asked)
}

/// The parameters of a query or of a form, decoded, in their order. None of them twice.
pub fn form(text: &[u8]) -> Result<Vec<(String, String)>, Failure> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (name, value) in form_urlencoded::parse(text) {
        if found.iter().any(|(known, _)| *known == name) {
            return Err(Failure::MalformedBody(format!("the parameter \"{name}\" stands twice")));
        }
        if found.len() >= MOST_PARAMETERS {
            return Err(Failure::MalformedBody(format!("more than {MOST_PARAMETERS} parameters")));
        }
        found.push((name.into_owned(), value.into_owned()));
    }
    Ok(found)
}

/// How many parameters a query or a form may have.
const MOST_PARAMETERS: usize = 256;

/// Parameters as an object of values of the printed types.
#[must_use]
pub fn printed(shape: &Shape, parameters: Vec<(String, String)>) -> Map<String, Value> {
    let value = |(name, text): (String, String)| {
        let value = upload::as_printed(shape, &name, text);
        (name, value)
    };
    parameters.into_iter().map(value).collect()
}

/// What stands in `path` where the operation's path says `{name}`.
fn in_path(printed: &str, path: &str) -> Vec<(String, String)> {
    let named = printed.split('/').zip(path.split('/')).filter_map(|(printed, given)| {
        let name = printed.strip_prefix('{')?.strip_suffix('}')?;
        // A value of a path is encoded like one of a query, but for the plus sign.
        let pair = format!("v={}", given.replace('+', "%2B").replace('&', "%26"));
        let value = form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned());
        Some((name.to_owned(), value.unwrap_or_default()))
    });
    named.collect()
}

/// The content type must be `expected`, in UTF-8 if it names an encoding.
pub(crate) fn content_type(headers: &HeaderMap, expected: &'static str) -> Result<(), Failure> {
    let Some(given) = headers.get(CONTENT_TYPE) else {
        return Err(Failure::Header { name: "content-type", kind: ProblemKind::Absent });
    };
    let given = given.to_str().unwrap_or_default().to_ascii_lowercase();
    let mut words = given.split(';').map(str::trim);
    let fits = words.next() == Some(expected);
    let mut encodings = words.filter_map(|word| word.strip_prefix("charset=")).map(|name| name.trim_matches('"'));
    if fits && encodings.all(|name| name == "utf-8" || name == "utf8") {
        Ok(())
    } else {
        Err(Failure::ContentType { expected })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_path_says_is_read() {
        let found = in_path("/a/{id}/b/{name}", "/a/7/b/x%2Fy+z%26");
        assert_eq!(found, [("id".to_owned(), "7".to_owned()), ("name".to_owned(), "x/y+z&".to_owned())]);
    }

    #[test]
    fn a_query_says_a_thing_once() {
        let found = form("a=1&b=%E9%87%91+x&c".as_bytes()).unwrap();
        let words: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(words, [("a", "1"), ("b", "金 x"), ("c", "")]);
        assert!(form(b"a=1&a=2").is_err());
    }
}
