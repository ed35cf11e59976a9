//! The platform's end of the robot connection: authenticates a robot, carries its messages to `core` and the answers
//! back. Knows no rule of its own.

mod connection;
mod files;
mod link;
mod live_view;
mod recordings;
mod session;

use axum::{
    Router,
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::{get, put},
};
use baigong_core::{Platform, robots, rows::robot};
use baigong_model::Error;
use baigong_protocol::paths;

/// The routes that robots use; everything else of the platform is for people and programs.
pub fn routes(platform: Platform) -> Router {
    Router::new()
        .route(paths::CONNECT, get(connection::connect))
        .route(paths::PACKAGE_ROUTE, get(files::package))
        .route(paths::AGENT_VERSION_ROUTE, get(files::agent_version))
        .route(paths::RECORDINGS, put(recordings::begin))
        .route(paths::CHUNK_ROUTE, put(recordings::chunk))
        .route(paths::RECORDING_END_ROUTE, put(recordings::end))
        .route(paths::LIVE_VIEW_ROUTE, get(live_view::serve))
        .route(paths::ARTIFACTS_ROUTE, put(files::artifact).get(files::kept_file))
        .with_state(platform)
}

/// The robot whose secret the request carries, or the answer that refuses it. The secret is never logged.
async fn authenticate(platform: &Platform, headers: &HeaderMap) -> Result<robot::Model, Response> {
    let text = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let Some(secret) = text else {
        tracing::warn!("a robot came without a secret");
        return Err(StatusCode::UNAUTHORIZED.into_response());
    };
    robots::authenticate_agent(platform, secret).await.map_err(|error| refuse(&error))
}

/// An error as the robot understands it: the status says whether to try again.
fn refuse(error: &Error) -> Response {
    let status = match error {
        Error::Unauthenticated | Error::Forbidden(_) | Error::Locked => StatusCode::UNAUTHORIZED,
        Error::NotFound { .. } => StatusCode::NOT_FOUND,
        Error::StaleFence { .. } | Error::Conflict(_) | Error::AlreadyEnded | Error::AlreadyCancelled => {
            StatusCode::CONFLICT
        }
        Error::Invalid { .. } | Error::InvalidTime { .. } | Error::InvalidDate { .. } => StatusCode::BAD_REQUEST,
        Error::LimitReached(_) => StatusCode::TOO_MANY_REQUESTS,
        Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, error.to_string()).into_response()
}
