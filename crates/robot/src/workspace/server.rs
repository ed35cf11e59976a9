//! The routes of a run, and who may use them: whoever knows the run's token. Addresses that are handed out (files, assets) carry
//! their own.

use std::{
    io,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{StatusCode, header::AUTHORIZATION},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use tokio::net::TcpListener;
use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, TaskTracker},
};

use super::{Shared, answers::Refusal, assets, ear, files, item_files, processes, robocorp_log, secrets, work_items};
use crate::runner::RunRequest;

/// The largest JSON of a work item.
const LARGEST_BODY: usize = 8 << 20;
/// What was said before a program ended is heard within this.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// The listener that Robot Framework loads.
const LISTENER: &str = include_str!("baigong_listener.py");

/// Where it listens: for HTTP, and for the log of robocorp.
pub(super) struct Listeners {
    http: TcpListener,
    log: TcpListener,
}

/// Takes two ports of this machine.
pub(super) async fn bind() -> io::Result<(Listeners, String)> {
    let http = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let log = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = format!("http://{}", http.local_addr()?);
    Ok((Listeners { http, log }, address))
}

/// The server of one run; it ends when it is dropped.
pub(super) struct Server {
    http: AbortOnDropHandle<()>,
    closing: CancellationToken,
    _log: AbortOnDropHandle<()>,
    log_port: u16,
    /// The folder of our Python module.
    module: PathBuf,
    /// Everyone who is being listened to.
    speakers: TaskTracker,
}

impl Server {
    pub(super) fn start(shared: Arc<Shared>, listeners: Listeners, request: &RunRequest) -> io::Result<Self> {
        let module = request.work_folder.join("python");
        std::fs::create_dir_all(&module)?;
        std::fs::write(module.join("baigong_listener.py"), LISTENER)?;
        let module = module.canonicalize()?;
        let log_port = listeners.log.local_addr()?.port();
        let speakers = TaskTracker::new();
        let log = robocorp_log::listen(Arc::clone(&shared.told), listeners.log, speakers.clone());
        let router = routes(shared, speakers.clone());
        let closing = CancellationToken::new();
        let closed = closing.clone().cancelled_owned();
        let http = async move {
            if let Err(error) = axum::serve(listeners.http, router).with_graceful_shutdown(closed).await {
                tracing::error!(%error, "the surroundings of a run have ended");
            }
        };
        let (http, log) = (tokio::spawn(http), tokio::spawn(log));
        let (http, log) = (AbortOnDropHandle::new(http), AbortOnDropHandle::new(log));
        Ok(Self { http, closing, _log: log, log_port, module, speakers })
    }

    /// Adds what makes Robot Framework and robocorp tell of their progress.
    pub(super) fn add_variables(&self, shared: &Shared, variables: &mut Vec<(String, String)>) {
        let value =
            |name: &str| variables.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let path = match value("PYTHONPATH") {
            Some(path) if !path.is_empty() => format!("{path}:{}", self.module.display()),
            _ => self.module.display().to_string(),
        };
        // The libraries ask a proxy for everything else.
        let direct = |name: &str| match value(name) {
            Some(others) if !others.is_empty() => format!("{others},127.0.0.1,localhost"),
            _ => "127.0.0.1,localhost".to_owned(),
        };
        let options = format!("--listener baigong_listener {}", value("ROBOT_OPTIONS").unwrap_or_default());
        for (name, value) in [
            ("NO_PROXY", direct("NO_PROXY")),
            ("no_proxy", direct("no_proxy")),
            ("PYTHONPATH", path),
            ("ROBOT_OPTIONS", options.trim().to_owned()),
            ("BAIGONG_EVENTS_URL", format!("{}/events", shared.address)),
            ("BAIGONG_EVENTS_TOKEN", shared.token.clone()),
            ("ROBOCORP_TASKS_LOG_LISTENER_PORT", self.log_port.to_string()),
        ] {
            variables.push((name.to_owned(), value));
        }
    }

    /// Ends every connection: what the run's host keeps is nobody's any more afterwards.
    pub(super) async fn close(self) {
        self.closing.cancel();
        let _ = tokio::time::timeout(LAST_WORDS, self.http).await;
    }

    /// Waits until all that was said is heard.
    pub(super) async fn hear_out(&self) {
        // Whoever has just connected is taken on first.
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
        self.speakers.close();
        let _ = tokio::time::timeout(LAST_WORDS, self.speakers.wait()).await;
        self.speakers.reopen();
    }
}

fn routes(shared: Arc<Shared>, speakers: TaskTracker) -> Router {
    let item = "/json-v1/workspaces/{workspace}/workitems/{item}";
    let process = "/process-v1/workspaces/{workspace}/processes/{process}";
    let run = format!("{process}/runs/{{run}}/robotRuns/{{activity}}");
    let guarded = Router::new()
        .route(&format!("{item}/data"), get(work_items::load).put(work_items::save))
        .route(&format!("{item}/files"), get(item_files::list).post(item_files::add))
        .route(&format!("{item}/files/{{file}}"), get(item_files::get).delete(item_files::remove))
        .route(&format!("{run}/reserve-next-work-item"), post(processes::reserve))
        .route(&format!("{run}/release-work-item"), post(processes::release))
        .route(&format!("{process}/work-items/{{parent}}/output"), post(processes::create_output))
        .route("/secrets-v1/workspaces/{workspace}/secrets/{name}", get(secrets::get).put(secrets::put))
        .route("/v1/workspaces/{workspace}/assets/{name}", get(assets::get).delete(assets::fixed))
        .route("/v1/workspaces/{workspace}/assets", any(assets::fixed))
        .route("/v1/workspaces/{workspace}/assets/{name}/uploads", any(assets::fixed))
        .route("/events", post(ear::events).layer(DefaultBodyLimit::disable()))
        .layer(axum::Extension(speakers))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&shared), guard));
    Router::new()
        .route("/files/{token}", get(files::download).post(files::upload).layer(DefaultBodyLimit::disable()))
        .merge(guarded)
        .fallback(unknown)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(shared)
}

async fn guard(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = given.and_then(|value| value.strip_prefix("Bearer "));
    match token {
        Some(token) if same(token.as_bytes(), shared.token.as_bytes()) => next.run(request).await,
        _ => Refusal::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "the token is not this run's").into_response(),
    }
}

/// Compares in a time that does not depend on where they differ.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

async fn unknown(request: Request) -> Refusal {
    let path = Path::new(request.uri().path()).display().to_string();
    Refusal::not_found(format!("this robot has no {} {path} for its runs", request.method()))
}
