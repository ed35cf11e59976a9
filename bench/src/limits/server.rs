//! A bare HTTP server of the same library: it reads the request and answers with a text made beforehand.

use std::net::SocketAddr;

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server that answers every POST with the same body.
pub(crate) struct BareServer {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl BareServer {
    /// Starts it.
    pub(crate) async fn start(body: Vec<u8>) -> Result<Self> {
        let body = Bytes::from(body);
        let answer = move |_asked: Bytes| async move { ([(CONTENT_TYPE, "application/json;charset=utf-8")], body) };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
        let router = Router::new().route("/{*path}", post(answer));
        let task = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Ok(Self { address, task })
    }
}

impl Drop for BareServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
