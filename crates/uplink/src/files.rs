//! What is too large for frames: packages to robots, artifacts from them.

use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header::CONTENT_LENGTH},
    response::{IntoResponse, Response},
};
use baigong_core::{Platform, packages, robot_sessions};
use baigong_model::Error;
use futures_util::{StreamExt, TryStreamExt};
use serde::Deserialize;

/// The largest artifact, in bytes.
const MAX_ARTIFACT: u64 = 512 * 1024 * 1024;

/// The zip of a package that a task of the robot needs.
pub(crate) async fn package(State(platform): State<Platform>, headers: HeaderMap, Path(id): Path<i64>) -> Response {
    let robot = match crate::authenticate(&platform, &headers).await {
        Ok(robot) => robot,
        Err(refused) => return refused,
    };
    match packages::open_for_robot(&platform, &robot, id).await {
        Ok(download) => {
            let body = download.body.map_err(|error| std::io::Error::other(error.to_string()));
            ([(CONTENT_LENGTH, download.size.to_string())], Body::from_stream(body)).into_response()
        }
        Err(error) => crate::refuse(&error),
    }
}

/// Which artifact.
#[derive(Deserialize)]
pub(crate) struct Which {
    fence: i64,
    name: String,
}

/// Stores an artifact.
pub(crate) async fn artifact(
    State(platform): State<Platform>,
    headers: HeaderMap,
    Path(task): Path<i64>,
    Query(which): Query<Which>,
    body: Body,
) -> Response {
    let robot = match crate::authenticate(&platform, &headers).await {
        Ok(robot) => robot,
        Err(refused) => return refused,
    };
    let mut size = 0_u64;
    let body = body.into_data_stream().map(move |part| {
        let part = part.map_err(|_| Error::unavailable("the upload broke off"))?;
        size += part.len() as u64;
        if size > MAX_ARTIFACT {
            return Err(Error::invalid("artifact", format!("is larger than {MAX_ARTIFACT} bytes")));
        }
        Ok(part)
    });
    match robot_sessions::put_artifact(&platform, robot.id, (task, which.fence), &which.name, body.boxed()).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => crate::refuse(&error),
    }
}
