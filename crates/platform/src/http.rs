//! Every route of the platform in one place: the tables of the dialects, the uplink, health, the documentation.

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use baigong_core::Platform;
use baigong_model::Secret;

use crate::dialects::Interface;
use crate::health::{self, Health};
use crate::watch::{self, Watch};

/// All routes.
pub(crate) fn router(
    platform: &Platform,
    interfaces: &[Interface],
    health: Health,
    watch: Watch,
    metrics: Option<Secret<String>>,
) -> Router {
    let documents = interfaces.iter().map(|interface| (interface.name, interface.openapi));
    let dialects = interfaces.iter().map(|interface| (interface.routes)(platform)).fold(Router::new(), Router::merge);
    Router::new()
        .route("/", get(async || Redirect::temporary("/docs")))
        .merge(health::routes(health))
        .merge(baigong_api_kit::documentation(documents))
        .merge(dialects)
        .merge(baigong_uplink::routes(platform.clone()))
        .merge(watch::routes(&watch, metrics))
        .layer(axum::middleware::from_fn_with_state(watch, watch::call))
}
