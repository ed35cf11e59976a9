//! The documents and a page to browse them: `/openapi/<name>.json` and `/docs`, from nothing but this binary.

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use serde_json::Value;

/// Scripts and styles from here only; everything on the page is written as text, never as markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Serves the documents under their names, and the page that shows them. A document is written when it is first asked
/// for: few ever ask, and everyone who starts a server waits.
pub fn documentation(documents: impl IntoIterator<Item = (&'static str, fn() -> Value)>) -> Router {
    let mut router = Router::new();
    let mut names = Vec::new();
    for (name, document) in documents {
        names.push(name);
        let text: Arc<OnceLock<Bytes>> = Arc::default();
        let serve = async move || {
            let text = text.get_or_init(|| document().to_string().into());
            answer("application/json", text.clone())
        };
        router = router.route(&format!("/openapi/{name}.json"), get(serve));
    }
    let index = Bytes::from(Value::from(names).to_string());
    let page: [(&str, &str, &str); 3] = [
        ("/docs", "text/html; charset=utf-8", include_str!("page/docs.html")),
        ("/docs/docs.js", "text/javascript; charset=utf-8", include_str!("page/docs.js")),
        ("/docs/docs.css", "text/css; charset=utf-8", include_str!("page/docs.css")),
    ];
    router = router.route("/openapi/index.json", get(async move || answer("application/json", index.clone())));
    for (path, kind, text) in page {
        router = router.route(path, get(async move || answer(kind, text)));
    }
    router
}

fn answer(kind: &'static str, body: impl Into<Bytes>) -> Response {
    let headers = [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, body.into()).into_response()
}
