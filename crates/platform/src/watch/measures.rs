//! What Prometheus reads at `/metrics`: of every interface how often it was called, how long it took and how it ended; and
//! how the platform is doing. Interfaces are named by their route, codes are those of a table: the labels are bounded.
//! Whoever asks from this machine itself may read it, and whoever brings the token of `BAIGONG_METRICS_TOKEN`.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::Result;
use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use baigong_core::vitals;
use baigong_model::Secret;
use metrics::{Counter, Histogram, Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use super::{METRICS, Watch};

const CALLS: &str = "baigong_calls_total";
const DURATIONS: &str = "baigong_call_duration_seconds";
/// Upper bounds of the classes of durations, in seconds.
const BUCKETS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Durations are gathered as they come and put into their classes every so often.
const SORT_AFTER: u64 = 8192;
const ABOUT: Metadata<'static> = Metadata::new("baigong", Level::INFO, None);

/// What is counted.
pub(super) struct Measures {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    interfaces: RwLock<HashMap<String, Arc<Interface>>>,
    calls: AtomicU64,
}

/// What is counted of one interface.
struct Interface {
    durations: Histogram,
    /// By code; few of them ever occur.
    ends: RwLock<Vec<(&'static str, Counter)>>,
}

impl Measures {
    pub(super) fn new() -> Result<Self> {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(DURATIONS.into()), &BUCKETS)?
            .build_recorder();
        recorder.describe_counter(CALLS.into(), None, "Calls by interface and by how they ended.".into());
        recorder.describe_histogram(DURATIONS.into(), None, "How long calls took, in seconds.".into());
        let handle = recorder.handle();
        Ok(Self { recorder, handle, interfaces: RwLock::default(), calls: AtomicU64::new(0) })
    }

    /// Counts one call of the interface at `route`.
    pub(super) fn count(&self, route: &str, code: &'static str, seconds: f64) {
        let known = self.interfaces.read().unwrap_or_else(PoisonError::into_inner).get(route).cloned();
        let interface = known.unwrap_or_else(|| self.enter(route));
        interface.durations.record(seconds);
        let ends = interface.ends.read().unwrap_or_else(PoisonError::into_inner);
        match ends.iter().find(|(known, _)| *known == code) {
            Some((_, counter)) => counter.increment(1),
            None => {
                drop(ends);
                let key =
                    Key::from_parts(CALLS, vec![Label::new("interface", route.to_owned()), Label::new("code", code)]);
                let counter = self.recorder.register_counter(&key, &ABOUT);
                counter.increment(1);
                interface.ends.write().unwrap_or_else(PoisonError::into_inner).push((code, counter));
            }
        }
        if self.calls.fetch_add(1, Ordering::Relaxed) % SORT_AFTER == SORT_AFTER - 1 {
            self.handle.run_upkeep();
        }
    }

    fn enter(&self, route: &str) -> Arc<Interface> {
        let key = Key::from_parts(DURATIONS, vec![Label::new("interface", route.to_owned())]);
        let durations = self.recorder.register_histogram(&key, &ABOUT);
        let mut interfaces = self.interfaces.write().unwrap_or_else(PoisonError::into_inner);
        let interface = || Arc::new(Interface { durations, ends: RwLock::default() });
        interfaces.entry(route.to_owned()).or_insert_with(interface).clone()
    }

    fn set(&self, vital: &vitals::Vital) {
        let labels: Vec<Label> = vital.labels.iter().map(|(name, value)| Label::new(*name, value.clone())).collect();
        let key = Key::from_parts(vital.name, labels);
        if vital.only_grows {
            self.recorder.describe_counter(vital.name.into(), None, vital.about.into());
            self.recorder.register_counter(&key, &ABOUT).absolute(vital.value);
        } else {
            self.recorder.describe_gauge(vital.name.into(), None, vital.about.into());
            #[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
            self.recorder.register_gauge(&key, &ABOUT).set(vital.value as f64);
        }
    }
}

/// `/metrics`.
pub(crate) fn routes(watch: &Watch, token: Option<Secret<String>>) -> Router {
    let token = Arc::new(token.filter(|token| !token.expose().is_empty()));
    let read = async move |State(watch): State<Watch>, request: Request| {
        if may_read(&request, token.as_ref().as_ref()) {
            render(&watch).await
        } else {
            StatusCode::FORBIDDEN.into_response()
        }
    };
    Router::new().route(METRICS, get(read)).with_state(watch.clone())
}

async fn render(watch: &Watch) -> Response {
    match vitals::read(&watch.0.platform).await {
        Ok(vitals) => vitals.iter().for_each(|vital| watch.0.measures.set(vital)),
        Err(error) => tracing::warn!(%error, "some measures cannot be read at the moment"),
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], watch.0.measures.handle.render()).into_response()
}

/// Whether this request may read the measures.
fn may_read(request: &Request, token: Option<&Secret<String>>) -> bool {
    let headers = request.headers();
    // Behind a proxy on this machine everybody seems to come from here.
    let is_forwarded =
        ["x-forwarded-for", "forwarded", "x-real-ip", "via"].iter().any(|name| headers.contains_key(*name));
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let is_local = !is_forwarded && peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    is_local || token.is_some_and(|token| bears(headers, token))
}

fn bears(headers: &HeaderMap, token: &Secret<String>) -> bool {
    use subtle::ConstantTimeEq;
    let given = headers.get("authorization").and_then(|it| it.to_str().ok()).unwrap_or_default();
    let given = given.strip_prefix("Bearer ").unwrap_or_default();
    given.as_bytes().ct_eq(token.expose().as_bytes()).into()
}

/// A status as a label.
pub(super) fn status_word(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200 => "200",
        201 => "201",
        101 => "101",
        204 => "204",
        206 => "206",
        301..=308 => "3xx",
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        405 => "405",
        409 => "409",
        413 => "413",
        429 => "10010",
        500..=599 => "5xx",
        _ => "other",
    }
}
