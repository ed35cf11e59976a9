//! The next work item, the end of one, and new ones.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use baigong_model::LogLevel;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    answers::Refusal,
    items::{Ending, State as ItemState},
};

pub(super) async fn reserve(State(shared): State<Arc<Shared>>) -> Result<Json<Value>, Refusal> {
    let next = shared.items.lock().await.reserve(shared.host.as_ref()).await?;
    Ok(Json(json!({ "workItemId": next })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Release {
    work_item_id: String,
    state: ItemState,
    #[serde(default)]
    exception: Option<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

impl Exception {
    fn reason(self) -> (bool, String) {
        let is_business = self.kind.as_deref() == Some("BUSINESS");
        let parts: Vec<String> = [self.code, self.message].into_iter().flatten().collect();
        (is_business, parts.join(": "))
    }
}

pub(super) async fn release(
    State(shared): State<Arc<Shared>>,
    Json(release): Json<Release>,
) -> Result<Json<Value>, Refusal> {
    let Release { work_item_id: id, state, exception } = release;
    let reason = exception.map(Exception::reason);
    let (level, words) = match (&state, &reason) {
        (ItemState::Completed, _) => (LogLevel::Info, format!("work item {id} is done")),
        (ItemState::Failed, Some((true, why))) => {
            (LogLevel::Warn, format!("work item {id} failed, its data is wrong: {why}"))
        }
        (ItemState::Failed, Some((false, why))) => (LogLevel::Warn, format!("work item {id} failed: {why}")),
        (ItemState::Failed, None) => (LogLevel::Warn, format!("work item {id} failed")),
    };
    let released = shared.items.lock().await.release(shared.host.as_ref(), &id, state, reason).await;
    released.map_err(|error| match error {
        Ending::Missed(missed) => missed.told(&id),
        Ending::Host(error) => error.into(),
    })?;
    shared.host.log(level, &words);
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
pub(super) struct NewItem {
    #[serde(default)]
    payload: Option<Value>,
}

pub(super) async fn create_output(
    State(shared): State<Arc<Shared>>,
    Path((_, _, parent)): Path<(String, String, String)>,
    Json(new): Json<NewItem>,
) -> Result<Json<Value>, Refusal> {
    let made = shared.items.lock().await.create(&parent, new.payload);
    let id = made.map_err(|missed| missed.told(&parent))?;
    Ok(Json(json!({ "id": id })))
}
