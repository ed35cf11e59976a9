//! Addresses that are handed out: whoever has one needs no token, as with the storage services the libraries know.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    body::Body,
    extract::{Multipart, Path, State},
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use tokio::{fs::File, io::AsyncWriteExt};
use tokio_util::io::ReaderStream;

use super::{Shared, answers::Refusal, items::Place};

/// The largest file of a work item, in bytes.
pub(super) const LARGEST_FILE: u64 = 512 << 20;

/// What the addresses stand for.
#[derive(Default)]
pub(super) struct Links {
    made: AtomicU64,
    targets: Mutex<HashMap<String, Target>>,
}

/// What one address stands for.
#[derive(Clone)]
pub(super) enum Target {
    Upload {
        item: String,
        file: String,
        path: PathBuf,
    },
    Download {
        path: PathBuf,
        content_type: &'static str,
    },
    /// A value that must not touch a disk.
    Value {
        bytes: Arc<Vec<u8>>,
        content_type: &'static str,
    },
}

impl Shared {
    /// An address for `target`, as long as the run goes on.
    pub(super) fn link(&self, target: Target) -> String {
        let number = self.links.made.fetch_add(1, Ordering::Relaxed);
        let token = hex::encode(Sha256::digest(format!("{number} of {}", self.token)));
        let mut targets = self.links.targets.lock().unwrap_or_else(PoisonError::into_inner);
        targets.insert(token.clone(), target);
        format!("{}/files/{token}", self.address)
    }

    fn target(&self, token: &str) -> Result<Target, Refusal> {
        let targets = self.links.targets.lock().unwrap_or_else(PoisonError::into_inner);
        targets.get(token).cloned().ok_or_else(|| Refusal::not_found("there is nothing at this address"))
    }
}

pub(super) async fn download(
    State(shared): State<Arc<Shared>>,
    Path(token): Path<String>,
) -> Result<Response, Refusal> {
    match shared.target(&token)? {
        Target::Download { path, content_type } => {
            let file = File::open(&path).await.map_err(|error| Refusal::storage(&error))?;
            let body = Body::from_stream(ReaderStream::with_capacity(file, 64 * 1024));
            Ok(([(CONTENT_TYPE, content_type)], body).into_response())
        }
        Target::Value { bytes, content_type } => Ok(([(CONTENT_TYPE, content_type)], bytes.to_vec()).into_response()),
        Target::Upload { .. } => Err(Refusal::not_found("nothing was uploaded to this address")),
    }
}

pub(super) async fn upload(
    State(shared): State<Arc<Shared>>,
    Path(token): Path<String>,
    form: Multipart,
) -> Result<Response, Refusal> {
    let Target::Upload { item, file, path } = shared.target(&token)? else {
        return Err(Refusal::not_found("nothing is expected at this address"));
    };
    receive(form, &path).await?;
    let mut items = shared.items.lock().await;
    let known = items.find(&item).and_then(|item| item.files.get_mut(&file));
    known.ok_or_else(|| Refusal::not_found("the file is not expected any more"))?.place = Place::Here(path);
    Ok(axum::http::StatusCode::NO_CONTENT.into_response())
}

/// Writes the form's part called `file`.
async fn receive(mut form: Multipart, path: &std::path::Path) -> Result<(), Refusal> {
    let broken =
        |error: axum::extract::multipart::MultipartError| Refusal::invalid(format!("the form is broken: {error}"));
    let storage = |error: std::io::Error| Refusal::storage(&error);
    while let Some(mut part) = form.next_field().await.map_err(broken)? {
        if part.name() != Some("file") {
            continue;
        }
        if let Some(parent) = path.parent() {
            tokio::fs::create_dir_all(parent).await.map_err(storage)?;
        }
        let mut file = File::create(path).await.map_err(storage)?;
        let mut size = 0;
        while let Some(bytes) = part.chunk().await.map_err(broken)? {
            size += bytes.len() as u64;
            if size > LARGEST_FILE {
                return Err(Refusal::invalid(format!("a file of a work item may have {LARGEST_FILE} bytes")));
            }
            file.write_all(&bytes).await.map_err(storage)?;
        }
        return file.flush().await.map_err(storage);
    }
    Err(Refusal::invalid("the form has no part called file"))
}
