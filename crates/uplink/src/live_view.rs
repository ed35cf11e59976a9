//! Pictures of a robot's screen: the robot connects because it was asked to, and sends one picture each time it is asked
//! for the next. The pace is ours, and ends with the last viewer.

use std::time::Duration;

use axum::{
    extract::{
        Path, State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::HeaderMap,
    response::Response,
};
use baigong_core::{
    Platform,
    live_views::{self, Picture, Source},
};
use baigong_protocol::live_view::{MAX_PICTURE_BYTES, NEXT};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Between two pictures.
const PACE: Duration = Duration::from_millis(250);
/// How long a robot may take for one.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest reason of there being no picture.
const LONGEST_REASON: usize = 500;

/// Takes the connection of a robot that was asked for a view.
pub(crate) async fn serve(
    State(platform): State<Platform>,
    headers: HeaderMap,
    Path(view): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let robot = match crate::authenticate(&platform, &headers).await {
        Ok(robot) => robot,
        Err(refused) => return refused,
    };
    match live_views::serve(&platform, robot.id, &view) {
        Ok(source) => upgrade
            .max_message_size(MAX_PICTURE_BYTES)
            .max_frame_size(MAX_PICTURE_BYTES)
            .on_upgrade(async move |socket| carry(&source, socket).await),
        Err(error) => crate::refuse(&error),
    }
}

async fn carry(source: &Source, mut socket: WebSocket) {
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = source.nobody_watches() => break,
            _ = pace.tick() => {}
        }
        match timeout(PATIENCE, picture(&mut socket)).await {
            Ok(Some(picture)) => source.show(picture),
            Ok(None) | Err(_) => break,
        }
    }
    // Best effort: the robot also ends when the connection does.
    let _ = timeout(PATIENCE, socket.send(Message::Close(None))).await;
}

/// Asks for the next picture; none when the robot is gone.
async fn picture(socket: &mut WebSocket) -> Option<Picture> {
    socket.send(Message::text(NEXT)).await.ok()?;
    loop {
        match socket.recv().await?.ok()? {
            Message::Binary(bytes) => return Some(Picture::Screen(bytes)),
            Message::Text(text) => return Some(Picture::None(text.chars().take(LONGEST_REASON).collect())),
            Message::Close(_) => return None,
            Message::Ping(_) | Message::Pong(_) => {}
        }
    }
}
