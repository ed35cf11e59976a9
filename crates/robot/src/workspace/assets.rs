//! The asset storage of the libraries: `name:<name>` is an asset of the platform.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Value, json};

use super::{Shared, answers::Refusal, files::Target};

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    Path((_, id)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let name = id.strip_prefix("name:").unwrap_or(&id);
    let value = shared.host.asset(name).await?;
    let (text, content_type) = match value {
        Value::String(text) => (text, "text/plain; charset=utf-8"),
        other => (other.to_string(), "application/json"),
    };
    let url = shared.link(Target::Value { bytes: Arc::new(text.into_bytes()), content_type });
    let payload = json!({ "type": "url", "url": url, "content_type": content_type });
    Ok(Json(json!({ "id": id, "name": name, "payload": payload })))
}

/// What would list or change assets.
pub(super) async fn fixed() -> Refusal {
    Refusal::forbidden("runs read assets by their names; they are listed and changed on the platform")
}
