//! One WebSocket: frames in, frames out. It ends when the robot is silent, too slow, fenced off or gone.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::HeaderMap,
    response::Response,
};
use baigong_core::{
    Platform, RobotLink,
    robot_sessions::{self, Parting, Session},
    rows::robot,
};
use baigong_protocol::{FromRobot, Hello, ToRobot, decode, encode, limits::MAX_FRAME_BYTES};

use tokio::sync::Semaphore;

use crate::{
    link::{self, Queue},
    session::Robot,
};

/// How long a connection may take to say hello.
const HELLO: Duration = Duration::from_secs(10);

/// How many robots are let in at once. After a restart thousands come in the same second: those that wait here cost a few
/// kilobytes, those that wait for the database many times that, and it is not given back.
static DOORS: Semaphore = Semaphore::const_new(32);

/// Takes a robot's connection.
pub(crate) async fn connect(
    State(platform): State<Platform>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let door = DOORS.acquire().await;
    let known = crate::authenticate(&platform, &headers).await;
    drop(door);
    match known {
        Err(refused) => refused,
        // Ten thousand connections: small buffers, nothing held back.
        Ok(robot) => upgrade
            .max_message_size(MAX_FRAME_BYTES)
            .max_frame_size(MAX_FRAME_BYTES)
            .write_buffer_size(0)
            .read_buffer_size(4096)
            .on_upgrade(move |socket| serve(platform, robot, socket)),
    }
}

async fn serve(platform: Platform, robot: robot::Model, mut socket: WebSocket) {
    let Some(hello) = hello(&mut socket).await else {
        tracing::warn!(robot = robot.id, "a robot connected and did not say hello");
        return;
    };
    let (link, queue) = link::link();
    let link: Arc<dyn RobotLink> = Arc::new(link);
    let door = DOORS.acquire().await;
    let connected = robot_sessions::connect(&platform, &robot, &hello, link.clone()).await;
    drop(door);
    let session = match connected {
        Ok(session) => session,
        Err(error) => {
            tracing::warn!(robot = robot.id, %error, "a robot could not be put on line");
            return;
        }
    };
    // The registry holds the only link from here on: when it lets go, the queue ends and with it the connection.
    let link = Arc::downgrade(&link);
    tracing::info!(robot = robot.id, agent = hello.agent_version, incarnation = hello.incarnation, "a robot is online");
    let (reason, parting) = carry(&platform, session, &mut socket, queue, link).await;
    tracing::info!(robot = robot.id, incarnation = hello.incarnation, reason, "a robot is offline");
    if let Err(error) = robot_sessions::disconnect(&platform, session, parting).await {
        tracing::warn!(robot = robot.id, %error, "its absence could not be stored; its node's lease will tell");
    }
}

async fn hello(socket: &mut WebSocket) -> Option<Hello> {
    let frame = tokio::time::timeout(HELLO, socket.recv()).await.ok()??.ok()?;
    match decode::<FromRobot>(frame.to_text().ok()?) {
        Ok(FromRobot::Hello(hello)) => Some(hello),
        _ => None,
    }
}

/// Carries messages until the connection ends; answers why it did, and how.
async fn carry(
    platform: &Platform,
    session: Session,
    socket: &mut WebSocket,
    mut queue: Queue,
    link: std::sync::Weak<dyn RobotLink>,
) -> (&'static str, Parting) {
    let silence = Duration::from_millis(u64::try_from(platform.config.offline_after).unwrap_or(30_000));
    let robot = Robot::new(platform.clone(), session, link);
    loop {
        tokio::select! {
            frame = tokio::time::timeout(silence, socket.recv()) => match frame {
                Err(_) => return ("it was silent", Parting::BrokenOff),
                Ok(Some(Ok(Message::Close(_)))) => return ("it took its leave", Parting::InOrder),
                Ok(None | Some(Err(_))) => return ("the connection broke off", Parting::BrokenOff),
                Ok(Some(Ok(Message::Text(text)))) => match decode::<FromRobot>(&text) {
                    Ok(message) => robot.take(message).await,
                    Err(error) => tracing::warn!(robot = robot.id(), %error, "a frame could not be read"),
                },
                Ok(Some(Ok(_))) => {}
            },
            () = queue.overflow.notified() => return ("it does not keep up", Parting::BrokenOff),
            message = queue.messages.recv() => {
                let Some(message) = message else { return ("it was taken off line", Parting::InOrder) };
                let last = matches!(message, ToRobot::Fenced { .. });
                // A robot that has frozen takes nothing, and must not hold this up for ever.
                if !matches!(tokio::time::timeout(silence, send(socket, &message)).await, Ok(Some(()))) {
                    return ("it could not be reached", Parting::BrokenOff);
                }
                if last {
                    return ("another agent took over its identity", Parting::InOrder);
                }
            }
        }
    }
}

async fn send(socket: &mut WebSocket, message: &ToRobot) -> Option<()> {
    match encode(message) {
        Ok(text) => socket.send(Message::text(text)).await.ok(),
        Err(error) => {
            tracing::error!(%error, "a message to a robot could not be written");
            Some(())
        }
    }
}
