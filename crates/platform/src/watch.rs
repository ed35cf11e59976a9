//! What stands around every call: from which address it comes and whether that address may come at all, how often, under
//! which trace it runs, what is counted and what is written down of it (T/TSAC 002-2025, 6.1.2 and 6.1.3.1). Knows no
//! operation; an interface tells through [`Observed`] who called and how it ended.

mod addresses;
mod line;
mod measures;
mod rates;
mod refusal;
mod trace;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use anyhow::Result;
use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    middleware::Next,
    response::Response,
};
use baigong_api_kit::Observed;
use baigong_core::Platform;
use tracing::Instrument;

pub(crate) use measures::routes;

use crate::{
    Settings,
    dialects::{self, Interface},
};
use addresses::Addresses;
use line::Line;
pub use line::Lines;
use measures::Measures;
use rates::Rates;
use refusal::{End, Refusal};
use trace::Trace;

/// What is asked again and again by machines about this node's health: neither refused nor written down.
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];
/// Where the measures are read.
const METRICS: &str = "/metrics";

/// What every call passes. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Watch(Arc<Parts>);

struct Parts {
    platform: Platform,
    interfaces: Vec<Interface>,
    addresses: Addresses,
    rates: Rates,
    lines: Lines,
    measures: Measures,
    reads: AtomicU64,
}

impl Watch {
    pub(crate) fn new(platform: &Platform, settings: &Settings) -> Result<Self> {
        Ok(Self(Arc::new(Parts {
            platform: platform.clone(),
            interfaces: dialects::offered(settings),
            addresses: Addresses::of(settings),
            rates: Rates::new(settings.public_calls_per_second),
            lines: settings.call_log,
            measures: Measures::new()?,
            reads: AtomicU64::new(0),
        })))
    }
}

/// Lets one call through, or not, and sees what becomes of it.
pub(crate) async fn call(State(watch): State<Watch>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if HEALTH.contains(&path) {
        return next.run(request).await;
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|it| it.0);
    let from = peer.map(|peer| watch.0.addresses.origin(peer, request.headers()));
    if let Some(from) = from {
        // From here on this is where the call comes from, for the audit too.
        request.extensions_mut().insert(ConnectInfo(from));
    }
    let begun = now();
    let at = watch.0.platform.now();
    let trace = Trace::of(request.headers(), &*watch.0.platform.random);
    let line = watch.0.lines.listens().then(|| Line::begin(&request, from, at));
    let observed = Arc::new(Observed::new(line.is_some()));
    let route = request.extensions().get::<MatchedPath>().cloned();
    let interface = watch.0.interfaces.iter().find(|interface| interface.serves(request.uri().path()));
    let route = route.as_ref().map(MatchedPath::as_str);
    let is_public = interface.is_some_and(|interface| interface.is_public(route, request.headers()));
    let mut refusal = watch.0.refusal(is_public, from);
    request.extensions_mut().insert(observed.clone());
    let span = tracing::info_span!("call", trace = %trace.id());
    let mut response = match refusal {
        Some(refusal) => refusal.answer(interface),
        None => next.run(request).instrument(span).await,
    };
    // Made-up tokens are counted by address too.
    let is_stranger = observed.is_stranger() || response.status() == StatusCode::UNAUTHORIZED;
    if is_stranger && !is_public && refusal.is_none() {
        refusal = watch.0.too_many(from);
        response = refusal.map_or(response, |refusal| refusal.answer(interface));
    }
    // Whoever is to come later is told when.
    let is_later = matches!(refusal, Some(Refusal::TooMany)) || response.status() == StatusCode::TOO_MANY_REQUESTS;
    if is_later && !response.headers().contains_key(RETRY_AFTER) {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response.headers_mut().insert("traceparent", trace.header());
    let seconds = begun.elapsed().as_secs_f64();
    let end = End::of(refusal, interface, &observed, &response);
    let route = route.unwrap_or("unmatched");
    if route != METRICS {
        watch.0.measures.count(route, end.code, seconds);
        if let Some(line) = line {
            watch.0.write(&line, &trace, &observed, &response, (end, seconds));
        }
    }
    response
}

/// Durations are measured, never stored: they need no clock that tests drive.
fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "how long a call takes is measured here and nowhere else")]
    Instant::now()
}

impl Parts {
    /// Why this call is not let through. Calls that say who they are are counted by token, where it is known to be one.
    fn refusal(&self, is_public: bool, from: Option<SocketAddr>) -> Option<Refusal> {
        if from.is_some_and(|from| !self.addresses.admits(from.ip())) {
            return Some(Refusal::Denied);
        }
        if is_public { self.too_many(from) } else { None }
    }

    /// Counts one more call of an address: whether it was one too many.
    fn too_many(&self, from: Option<SocketAddr>) -> Option<Refusal> {
        from.filter(|from| !self.rates.takes(from.ip())).map(|_| Refusal::TooMany)
    }

    fn write(&self, line: &Line, trace: &Trace, observed: &Observed, response: &Response, (end, seconds): (End, f64)) {
        let is_read = line.is_read();
        let number = if is_read { self.reads.fetch_add(1, Ordering::Relaxed) } else { 0 };
        if self.lines.wants(is_read, end.is_success, number) {
            line.write(trace, observed, response, (end.code, seconds));
        }
    }
}
