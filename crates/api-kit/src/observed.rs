//! What a call turns out to be while it is served. Whoever watches calls puts an [`Observed`] into the request's extensions
//! and reads it when the answer is there; without one nothing is written down. No secret ever gets into it: a field that is
//! marked as one, or is called like one, is masked before anything is cut.

use std::{
    fmt::Write,
    sync::{Arc, OnceLock},
};

use baigong_model::Error;
use serde_json::Value;

use crate::{Failure, Shape, shape::Field};

/// The most letters of one text of a request that are kept.
const MAX_TEXT: usize = 64;
/// The most bytes of a request that are kept.
const MAX_REQUEST: usize = 1024;
/// What a field's name contains, in small letters, whose value nobody may read; the values of parameters and the contents
/// of queue items may be anything.
const SECRET_NAMES: [&str; 12] = [
    "password",
    "passwd",
    "secret",
    "token",
    "credential",
    "privatekey",
    "payload",
    "value",
    "cipher",
    "content",
    "pass",
    "url",
];

/// What is known of a call.
#[derive(Debug, Default)]
pub struct Observed {
    wants_request: bool,
    caller: OnceLock<Arc<str>>,
    request: OnceLock<String>,
    refusal: OnceLock<(&'static str, String)>,
    stranger: OnceLock<()>,
}

impl Observed {
    /// Nothing known yet; whether what was asked is wanted too.
    #[must_use]
    pub fn new(wants_request: bool) -> Self {
        Self { wants_request, ..Self::default() }
    }

    /// Who called.
    #[must_use]
    pub fn caller(&self) -> Option<&str> {
        self.caller.get().map(|name| &**name)
    }

    /// What was asked, masked and shortened.
    #[must_use]
    pub fn request(&self) -> Option<&str> {
        self.request.get().map(String::as_str)
    }

    /// The code and the text of a refusal; none of a success.
    #[must_use]
    pub fn refusal(&self) -> Option<(&'static str, &str)> {
        self.refusal.get().map(|(code, text)| (*code, text.as_str()))
    }

    /// Whether whoever called is not who they say they are.
    #[must_use]
    pub fn is_stranger(&self) -> bool {
        self.stranger.get().is_some()
    }

    pub(crate) fn called_by(&self, name: Arc<str>) {
        drop(self.caller.set(name));
    }

    pub(crate) fn asked(&self, shape: &Shape, body: &Value) {
        if self.wants_request {
            drop(self.request.set(summary(shape, body)));
        }
    }

    /// The caller was not believed, for this reason. What is our fault, or a limit, says nothing about them.
    pub(crate) fn disbelieved(&self, failure: &Failure) {
        use Error::{Forbidden, Internal, LimitReached, Unavailable};
        let is_about_them = !matches!(
            failure,
            Failure::Fault { .. }
                | Failure::NotStored
                | Failure::Error(Forbidden(_) | Internal(_) | LimitReached(_) | Unavailable(_))
        );
        if is_about_them {
            let _ = self.stranger.set(());
        }
    }

    pub(crate) fn refused(&self, code: &'static str, text: String) {
        drop(self.refusal.set((code, text)));
    }
}

/// A request as it may be written down: known fields only, lists by their length.
fn summary(shape: &Shape, body: &Value) -> String {
    let mut out = String::with_capacity(128);
    write_value(&mut out, shape, body);
    if out.len() > MAX_REQUEST {
        let end = (0..=MAX_REQUEST).rev().find(|end| out.is_char_boundary(*end)).unwrap_or(0);
        out.truncate(end);
        out.push('…');
    }
    out
}

fn write_value(out: &mut String, shape: &Shape, value: &Value) {
    // Writing into a text cannot fail.
    let _ = match (shape, value) {
        (_, Value::Null | Value::Bool(_) | Value::Number(_)) => write!(out, "{value}"),
        (Shape::String { .. }, Value::String(text)) => match text.char_indices().nth(MAX_TEXT) {
            Some((end, _)) => write!(out, "{:?}…", &text[..end]),
            None => write!(out, "{text:?}"),
        },
        (Shape::Array(item), Value::Array(items)) if matches!(**item, Shape::Integer { .. }) && items.len() <= 20 => {
            write!(out, "{value}")
        }
        (_, Value::Array(items)) => write!(out, "[{}]", items.len()),
        (Shape::Object(fields), Value::Object(given)) => {
            write_fields(out, fields, given);
            Ok(())
        }
        // Of what has no known form nobody knows what is in it.
        _ => out.write_str("\"******\""),
    };
}

fn write_fields(out: &mut String, fields: &[Field], given: &serde_json::Map<String, Value>) {
    out.push('{');
    let mut separator = "";
    for field in fields {
        let Some(value) = given.get(&field.name) else { continue };
        out.push_str(separator);
        separator = ",";
        let _ = write!(out, "{:?}:", field.name);
        if field.is_secret { out.push_str("\"******\"") } else { write_value(out, &field.shape, value) }
    }
    out.push('}');
}

/// Whether a field of this name holds what nobody may read.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRET_NAMES.iter().any(|secret| name.contains(secret))
}

#[cfg(test)]
mod tests {
    use baigong_model::Secret;
    use schemars::JsonSchema;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "camelCase")]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Everything {
        name: String,
        key: Option<Secret<String>>,
        machine_password: Option<String>,
        ids: Vec<i64>,
        in_parameters: Vec<Inner>,
        inner: Inner,
        anything: Value,
    }

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Inner {
        name: String,
        value: String,
    }

    #[test]
    fn secrets_are_masked_by_type_and_by_name_and_before_anything_is_cut() {
        let shape = Shape::of(schemars::SchemaGenerator::subschema_for::<Everything>);
        let long = "金".repeat(100);
        let body = json!({
            "name": long, "key": "CANARY", "machinePassword": "CANARY", "ids": [1, 2], "unknown": "CANARY",
            "inParameters": [{ "name": "CANARY", "value": "CANARY" }], "inner": { "name": "n", "value": "CANARY" },
            "anything": { "x": "CANARY" },
        });
        let text = summary(&shape, &body);
        assert!(!text.contains("CANARY"), "{text}");
        assert!(text.contains(&format!("\"{}\"…", "金".repeat(64))) && text.contains("\"ids\":[1,2]"), "{text}");
        assert!(text.contains("\"inParameters\":[1]") && text.contains("\"name\":\"n\""), "{text}");
    }

    #[test]
    fn a_summary_is_bounded() {
        let shape = Shape::Object(
            (0..200)
                .map(|index| Field {
                    name: format!("f{index}"),
                    is_required: false,
                    unless: None,
                    is_also_text: false,
                    is_secret: false,
                    shape: Shape::String { longest: 100 },
                })
                .collect(),
        );
        let body: serde_json::Map<String, Value> = (0..200).map(|index| (format!("f{index}"), "字".into())).collect();
        assert!(summary(&shape, &Value::Object(body)).len() <= MAX_REQUEST + '…'.len_utf8());
    }
}
