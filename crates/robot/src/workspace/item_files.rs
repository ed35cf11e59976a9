//! The files of a work item: named, announced, given, taken away. Their bytes go over addresses of their own (`files.rs`).

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    answers::Refusal,
    files::{LARGEST_FILE, Target},
    items::Place,
    work_items::{ItemPath, unknown},
};

/// The file meant by a path.
type FilePath = Path<(String, String, String)>;

pub(super) async fn list(State(shared): State<Arc<Shared>>, Path((_, id)): ItemPath) -> Result<Json<Value>, Refusal> {
    let mut items = shared.items.lock().await;
    let item = items.find(&id).ok_or_else(|| unknown(&id))?;
    let there = item.files.iter().filter(|(_, file)| !matches!(file.place, Place::Coming));
    Ok(Json(there.map(|(file, of)| json!({ "fileId": file, "fileName": of.name })).collect()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewFile {
    file_name: String,
    #[serde(default)]
    file_size: u64,
}

pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    Path((_, id)): ItemPath,
    Json(new): Json<NewFile>,
) -> Result<Json<Value>, Refusal> {
    if new.file_size > LARGEST_FILE {
        return Err(Refusal::invalid(format!("a file of a work item may have {LARGEST_FILE} bytes")));
    }
    let placed = shared.items.lock().await.place_for_file(&id, &new.file_name);
    let (file, path) = placed.map_err(|missed| missed.told(&id))?;
    let url = shared.link(Target::Upload { item: id, file, path });
    Ok(Json(json!({ "url": url, "fields": {} })))
}

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    Path((_, id, file)): FilePath,
) -> Result<Json<Value>, Refusal> {
    let place = {
        let mut items = shared.items.lock().await;
        let item = items.find(&id).ok_or_else(|| unknown(&id))?;
        item.files.get(&file).map(|file| file.place.clone())
    };
    let missing = || Refusal::not_found(format!("work item {id} has no file {file}"));
    let path = match place.ok_or_else(missing)? {
        Place::Coming => return Err(missing()),
        Place::Here(path) => path,
        Place::Kept(kept) => {
            let path = {
                let items = shared.items.lock().await;
                items.folder.join(format!("{id}-{file}"))
            };
            if let Some(parent) = path.parent() {
                tokio::fs::create_dir_all(parent).await.map_err(|error| Refusal::storage(&error))?;
            }
            shared.host.fetch_file(&kept, &path).await?;
            path
        }
    };
    let url = shared.link(Target::Download { path, content_type: "application/octet-stream" });
    Ok(Json(json!({ "url": url })))
}

pub(super) async fn remove(
    State(shared): State<Arc<Shared>>,
    Path((_, id, file)): FilePath,
) -> Result<Json<Value>, Refusal> {
    let mut items = shared.items.lock().await;
    let item = items.find(&id).ok_or_else(|| unknown(&id))?;
    match item.files.remove(&file) {
        Some(_) => Ok(Json(json!({}))),
        None => Err(Refusal::not_found(format!("work item {id} has no file {file}"))),
    }
}
