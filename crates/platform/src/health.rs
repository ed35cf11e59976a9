//! Whether the platform lives, and whether it can do its work.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use baigong_background::Background;
use baigong_core::Platform;
use serde::Serialize;
use serde_json::{Value, json};

use crate::folder;

/// A platform that cannot commit within this time is not ready.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the checks look at. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Health {
    platform: Platform,
    /// Taken out when the platform stops.
    background: Arc<Mutex<Option<Background>>>,
    /// What is not as safe as it could be, for whoever asks; it keeps nobody from working.
    exposed: Option<Arc<str>>,
    /// Held during a check: questions that come together wait for one another.
    asking: Arc<tokio::sync::Mutex<()>>,
}

impl Health {
    pub(crate) fn new(platform: &Platform, background: Background, exposed: Option<String>) -> Self {
        Self {
            platform: platform.clone(),
            background: Arc::new(Mutex::new(Some(background))),
            exposed: exposed.map(Into::into),
            asking: Arc::default(),
        }
    }

    /// From here on the platform is not ready any more; gives the background work, to be stopped.
    pub(crate) fn stopping(&self) -> Option<Background> {
        self.background.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn checks(&self) -> Vec<Check> {
        let _asks = self.asking.lock().await;
        let background = match &*self.background.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Some("the platform stops".into()),
            Some(background) if !background.is_alive() => Some("a part of it has ended unexpectedly".into()),
            Some(_) => None,
        };
        // A real commit and a real file, so that a full disk or a database that is away shows.
        let database = patiently(self.platform.check()).await;
        let data = self.platform.config.data_folder.clone();
        let files = patiently(async { tokio::task::spawn_blocking(move || folder::try_out(&data)).await? }).await;
        let checks = [("backgroundWork", background), ("database", database), ("dataFolder", files)];
        let check = |(name, detail): (_, Option<String>)| Check { name, ok: detail.is_none(), detail };
        let transport = Check { name: "transport", ok: true, detail: self.exposed.as_deref().map(str::to_owned) };
        checks.map(check).into_iter().chain([transport]).collect()
    }
}

/// What is wrong with `work`, if anything.
async fn patiently<E: std::fmt::Display>(work: impl Future<Output = Result<(), E>>) -> Option<String> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("it does not answer".into()),
    }
}

/// One thing the platform needs to do its work.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    /// What is wrong.
    detail: Option<String>,
}

/// `/healthz` while the process lives, `/readyz` while it can do its work.
pub(crate) fn routes(health: Health) -> Router {
    let healthz = async || Json(json!({"status": "ok"}));
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz)).with_state(health)
}

async fn readyz(State(health): State<Health>) -> (StatusCode, Json<Value>) {
    let checks = health.checks().await;
    let ready = checks.iter().all(|check| check.ok);
    if !ready {
        tracing::warn!(?checks, "not ready");
    }
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"status": if ready { "ready" } else { "notReady" }, "checks": checks})))
}
