//! Every route of the platform in one place: the tables of the dialects, the uplink, health, the documentation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::get;
use baigong_core::Platform;

/// What the health checks look at.
#[derive(Clone)]
struct Health {
    platform: Platform,
    stopping: Arc<AtomicBool>,
}

/// All routes. `stopping` makes the platform unready before it stops to accept.
pub(crate) fn router(platform: &Platform, stopping: Arc<AtomicBool>) -> Router {
    let health = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .with_state(Health { platform: platform.clone(), stopping });
    Router::new()
        .route("/", get(async || Redirect::temporary("/docs")))
        .merge(health)
        .merge(baigong_api_tsac::table().router(platform))
        .merge(baigong_api_kit::documentation([("tsac", baigong_api_tsac::document)]))
        .merge(baigong_uplink::routes(platform.clone()))
}

/// Whether the platform can do its work: it can read, it can commit, and it is not about to stop.
async fn ready(State(health): State<Health>) -> (StatusCode, String) {
    if health.stopping.load(Ordering::Relaxed) {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n".into());
    }
    match health.platform.check().await {
        Ok(()) => (StatusCode::OK, "ready\n".into()),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {error}\n"))
        }
    }
}
