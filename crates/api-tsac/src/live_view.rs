//! 实时监控 (5.2, extension): a robot's screen while somebody watches, over a WebSocket. Browsers can set no headers there, so
//! the first message says who watches what: `{"token": "…", "robotId": 7}`. Then each binary message is a picture (JPEG), each text
//! message `{"message": "…"}` says why there is none. It ends when the token or the permission does.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use axum::{
    RequestExt,
    extract::{
        ConnectInfo, Request, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    response::Response,
};
use baigong_core::{
    Platform, accounts,
    live_views::{self, Picture},
};
use baigong_model::{Error, Result, Secret};
use serde::Deserialize;
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::Caller;

/// How long the first message may take, and a picture on its way to the viewer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked whether the viewer may go on.
const CHECK: Duration = Duration::from_secs(2);
/// The largest message of a viewer.
const LARGEST: usize = 4096;
/// The code of a WebSocket that ends because the viewer may not go on (RFC 6455: policy violation).
const REFUSED: u16 = 1008;

/// The first message.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ask {
    token: Secret<String>,
    robot_id: i64,
}

pub(crate) async fn watch(platform: Platform, _: Option<Caller>, mut request: Request) -> Result<Response> {
    let from = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|it| it.ip().to_canonical());
    let upgrade: Result<WebSocketUpgrade, _> = request.extract_parts().await;
    let upgrade = upgrade.map_err(|_| Error::invalid("upgrade", "must be a WebSocket"))?;
    let upgrade = upgrade.max_message_size(LARGEST).max_frame_size(LARGEST);
    Ok(upgrade.on_upgrade(async move |mut socket| {
        if let Err(error) = show(&platform, from, &mut socket).await {
            let reason = error.to_string().chars().take(30).collect::<String>();
            let close = CloseFrame { code: REFUSED, reason: reason.into() };
            let _ = timeout(PATIENCE, socket.send(Message::Close(Some(close)))).await;
        }
    }))
}

/// Shows the screen until the viewer leaves; an error when they may not see it, or no longer.
async fn show(platform: &Platform, from: Option<IpAddr>, socket: &mut WebSocket) -> Result<()> {
    let first = timeout(PATIENCE, socket.recv()).await;
    let Ok(Some(Ok(Message::Text(text)))) = first else { return Err(Error::Unauthenticated) };
    let ask: Ask = serde_json::from_str(&text).map_err(|_| Error::invalid("message", "must name token and robotId"))?;
    let caller = accounts::authenticate(platform, ask.token.expose(), from).await?;
    let caller = caller.from_address(from.map(|it| it.to_string().into()));
    let mut viewer = live_views::watch(platform, &caller, ask.robot_id).await?;
    let mut check = interval(CHECK);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let picture = tokio::select! {
            picture = viewer.next() => picture,
            said = socket.recv() => match said {
                None | Some(Err(_) | Ok(Message::Close(_))) => return Ok(()),
                Some(Ok(_)) => continue,
            },
            _ = check.tick() => {
                viewer.check(ask.token.expose(), from).await?;
                continue;
            }
        };
        let message = match picture {
            None => return Ok(()),
            Some(Picture::Awaited) => continue,
            Some(Picture::Screen(bytes)) => Message::Binary(bytes),
            Some(Picture::None(reason)) => Message::text(json!({ "message": reason }).to_string()),
        };
        // Meanwhile newer pictures replace one another: a slow viewer misses some.
        if !matches!(timeout(PATIENCE, socket.send(message)).await, Ok(Ok(()))) {
            return Ok(());
        }
    }
}
