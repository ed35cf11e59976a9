//! Uploads: the text parts of a multipart body become a JSON object of their printed types, the file goes to disk as it
//! arrives, never into memory.

use std::path::Path;

use axum::{
    extract::{FromRequest, Multipart, Request, multipart::Field},
    http::StatusCode,
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tempfile::TempPath;
use tokio::io::AsyncWriteExt;

use crate::{Failure, MAX_JSON_BYTES, MAX_PARTS, MAX_UPLOAD_BYTES, Problem, ProblemKind, Shape, json};

/// A file that was uploaded. It is deleted when this is dropped: move it or read it before.
#[derive(Debug)]
pub struct Upload {
    /// Where it lies.
    pub path: TempPath,
    /// What the client called it. Never to be used as a path.
    pub name: Option<String>,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, where the dialect asks for it.
    pub sha256: Option<[u8; 32]>,
}

/// An upload as it came.
#[derive(Debug)]
pub struct Received {
    /// The text parts, as they were sent.
    pub texts: Vec<(String, String)>,
    /// The file.
    pub upload: Result<Upload, Problem>,
    /// The text parts, of their printed types.
    pub(crate) fields: Value,
}

/// Reads a multipart body. The text parts come first, so that they are judged before the file's absence is.
pub(crate) async fn receive(
    request: Request,
    shape: &Shape,
    file: &'static str,
    (folder, hashes): (&Path, bool),
) -> Result<Received, Failure> {
    let malformed = |error: &dyn std::fmt::Display| Failure::MalformedBody(error.to_string());
    let mut parts = Multipart::from_request(request, &()).await.map_err(|error| malformed(&error))?;
    let (mut fields, mut upload, mut text_bytes) = (Map::new(), Err(Problem::new(file, ProblemKind::Absent)), 0);
    let (mut count, mut texts) = (0, Vec::new());
    while let Some(mut part) = parts.next_field().await.map_err(|error| broken(&error))? {
        count += 1;
        if count > MAX_PARTS {
            return Err(malformed(&format_args!("more than {MAX_PARTS} parts")));
        }
        let name = part.name().unwrap_or_default().to_owned();
        if fields.contains_key(&name) || (name == file && upload.is_ok()) {
            return Err(malformed(&format_args!("the field \"{name}\" stands twice")));
        }
        if name == file {
            upload = store(&mut part, folder, hashes).await?;
            continue;
        }
        let mut text = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
            text_bytes += chunk.len();
            if text_bytes > MAX_JSON_BYTES {
                return Err(Failure::TooLarge(MAX_JSON_BYTES));
            }
            text.extend_from_slice(&chunk);
        }
        let text = String::from_utf8(text).map_err(|_| malformed(&format_args!("\"{name}\" is not UTF-8")))?;
        let value = as_printed(shape, &name, text.clone());
        texts.push((name.clone(), text));
        fields.insert(name, value);
    }
    Ok(Received { texts, upload, fields: Value::Object(fields) })
}

/// A text part as its printed type; text that is not of that type stays text and is answered as mistyped.
pub(crate) fn as_printed(shape: &Shape, name: &str, text: String) -> Value {
    let printed = shape.object_fields().iter().find(|field| field.name == name);
    match printed.map(|field| &field.shape) {
        None | Some(Shape::String { .. } | Shape::Any) => Value::String(text),
        Some(_) => json::value(text.as_bytes()).unwrap_or(Value::String(text)),
    }
}

async fn store(part: &mut Field<'_>, folder: &Path, hashes: bool) -> Result<Result<Upload, Problem>, Failure> {
    let full = |error: std::io::Error| {
        tracing::warn!(%error, folder = %folder.display(), "an upload could not be stored");
        Failure::NotStored
    };
    let name = part.file_name().map(str::to_owned);
    tokio::fs::create_dir_all(folder).await.map_err(full)?;
    let (file, path) = tempfile::Builder::new().prefix("upload-").tempfile_in(folder).map_err(full)?.into_parts();
    let mut file = tokio::fs::File::from_std(file);
    let (mut size, mut hash) = (0, hashes.then(Sha256::new));
    while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
        size += chunk.len() as u64;
        hash.iter_mut().for_each(|hash| hash.update(&chunk));
        file.write_all(&chunk).await.map_err(full)?;
    }
    file.flush().await.map_err(full)?;
    let empty = Problem::new(part.name().unwrap_or_default(), ProblemKind::Empty);
    Ok(if size == 0 {
        Err(empty)
    } else {
        Ok(Upload { path, name, size, sha256: hash.map(|hash| hash.finalize().into()) })
    })
}

fn broken(error: &axum::extract::multipart::MultipartError) -> Failure {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Failure::TooLarge(MAX_UPLOAD_BYTES)
    } else {
        Failure::MalformedBody(error.body_text())
    }
}
