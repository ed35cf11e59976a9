//! A platform of the test's own: it accepts robots, shows the test every message, and says what the test tells it to.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{
        Path, Query, State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, put},
};
use baigong_protocol::{
    FromRobot, Hello, Log, LogAck, Report, RobotSecret, TaskRef, ToRobot, Welcome, decode, encode, paths,
};
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle, time::timeout};

/// Longer than anything here takes; a test that waits for so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// The platform.
pub(crate) struct Platform {
    pub(crate) address: SocketAddr,
    pub(crate) shared: Arc<Shared>,
    connections: mpsc::UnboundedReceiver<Connection>,
    server: JoinHandle<()>,
}

/// What its handlers know.
pub(crate) struct Shared {
    secret: RobotSecret,
    pub(crate) packages: Mutex<HashMap<i64, Vec<u8>>>,
    pub(crate) downloads: AtomicUsize,
    pub(crate) refused: tokio::sync::Semaphore,
    pub(crate) artifacts: Mutex<Vec<(i64, String, Vec<u8>)>>,
    /// Answers for the next uploads, before they are taken.
    pub(crate) upload_answers: Mutex<VecDeque<StatusCode>>,
    /// Whether heartbeats are left without an answer.
    pub(crate) silent: AtomicBool,
    arrived: mpsc::UnboundedSender<Connection>,
}

/// A connected robot.
pub(crate) struct Connection {
    pub(crate) hello: Hello,
    out: mpsc::UnboundedSender<ToRobot>,
    inbox: mpsc::UnboundedReceiver<(FromRobot, String)>,
}

impl Platform {
    pub(crate) async fn start(secret: &RobotSecret) -> Self {
        let (arrived, connections) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            secret: secret.clone(),
            packages: Mutex::default(),
            downloads: AtomicUsize::new(0),
            refused: tokio::sync::Semaphore::new(0),
            artifacts: Mutex::default(),
            upload_answers: Mutex::default(),
            silent: AtomicBool::new(false),
            arrived,
        });
        let router = Router::new()
            .route(paths::CONNECT, get(connect))
            .route(paths::PACKAGE_ROUTE, get(package))
            .route(paths::ARTIFACTS_ROUTE, put(artifact))
            .with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, shared, connections, server }
    }

    /// The next robot that connects, not yet welcomed.
    pub(crate) async fn arrival(&mut self) -> Connection {
        timeout(PATIENCE, self.connections.recv()).await.expect("no robot connects").unwrap()
    }

    /// The next robot that connects, welcomed.
    pub(crate) async fn robot(&mut self) -> Connection {
        let connection = self.arrival().await;
        connection.welcome(4);
        connection
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Connection {
    pub(crate) fn welcome(&self, max_tasks: u32) {
        self.say(ToRobot::Welcome(Welcome {
            robot_id: 1,
            robot_name: "robot".into(),
            heartbeat_seconds: 1,
            lease_seconds: 60,
            max_tasks,
            recorder_key: None,
            screen: None,
            time: 0,
        }));
    }

    pub(crate) fn say(&self, message: ToRobot) {
        // The robot may have gone, which the test will see.
        let _ = self.out.send(message);
    }

    /// The next message that `wanted` takes; others are passed over.
    pub(crate) async fn until<T>(&mut self, what: &str, mut wanted: impl FnMut(&FromRobot, &str) -> Option<T>) -> T {
        let mut others = Vec::new();
        let waiting = async {
            loop {
                let left = || panic!("no {what}: the robot left after {others:#?}");
                let (message, text) = self.inbox.recv().await.unwrap_or_else(left);
                if let Some(found) = wanted(&message, &text) {
                    return found;
                }
                others.push(text);
            }
        };
        let found = timeout(PATIENCE, waiting).await;
        found.unwrap_or_else(|_| panic!("no {what}, but {others:#?}"))
    }

    pub(crate) async fn start(&mut self) -> TaskRef {
        self.until("request to start", |message, _| match message {
            FromRobot::Start(task) => Some(*task),
            _ => None,
        })
        .await
    }

    pub(crate) async fn declined(&mut self) -> String {
        self.until("refusal", |message, _| match message {
            FromRobot::Declined(declined) => Some(declined.reason.clone()),
            FromRobot::Start(task) => panic!("{task:?} must not ask to start"),
            _ => None,
        })
        .await
    }

    /// The next batch of log lines, acknowledged.
    pub(crate) async fn log(&mut self) -> (Log, String) {
        let batch = self.log_kept().await;
        self.say(acknowledgement(&batch.0));
        batch
    }

    /// The next batch of log lines, not acknowledged.
    pub(crate) async fn log_kept(&mut self) -> (Log, String) {
        self.until("log lines", |message, text| match message {
            FromRobot::Log(log) => Some((log.clone(), text.to_owned())),
            _ => None,
        })
        .await
    }

    /// The next report, not acknowledged; log lines before it are acknowledged.
    pub(crate) async fn report(&mut self) -> Report {
        let out = self.out.clone();
        self.until("report", |message, _| match message {
            FromRobot::Log(log) => {
                let _ = out.send(acknowledgement(log));
                None
            }
            FromRobot::Report(report) => Some(report.clone()),
            _ => None,
        })
        .await
    }

    /// Waits until a heartbeat names exactly these leases.
    pub(crate) async fn heartbeat_with(&mut self, leases: &[TaskRef]) {
        self.until("heartbeat with the leases", |message, _| match message {
            FromRobot::Heartbeat(heartbeat) if heartbeat.held == leases => Some(()),
            _ => None,
        })
        .await;
    }

    /// Breaks the connection and waits until the robot's end is gone.
    pub(crate) async fn lose(mut self) {
        drop(self.out);
        while timeout(PATIENCE, self.inbox.recv()).await.expect("the connection stays").is_some() {}
    }
}

pub(crate) fn acknowledgement(log: &Log) -> ToRobot {
    ToRobot::LogAck(LogAck { task_id: log.task_id, fence: log.fence, last_sequence: log.last_sequence() })
}

fn is_known(shared: &Shared, headers: &HeaderMap) -> bool {
    let given = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let known = given == format!("Bearer {}", shared.secret.to_text().expose());
    if !known {
        shared.refused.add_permits(1);
    }
    known
}

async fn connect(State(shared): State<Arc<Shared>>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    if !is_known(&shared, &headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    upgrade.on_upgrade(move |socket| converse(shared, socket))
}

async fn converse(shared: Arc<Shared>, mut socket: WebSocket) {
    let Some(Ok(Message::Text(first))) = socket.recv().await else { return };
    let FromRobot::Hello(hello) = decode(&first).unwrap() else { panic!("the first message is no hello: {first}") };
    let (out, mut to_robot) = mpsc::unbounded_channel();
    let (seen, inbox) = mpsc::unbounded_channel();
    let _ = shared.arrived.send(Connection { hello, out, inbox });
    loop {
        tokio::select! {
            message = to_robot.recv() => match message {
                Some(message) => if socket.send(Message::Text(encode(&message).unwrap().into())).await.is_err() { return },
                // The test lost the connection: no farewell.
                None => return,
            },
            frame = socket.recv() => match frame {
                Some(Ok(Message::Text(text))) => {
                    let message = decode(&text).unwrap();
                    if let (FromRobot::Heartbeat(heartbeat), false) = (&message, shared.silent.load(Ordering::SeqCst)) {
                        let answer = encode(&ToRobot::HeartbeatAck { sequence: heartbeat.sequence }).unwrap();
                        if socket.send(Message::Text(answer.into())).await.is_err() { return }
                    }
                    let _ = seen.send((message, text.to_string()));
                }
                Some(Ok(_)) => {}
                _ => return,
            },
        }
    }
}

async fn package(State(shared): State<Arc<Shared>>, Path(id): Path<i64>, headers: HeaderMap) -> Response {
    if !is_known(&shared, &headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    shared.downloads.fetch_add(1, Ordering::SeqCst);
    match shared.packages.lock().unwrap().get(&id) {
        Some(zip) => zip.clone().into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(serde::Deserialize)]
struct Upload {
    fence: i64,
    name: String,
}

async fn artifact(
    State(shared): State<Arc<Shared>>,
    Path(task): Path<i64>,
    Query(upload): Query<Upload>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    if !is_known(&shared, &headers) || upload.fence < 1 {
        return StatusCode::UNAUTHORIZED;
    }
    if let Some(answer) = shared.upload_answers.lock().unwrap().pop_front() {
        return answer;
    }
    shared.artifacts.lock().unwrap().push((task, upload.name, body.to_vec()));
    StatusCode::NO_CONTENT
}
