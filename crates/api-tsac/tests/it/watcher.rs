//! Somebody who watches a robot's screen: a WebSocket and nothing else.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// An open view.
pub(crate) struct Watcher(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Watcher {
    /// Asks the platform at `base` as `ask` says.
    pub(crate) async fn watch(base: &str, ask: &Value) -> Self {
        let address = format!("{}/api/platform/robot/live-view", base.replacen("http", "ws", 1));
        let (mut socket, _) = connect_async(address).await.unwrap();
        socket.send(Message::text(ask.to_string())).await.unwrap();
        Self(socket)
    }

    /// The next picture; none when the view has ended.
    pub(crate) async fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            let said = tokio::time::timeout(Duration::from_secs(30), self.0.next()).await.expect("silence");
            match said?.ok()? {
                Message::Binary(picture) => return Some(picture.into()),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }
}
