//! Showing the screen to somebody who watches it on the platform: over an outgoing connection of its own, one picture for each
//! time it is asked, until the platform closes it. Covered screens are black here too.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use baigong_protocol::{
    Watch,
    live_view::{MAX_PICTURE_BYTES, NEXT},
    paths,
};
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;

use crate::{robot::Robot, session::dial};

/// Without a word for so long the connection is given up.
const SILENCE: Duration = Duration::from_secs(30);

/// What the platform asks is short.
const MAX_QUESTION: usize = 1024;

/// The views that are being served: one that is asked for again is not served twice.
#[derive(Default)]
pub(crate) struct LiveViews(Mutex<HashSet<String>>);

impl LiveViews {
    fn begin(&self, view: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(view.to_owned())
    }

    fn end(&self, view: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(view);
    }
}

/// Serves one view to its end.
pub(crate) async fn serve(robot: Arc<Robot>, watch: Watch) {
    if !robot.live_views.begin(&watch.view) {
        return;
    }
    if let Err(error) = show(&robot, &watch.view).await {
        tracing::info!(error, "a live view ended");
    }
    robot.live_views.end(&watch.view);
}

async fn show(robot: &Robot, view: &str) -> Result<(), String> {
    // A name is not a path: whatever the platform says, the robot goes nowhere else with its secret.
    if view.is_empty() || !view.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err("the platform named a view that is no name".to_owned());
    }
    let (base, secret) = robot.transfer.platform().ok_or("this robot has no platform")?;
    let dialled = dial(base, secret, (&paths::live_view(view), MAX_QUESTION)).await;
    let (mut socket, _) = dialled.map_err(|error| error.to_string())?;
    loop {
        let said = tokio::time::timeout(SILENCE, socket.next()).await.map_err(|_| "nothing was asked for long")?;
        match said {
            None | Some(Ok(Message::Close(_))) => return Ok(()),
            Some(Err(error)) => return Err(error.to_string()),
            Some(Ok(Message::Text(text))) if text.as_str() == NEXT => {
                let answer = picture(robot).await.map_or_else(Message::text, |jpeg| Message::Binary(jpeg.into()));
                let sent = tokio::time::timeout(SILENCE, socket.send(answer)).await;
                sent.map_err(|_| "the platform takes no picture")?.map_err(|error| error.to_string())?;
            }
            Some(Ok(_)) => {}
        }
    }
}

async fn picture(robot: &Robot) -> Result<Vec<u8>, String> {
    let picture = robot.recordings.display.picture().await?;
    let jpeg = tokio::task::spawn_blocking(move || picture.jpeg().map_err(|error| error.to_string())).await;
    let jpeg = jpeg.map_err(|error| error.to_string())??;
    if jpeg.len() > MAX_PICTURE_BYTES { Err("the picture is too large".to_owned()) } else { Ok(jpeg) }
}
