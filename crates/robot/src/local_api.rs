//! The robot's own interface: is it alive, and can it do its work.

use std::sync::{Arc, PoisonError};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::robot::Robot;

/// Serves until it is dropped.
pub(crate) async fn serve(robot: Arc<Robot>, listener: TcpListener) {
    let router = Router::new()
        .route("/healthz", get(|| async { Json(json!({"status": "ok"})) }))
        .route("/readyz", get(readyz))
        .with_state(robot);
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "the robot's own interface has ended");
    }
}

async fn readyz(State(robot): State<Arc<Robot>>) -> (StatusCode, Json<Value>) {
    let checks = checks(&robot).await;
    let ready = checks.iter().all(|check| check.trouble.is_none());
    let listed: Vec<Value> = checks
        .iter()
        .map(|check| json!({"name": check.name, "ok": check.trouble.is_none(), "detail": check.trouble}))
        .collect();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"status": if ready { "ready" } else { "notReady" }, "checks": listed})))
}

struct Check {
    name: &'static str,
    trouble: Option<String>,
}

async fn checks(robot: &Arc<Robot>) -> [Check; 4] {
    let trouble = || robot.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let connection = (!robot.link.is_up()).then(trouble);
    let journal = (!robot.journal.is_writable()).then(|| "the journal cannot be written".to_owned());
    let least = robot.options.min_free_disk;
    let free = robot.free_disk().filter(|free| *free < least);
    let disk = free.map(|free| format!("{} MiB are free, {} are needed", free >> 20, least >> 20));
    let work = robot.folder.work();
    // A run needs a folder of its own: the one thing of the runner that can be missing on a machine.
    let runner = tokio::task::spawn_blocking(move || {
        let probe = work.join(".probe");
        std::fs::create_dir_all(&probe).and_then(|()| std::fs::remove_dir(&probe)).err().map(|error| error.to_string())
    });
    let runner = runner.await.unwrap_or_else(|error| Some(error.to_string()));
    [("connection", connection), ("journal", journal), ("disk", disk), ("runner", runner)]
        .map(|(name, trouble)| Check { name, trouble })
}
