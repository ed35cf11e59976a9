//! Whether the platform lives, and whether it can do its work.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use baigong_background::Background;
use baigong_core::{Platform, nodes};

/// A platform that cannot commit within this time is not ready.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the checks look at. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Health {
    platform: Platform,
    /// Taken out when the platform stops.
    background: Arc<Mutex<Option<Background>>>,
}

impl Health {
    pub(crate) fn new(platform: &Platform, background: Background) -> Self {
        Self { platform: platform.clone(), background: Arc::new(Mutex::new(Some(background))) }
    }

    /// From here on the platform is not ready any more; gives the background work, to be stopped.
    pub(crate) fn stopping(&self) -> Option<Background> {
        self.background.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn works(&self) -> Result<(), &'static str> {
        match &*self.background.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Err("the platform stops"),
            Some(background) if !background.is_alive() => Err("background work has ended unexpectedly"),
            Some(_) => Ok(()),
        }
    }

    /// Ready: the background work runs, and a real commit succeeds, so that a full disk or a database that is away shows.
    async fn ready(&self) -> Result<(), String> {
        self.works()?;
        match tokio::time::timeout(PATIENCE, nodes::renew(&self.platform)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the database does not answer".into()),
        }
    }
}

/// `/healthz` while the process lives, `/readyz` while it can do its work.
pub(crate) fn routes(health: Health) -> Router {
    Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(readyz)).with_state(health)
}

async fn readyz(State(health): State<Health>) -> (StatusCode, String) {
    match health.ready().await {
        Ok(()) => (StatusCode::OK, "ready\n".into()),
        Err(reason) => {
            tracing::warn!(reason, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n"))
        }
    }
}
