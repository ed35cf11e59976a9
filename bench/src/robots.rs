//! Ten thousand robots that only connect, say that they live, and come back when the connection breaks: a process of its own,
//! because both ends of so many connections do not fit into one. Commands come on standard input, answers go to standard
//! output: `count` → how many are welcome now; `acks` → count, p50 and p99 in microseconds since the last time.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use baigong_model::{Random, SystemRandom};
use baigong_protocol::{FromRobot, Heartbeat, Hello, HostInfo, PROTOCOL_VERSION, Timing, encode, paths};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::time::MissedTickBehavior;
use tokio_tungstenite::tungstenite::{
    Message, client::IntoClientRequest, http::HeaderValue, protocol::WebSocketConfig,
};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::{say, stats, time};

/// Over how long the first connections are spread.
const ARRIVAL: Duration = Duration::from_secs(5);

type Socket = WebSocketStream<TcpStream>;

#[derive(Default)]
struct Shared {
    welcome: AtomicUsize,
    acks: Mutex<Vec<u64>>,
}

/// Runs a robot for each secret until standard input ends.
pub(crate) async fn run(address: SocketAddr, secrets: &Path) -> Result<bool> {
    let secrets = std::fs::read_to_string(secrets).context("the robots' secrets")?;
    let shared = Arc::new(Shared::default());
    for secret in secrets.lines() {
        tokio::spawn(robot(address, secret.to_owned(), shared.clone()));
    }
    let mut commands = crate::commands();
    while let Some(command) = commands.recv().await {
        match command.as_str() {
            "count" => say(&shared.welcome.load(Ordering::Relaxed).to_string()),
            "acks" => {
                let mut acks = std::mem::take(&mut *shared.acks.lock().unwrap_or_else(PoisonError::into_inner));
                let (p50, p99) = (stats::percentile(&mut acks, 0.5), stats::percentile(&mut acks, 0.99));
                say(&format!("{} {p50} {p99}", acks.len()));
            }
            other => bail!("unknown command {other}"),
        }
    }
    Ok(true)
}

/// One robot: connects, lives, and after a break comes back as real ones do.
async fn robot(address: SocketAddr, secret: String, shared: Arc<Shared>) {
    time::after(up_to(ARRIVAL)).await;
    let mut attempt = 0;
    loop {
        if let Ok(mut socket) = connect(address, &secret).await {
            attempt = 0;
            shared.welcome.fetch_add(1, Ordering::Relaxed);
            // However it ended, the robot comes back.
            drop(live(&mut socket, &shared).await);
            shared.welcome.fetch_sub(1, Ordering::Relaxed);
        }
        time::after(jitter(attempt)).await;
        attempt += 1;
    }
}

/// As the robot's agent waits (`crates/robot/src/timer.rs`): full jitter, doubling from half a second to half a minute.
fn jitter(attempt: u32) -> Duration {
    let timing = Timing::DEFAULT;
    let doubled = timing.reconnect_min.saturating_mul(2_u32.saturating_pow(attempt.saturating_add(1).min(16)));
    timing.reconnect_min + up_to(doubled.min(timing.reconnect_max).saturating_sub(timing.reconnect_min))
}

fn up_to(most: Duration) -> Duration {
    Duration::from_millis(SystemRandom.below(u64::try_from(most.as_millis()).unwrap_or(0) + 1))
}

/// A connection whose `Hello` was answered.
async fn connect(address: SocketAddr, secret: &str) -> Result<Socket> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut request = format!("ws://{address}{}", paths::CONNECT).into_client_request()?;
    request.headers_mut().insert("authorization", HeaderValue::try_from(format!("Bearer {secret}"))?);
    let config = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(0);
    let patience = Duration::from_secs(20);
    let dialled = tokio::time::timeout(patience, client_async_with_config(request, stream, Some(config))).await;
    let (mut socket, _) = dialled.context("no answer")??;
    socket.send(Message::text(encode(&hello())?)).await?;
    let answer = tokio::time::timeout(patience, socket.next()).await.context("no welcome")?;
    match answer {
        Some(Ok(Message::Text(_))) => Ok(socket),
        _ => bail!("no welcome"),
    }
}

/// Beats until the connection breaks; notes how long each answer took.
async fn live(socket: &mut Socket, shared: &Shared) -> Result<()> {
    let every = Timing::DEFAULT.heartbeat;
    let first = tokio::time::Instant::from_std(time::now() + up_to(every));
    let mut rhythm = tokio::time::interval_at(first, every);
    rhythm.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut sequence, mut sent) = (0, time::now());
    loop {
        tokio::select! {
            _ = rhythm.tick() => {
                sequence += 1;
                let heartbeat = FromRobot::Heartbeat(Heartbeat { sequence, held: Vec::new(), free_slots: 1, paused: Vec::new(), declines: None });
                let text = encode(&heartbeat)?;
                sent = time::now();
                socket.send(Message::text(text)).await?;
            }
            frame = socket.next() => match frame {
                Some(Ok(Message::Text(_))) => {
                    shared.acks.lock().unwrap_or_else(PoisonError::into_inner).push(time::micros_since(sent));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return Ok(()),
            }
        }
    }
}

fn hello() -> FromRobot {
    FromRobot::Hello(Hello {
        protocol: PROTOCOL_VERSION,
        agent_version: "bench".into(),
        incarnation: "bench-1".into(),
        capacity: 1,
        install_path: String::new(),
        installed_at: 0,
        host: HostInfo::default(),
        held: Vec::new(),
    })
}
