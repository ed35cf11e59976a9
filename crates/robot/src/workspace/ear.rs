//! `POST /events`: a stream of lines of JSON, as long as the run goes on, from our listener inside Robot Framework.

use std::sync::Arc;

use axum::{Extension, body::Body, extract::State, http::StatusCode};
use futures_util::StreamExt;
use tokio_util::task::TaskTracker;

use super::{Shared, told::Tale};

/// A longer line is no tale of ours.
const LONGEST: usize = 1 << 20;

pub(super) async fn events(
    State(shared): State<Arc<Shared>>,
    Extension(speakers): Extension<TaskTracker>,
    body: Body,
) -> StatusCode {
    let _speaking = speakers.token();
    let mut parts = body.into_data_stream();
    let mut line = Vec::new();
    // A stream that breaks off was that of a program that was stopped.
    while let Some(Ok(part)) = parts.next().await {
        for byte in part {
            if byte != b'\n' {
                if line.len() < LONGEST {
                    line.push(byte);
                }
                continue;
            }
            if let Ok(tale) = serde_json::from_slice::<Tale>(&line) {
                shared.told.hear(tale);
            }
            line.clear();
        }
    }
    StatusCode::NO_CONTENT
}
