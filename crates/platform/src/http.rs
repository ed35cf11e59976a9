//! Every route of the platform in one place: the tables of the dialects, the uplink, health, the documentation.

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use baigong_api_tsac as tsac;
use baigong_core::Platform;
use baigong_model::Secret;
use serde_json::Value;

use crate::health::{self, Health};
use crate::watch::{self, Watch};

/// The name in `/openapi/<name>.json`, and what writes the document.
type Document = (&'static str, fn() -> Value);

const DOCUMENTS: [Document; 1] = [("tsac", || tsac::table().openapi())];

/// All routes.
pub(crate) fn router(platform: &Platform, health: Health, watch: Watch, metrics: Option<Secret<String>>) -> Router {
    Router::new()
        .route("/", get(async || Redirect::temporary("/docs")))
        .merge(health::routes(health))
        .merge(baigong_api_kit::documentation(DOCUMENTS))
        .merge(tsac::table().router(platform))
        .merge(baigong_uplink::routes(platform.clone()))
        .merge(watch::routes(&watch, metrics))
        .layer(axum::middleware::from_fn_with_state(watch, watch::call))
}
