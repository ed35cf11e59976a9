//! Under which address a caller reached us: addresses that they are given begin with the same.

use axum::http::{HeaderName, header::HOST, request::Parts, uri::Authority};

/// `http://host:port`. What a proxy says of itself shapes only what this very caller is shown.
#[must_use]
pub fn base(parts: &Parts) -> String {
    let text = |name: &HeaderName| parts.headers.get(name).and_then(|it| it.to_str().ok());
    let is_tls = text(&HeaderName::from_static("x-forwarded-proto")) == Some("https");
    let host = text(&HOST).or(parts.uri.authority().map(Authority::as_str)).unwrap_or("localhost");
    format!("{}://{host}", if is_tls { "https" } else { "http" })
}
