//! What the robot serves: its interface and its documents, and whether it is alive and can do its work.

use std::{net::SocketAddr, sync::Arc};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{api, preflight, robot::Robot};

/// What writes a document.
type Writer = fn() -> Value;

/// The documents, and what writes them.
const DOCUMENTS: [(&str, Writer); 1] = [("robot", || api::table().openapi())];

/// Serves until it is dropped.
pub(crate) async fn serve(robot: Arc<Robot>, listener: TcpListener) {
    let served = api::Served::of(Arc::clone(&robot));
    let router = Router::new()
        .route("/healthz", get(|| async { Json(json!({"status": "ok"})) }))
        .route("/readyz", get(readyz))
        .with_state(robot)
        .merge(baigong_api_kit::documentation(DOCUMENTS))
        .merge(api::table().router(&served))
        .into_make_service_with_connect_info::<SocketAddr>();
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "the robot's own interface has ended");
    }
}

async fn readyz(State(robot): State<Arc<Robot>>) -> (StatusCode, Json<Value>) {
    let checks = preflight::checks(&robot).await;
    let ready = checks.iter().all(|check| check.trouble.is_none() || !check.is_needed);
    let listed: Vec<Value> = checks
        .iter()
        .map(|check| json!({"name": check.name, "ok": check.trouble.is_none(), "needed": check.is_needed, "detail": check.trouble}))
        .collect();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"status": if ready { "ready" } else { "notReady" }, "checks": listed})))
}
