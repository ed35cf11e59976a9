//! `GET` and `PUT …/workitems/{id}/data`: an item's payload.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::Value;

use super::{Shared, answers::Refusal, items::Missed};

/// The item meant by a path.
pub(super) type ItemPath = Path<(String, String)>;

pub(super) async fn load(State(shared): State<Arc<Shared>>, Path((_, id)): ItemPath) -> Result<Json<Value>, Refusal> {
    let mut items = shared.items.lock().await;
    let item = items.find(&id).ok_or_else(|| unknown(&id))?;
    // For the libraries, 404 says that there is no payload.
    item.payload.clone().map(Json).ok_or_else(|| Refusal::not_found("the work item has no payload"))
}

pub(super) async fn save(
    State(shared): State<Arc<Shared>>,
    Path((_, id)): ItemPath,
    Json(payload): Json<Value>,
) -> Result<Json<Value>, Refusal> {
    shared.items.lock().await.save(&id, payload).map_err(|missed| missed.told(&id))?;
    Ok(Json(Value::Object(serde_json::Map::new())))
}

/// There is no such item in this run.
pub(super) fn unknown(id: &str) -> Refusal {
    Refusal::not_found(format!("this run has no work item {id}"))
}

impl Missed {
    /// In the words of an answer.
    pub(super) fn told(self, id: &str) -> Refusal {
        match self {
            Self::Unknown => unknown(id),
            Self::Released => Refusal::conflict(format!("work item {id} was released already")),
            Self::TooMuch => Refusal::invalid(
                "the new work items take more than 64 MiB: release the work item they come from now and then, or put the data into files",
            ),
        }
    }
}
