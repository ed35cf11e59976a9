//! The OpenAPI document that is checked in is the one the table gives.

use std::{fs, path::PathBuf};

use baigong_api_oapi::table;
use serde_json::{Map, Value};

#[test]
fn the_document_that_is_checked_in_is_up_to_date() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../openapi/oapi.json");
    let document = table().openapi();
    if std::env::var_os("UPDATE").is_some() {
        let text = serde_json::to_string_pretty(&sorted(&document)).unwrap();
        fs::write(&path, text + "\n").unwrap();
    }
    let text = fs::read_to_string(&path).unwrap_or_default();
    let checked_in: Value = serde_json::from_str(&text).unwrap_or_default();
    assert!(
        checked_in == document,
        "openapi/oapi.json is not what the table gives. Write it anew and review the difference like code:\n    \
         UPDATE=1 cargo test -p baigong-api-oapi --test it document"
    );
}

/// With keys in order, whatever order the JSON library keeps.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<_> = fields.keys().collect();
            names.sort();
            names.into_iter().map(|name| (name.clone(), sorted(&fields[name]))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
