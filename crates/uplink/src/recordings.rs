//! Recordings from robots: the beginning, sealed chunks, the end. The body of a chunk is bounded and read whole.

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use baigong_core::{Platform, robot_sessions};
use baigong_model::Error;
use baigong_protocol::{ChunkNote, RecordingEnd, RecordingHead, RecordingRef, recording::MAX_CHUNK_BYTES};

/// Begins a recording.
pub(crate) async fn begin(
    State(platform): State<Platform>,
    headers: HeaderMap,
    Json(head): Json<RecordingHead>,
) -> Response {
    match crate::authenticate(&platform, &headers).await {
        Ok(robot) => answer(robot_sessions::begin_recording(&platform, robot.id, head).await),
        Err(refused) => refused,
    }
}

/// Stores a chunk, or that it is lost.
pub(crate) async fn chunk(
    State(platform): State<Platform>,
    headers: HeaderMap,
    Path((task_id, fence, part, number)): Path<(i64, i64, i32, i32)>,
    Query(note): Query<ChunkNote>,
    body: Body,
) -> Response {
    let robot = match crate::authenticate(&platform, &headers).await {
        Ok(robot) => robot,
        Err(refused) => return refused,
    };
    let Ok(body) = to_bytes(body, MAX_CHUNK_BYTES).await else {
        return crate::refuse(&Error::unavailable("the chunk broke off, or is too large"));
    };
    let recording = RecordingRef { robot_id: robot.id, task_id, fence, part };
    answer(robot_sessions::put_chunk(&platform, recording, number, note, body).await)
}

/// Ends a recording.
pub(crate) async fn end(
    State(platform): State<Platform>,
    headers: HeaderMap,
    Path((task_id, fence, part)): Path<(i64, i64, i32)>,
    Json(end): Json<RecordingEnd>,
) -> Response {
    match crate::authenticate(&platform, &headers).await {
        Ok(robot) => {
            let recording = RecordingRef { robot_id: robot.id, task_id, fence, part };
            answer(robot_sessions::end_recording(&platform, recording, end).await)
        }
        Err(refused) => refused,
    }
}

fn answer(outcome: baigong_model::Result<()>) -> Response {
    match outcome {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => crate::refuse(&error),
    }
}
