//! The OpenAPI document that is checked in is the one the table gives.

use std::{fs, path::PathBuf};

use baigong_api_km::table;
use serde_json::Value;

#[test]
fn the_document_that_is_checked_in_is_up_to_date() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../openapi/km.json");
    let document = table().openapi();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, serde_json::to_string_pretty(&document).unwrap() + "\n").unwrap();
    }
    let text = fs::read_to_string(&path).unwrap_or_default();
    let checked_in: Value = serde_json::from_str(&text).unwrap_or_default();
    assert!(
        checked_in == document,
        "openapi/km.json is not what the table gives. Write it anew and review the difference like code:\n    \
         UPDATE=1 cargo test -p baigong-api-km --test it document"
    );
}
