//! Clients on a thread of their own, as many as said, each with its connection. They share the machine with what they ask, but
//! not its runtime.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use tokio::sync::oneshot;

use crate::http::Connection;
use crate::{stats, time};

/// How long clients ask before anything is counted.
const WARM_UP: Duration = Duration::from_millis(200);

/// What a window of asking gave.
pub(crate) struct Load {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Each answer's time, microseconds.
    pub(crate) micros: Vec<u64>,
}

impl Load {
    /// The 99th percentile, milliseconds.
    pub(crate) fn p99(&mut self) -> f64 {
        stats::milliseconds(stats::percentile(&mut self.micros, 0.99))
    }
}

/// Runs `work` on a thread of its own.
pub(crate) async fn apart<T, F, W>(work: W) -> Result<T>
where
    T: Send + 'static,
    W: FnOnce() -> F + Send + 'static,
    F: Future<Output = Result<T>>,
{
    let (sender, result) = oneshot::channel();
    let body = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let outcome = runtime.context("the clients' runtime").and_then(|runtime| runtime.block_on(work()));
        // Whoever waited has given up.
        drop(sender.send(outcome));
    };
    std::thread::Builder::new().name("clients".into()).spawn(body).context("the clients' thread")?;
    result.await.context("the clients ended")?
}

/// Asks `address` for `window` over so many connections, each for one of `requests` after the other from a place of its own.
pub(crate) async fn ask(
    address: SocketAddr,
    requests: Arc<Vec<Vec<u8>>>,
    connections: usize,
    window: Duration,
) -> Result<Load> {
    apart(move || async move {
        let clients = (0..connections).map(|number| client(address, &requests, number, window));
        let (counts, micros): (Vec<f64>, Vec<Vec<u64>>) = try_join_all(clients).await?.into_iter().unzip();
        Ok(Load { rate: counts.iter().sum(), micros: micros.concat() })
    })
    .await
}

/// One client: its rate and its times.
async fn client(address: SocketAddr, requests: &[Vec<u8>], number: usize, window: Duration) -> Result<(f64, Vec<u64>)> {
    let mut connection = Connection::open(address).await.context("connecting")?;
    // A step that shares no factor with the usual lengths: all requests are asked for, in no simple order.
    let mut next = number * 7919;
    let begun = time::now();
    let mut micros = Vec::new();
    let mut counted_from = begun;
    loop {
        let asked = time::now();
        if asked.duration_since(begun) < WARM_UP {
            counted_from = asked;
        } else if asked.duration_since(counted_from) >= window {
            break;
        }
        connection.success(&requests[next % requests.len()]).await?;
        next += 7919;
        if asked != counted_from {
            micros.push(time::micros_since(asked));
        }
    }
    ensure!(!micros.is_empty(), "no answer within {window:?}");
    Ok((stats::as_f64(micros.len()) / time::seconds_since(counted_from), micros))
}
