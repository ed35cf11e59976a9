//! What is too large for frames: packages and programs to robots, artifacts from them.

use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header::CONTENT_LENGTH},
    response::{IntoResponse, Response},
};
use baigong_core::{Platform, agent_versions, downloads::Download, packages, robot_sessions};
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
    sent(packages::open_for_robot(&platform, &robot, id).await)
}

/// A version of the agent's program that the robot is asked to run.
pub(crate) async fn agent_version(
    State(platform): State<Platform>,
    headers: HeaderMap,
    Path(id): Path<i64>,
) -> Response {
    let robot = match crate::authenticate(&platform, &headers).await {
        Ok(robot) => robot,
        Err(refused) => return refused,
    };
    sent(agent_versions::open_for_robot(&platform, &robot, id).await)
}

fn sent(download: Result<Download, Error>) -> Response {
    match download {
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

/// Which file of a queue item.
#[derive(Deserialize)]
pub(crate) struct WhichFile {
    fence: i64,
    of: i64,
    name: String,
}

/// A file that another task kept for those who take its queue items.
pub(crate) async fn kept_file(
    State(platform): State<Platform>,
    headers: HeaderMap,
    Path(task): Path<i64>,
    Query(which): Query<WhichFile>,
) -> Response {
    let robot = match crate::authenticate(&platform, &headers).await {
        Ok(robot) => robot,
        Err(refused) => return refused,
    };
    match robot_sessions::open_kept_file(&platform, robot.id, (task, which.fence), (which.of, &which.name)).await {
        Ok(download) => {
            let body = download.body.map_err(|error| std::io::Error::other(error.to_string()));
            ([(CONTENT_LENGTH, download.size.to_string())], Body::from_stream(body)).into_response()
        }
        Err(error) => crate::refuse(&error),
    }
}
