//! The external interfaces that the platform offers: one line each. Any of them can be switched off; it is then as if it
//! were not there.

use std::net::SocketAddr;

use axum::Router;
use axum::http::HeaderMap;
use axum::response::Response;
use baigong_api_apicenter as apicenter;
use baigong_api_console as console;
use baigong_api_kit::{Access, Dialect, Failure, Table};
use baigong_api_km as km;
use baigong_api_oapi as oapi;
use baigong_api_tsac as tsac;
use baigong_core::Platform;
use serde_json::Value;

use crate::Settings;

/// One interface.
pub(crate) struct Interface {
    /// Its name, in the setting and in `/openapi/<name>.json`.
    pub(crate) name: &'static str,
    /// What the paths of its operations begin with.
    prefixes: Vec<&'static str>,
    /// Writes its document.
    pub(crate) openapi: fn() -> Value,
    /// Its routes.
    pub(crate) routes: Box<dyn Fn(&Platform) -> Router + Send + Sync>,
    /// Words a failure.
    pub(crate) refuse: fn(&Failure) -> Response,
    /// The code of a failure.
    pub(crate) told: fn(&Failure) -> (&'static str, String),
    /// The headers by which it knows its callers.
    credentials: Vec<&'static str>,
    /// The routes of what is open to all.
    open: Vec<&'static str>,
}

/// All of them.
fn all() -> Vec<Interface> {
    vec![
        Interface::of(tsac::table, || tsac::table().openapi()),
        Interface::of(oapi::table, || oapi::table().openapi()),
        Interface::of(apicenter::table, || apicenter::table().openapi()),
        Interface::of(console::table, || console::table().openapi()),
        Interface::of(km::table, || km::table().openapi()),
    ]
}

/// Those that `settings` leave on.
pub(crate) fn offered(settings: &Settings) -> Vec<Interface> {
    all().into_iter().filter(|interface| !settings.disabled_dialects.has(interface.name)).collect()
}

/// The names that the setting knows.
pub(crate) fn names() -> Vec<&'static str> {
    all().into_iter().map(|interface| interface.name).collect()
}

/// What to say of interfaces that anyone on the way can listen to: this platform speaks plain HTTP, and without a proxy
/// before it nothing beyond this machine encrypts it.
pub(crate) fn exposed(settings: &Settings, address: SocketAddr) -> Option<String> {
    if address.ip().is_loopback() || !settings.trusted_proxies.networks().is_empty() {
        return None;
    }
    let names: Vec<_> = offered(settings).iter().map(|interface| interface.name).collect();
    Some(format!(
        "{} offered without TLS on {address}: listen on loopback behind a proxy that speaks TLS, or name that proxy in trusted_proxies",
        names.join(", ")
    ))
}

impl Interface {
    fn of<D: Dialect<Context = Platform>>(table: fn() -> Table<D>, openapi: fn() -> Value) -> Self {
        let headers = D::describe().headers.iter().filter(|header| header.is_credential);
        Self {
            name: D::NAME,
            prefixes: D::OTHER_PREFIXES.iter().copied().chain([D::PREFIX]).collect(),
            openapi,
            routes: Box::new(move |platform| table().router(platform)),
            refuse: D::err,
            told: D::told,
            credentials: headers.map(|header| header.name).collect(),
            open: table().operations().filter(|it| it.access == Access::Open).map(|it| it.path).collect(),
        }
    }

    /// Whether a path is one of its.
    pub(crate) fn serves(&self, path: &str) -> bool {
        let rest = self.prefixes.iter().find_map(|prefix| path.strip_prefix(prefix));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether a request may come from anybody: where it asks for what is open to all, whatever else it says, and where
    /// it does not say who calls.
    pub(crate) fn is_public(&self, route: Option<&str>, headers: &HeaderMap) -> bool {
        route.is_some_and(|route| self.open.contains(&route))
            || !self.credentials.iter().any(|name| headers.contains_key(*name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anyone_can_listen_to_is_named() {
        let all = Settings::default();
        let told = exposed(&all, "0.0.0.0:8600".parse().unwrap()).unwrap();
        assert!(told.contains("tsac") && told.contains("km") && told.contains("0.0.0.0:8600"), "{told}");
        assert_eq!(exposed(&all, "127.0.0.1:8600".parse().unwrap()), None);
        let behind = Settings { trusted_proxies: "10.0.0.1".parse().unwrap(), ..Settings::default() };
        assert_eq!(exposed(&behind, "0.0.0.0:8600".parse().unwrap()), None);
        let without = Settings { disabled_dialects: (&["km"][..]).into(), ..Settings::default() };
        assert!(!exposed(&without, "0.0.0.0:8600".parse().unwrap()).unwrap().contains("km"));
    }

    #[test]
    fn a_path_belongs_to_the_interface_whose_prefix_it_has() {
        let interfaces = all();
        let of = |path: &str| interfaces.iter().filter(|it| it.serves(path)).map(|it| it.name).collect::<Vec<_>>();
        for (path, expected) in [
            ("/api/platform/task/list", "tsac"),
            ("/oapi/v1/robot", "oapi"),
            ("/api/console/me", "console"),
            ("/api/v1/apps", "km"),
        ] {
            assert_eq!(of(path), [expected], "{path}");
        }
        assert!(of("/api/v10/apps").is_empty() && of("/healthz").is_empty());
    }
}
