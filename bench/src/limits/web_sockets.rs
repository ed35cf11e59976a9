//! Bare WebSockets of the same library, in a process of their own: every text frame is answered with a fixed one. Ends when
//! its standard input does.

use anyhow::Result;
use axum::Router;
use axum::extract::WebSocketUpgrade;
use axum::extract::ws::{Message, WebSocket};
use axum::response::Response;
use axum::routing::get;
use baigong_protocol::{ToRobot, encode, paths};
use tokio::net::TcpListener;

use crate::say;

/// Serves until standard input ends. Its first line of output is its address.
pub(crate) async fn serve() -> Result<bool> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    say(&listener.local_addr()?.to_string());
    let router = Router::new().route(paths::CONNECT, get(connect));
    tokio::spawn(async move { drop(axum::serve(listener, router).await) });
    let mut commands = crate::commands();
    while commands.recv().await.is_some() {}
    Ok(true)
}

async fn connect(upgrade: WebSocketUpgrade) -> Response {
    upgrade.write_buffer_size(0).read_buffer_size(4096).on_upgrade(answer)
}

async fn answer(mut socket: WebSocket) {
    let Ok(text) = encode(&ToRobot::HeartbeatAck { sequence: 1 }) else { return };
    while let Some(Ok(frame)) = socket.recv().await {
        if matches!(frame, Message::Text(_)) && socket.send(Message::text(text.as_str())).await.is_err() {
            return;
        }
    }
}
