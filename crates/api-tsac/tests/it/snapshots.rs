//! The answers on the wire, word for word. `INSTA_UPDATE=always` writes them anew; review the difference like code, since
//! clients read these bytes.

use insta::{assert_json_snapshot, with_settings};
use serde_json::{Value, json};

use crate::{fixture::Fixture, server::Server};

#[tokio::test]
async fn every_operations_success_looks_as_it_did() {
    let server = Server::start().await;
    let fixture = Fixture::make(&server).await;
    for (path, body) in fixture.good_bodies() {
        let answer = server.call(path, &body).await;
        let name = path.trim_start_matches("/api/platform/").replace('/', ".");
        let shown = json!({ "request": body, "status": answer.status, "answer": hide_secrets(answer.body) });
        with_settings!({ sort_maps => true }, { assert_json_snapshot!(name, shown) });
    }
}

/// What differs from run to run, or must not lie in the tree.
fn hide_secrets(mut body: Value) -> Value {
    for (name, value) in body["data"].as_object_mut().into_iter().flatten() {
        if matches!(name.as_str(), "token" | "robotSecret" | "kid" | "publicKey") {
            let length = value.as_str().map_or(0, str::len);
            *value = format!("[{name} of {length} characters]").into();
        }
    }
    hide_signatures(&mut body);
    body
}

/// Signed addresses, wherever they stand.
fn hide_signatures(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some((plain, _)) = text.split_once("signature=") {
                *text = format!("{plain}signature=[signature]");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide_signatures),
        Value::Object(fields) => fields.values_mut().for_each(hide_signatures),
        _ => {}
    }
}
