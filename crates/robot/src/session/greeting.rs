//! The first words of a connection: `Hello` with everything the robot holds, and the platform's `Welcome`.

use std::{sync::Arc, time::Duration};

use baigong_protocol::{
    FromRobot, Hello, HostInfo, PROTOCOL_VERSION, ToRobot, Welcome, decode, encode, limits::MAX_FRAME_BYTES, paths,
};
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;

use super::dial::{DialError, Socket, dial};
use crate::{machine, robot::Robot};

/// The platform must greet within this.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection that is greeted.
pub(super) struct Connected {
    pub(super) socket: Socket,
    pub(super) welcome: Welcome,
    /// When the `Hello` was sent, by the clock of the leases.
    pub(super) hello_at: Duration,
    /// What came before the welcome, to be heard after it.
    pub(super) early: Vec<ToRobot>,
}

/// Dials and greets.
pub(super) async fn connect(robot: &Arc<Robot>) -> Result<Connected, DialError> {
    let alone = || DialError::Unreachable("this robot has no platform".into());
    let (base, secret) = robot.transfer.platform().ok_or_else(alone)?;
    let (mut socket, ip) = dial(base, secret, (paths::CONNECT, MAX_FRAME_BYTES)).await?;
    let hello_at = robot.lease.now();
    let dropped = robot.dropped();
    let hello = FromRobot::Hello(hello(robot, ip));
    let text = encode(&hello).map_err(|error| DialError::Unreachable(error.to_string()))?;
    let greeting = async {
        socket.send(Message::Text(text.into())).await.map_err(|error| DialError::Unreachable(error.to_string()))?;
        welcome(&mut socket).await
    };
    let greeted = tokio::time::timeout(PATIENCE, greeting).await;
    let (welcome, early) =
        greeted.unwrap_or_else(|_| Err(DialError::Unreachable("the platform does not greet".into())))?;
    if welcome.robot_id != secret.robot_id() {
        return Err(DialError::Unreachable(format!("the platform takes this for robot {}", welcome.robot_id)));
    }
    if !dropped.is_empty() {
        let known = Arc::clone(robot);
        robot.crew.spawn(async move { known.dropped_are_known(dropped).await });
    }
    Ok(Connected { socket, welcome, hello_at, early })
}

async fn welcome(socket: &mut Socket) -> Result<(Welcome, Vec<ToRobot>), DialError> {
    let mut early = Vec::new();
    while let Some(frame) = socket.next().await {
        let text = match frame.map_err(|error| DialError::Unreachable(error.to_string()))? {
            Message::Text(text) => text,
            Message::Close(_) => break,
            _ => continue,
        };
        match decode(&text).map_err(|error| DialError::Unreachable(error.to_string()))? {
            ToRobot::Welcome(welcome) => return Ok((welcome, early)),
            ToRobot::Fenced { reason } => return Err(DialError::Fenced(reason)),
            other => early.push(other),
        }
    }
    Err(DialError::Unreachable("the platform closed the connection without a greeting".into()))
}

fn hello(robot: &Robot, ip: String) -> Hello {
    let program = std::env::current_exe().ok();
    let folder = program.as_deref().and_then(std::path::Path::parent);
    Hello {
        protocol: PROTOCOL_VERSION,
        agent_version: robot.options.version.clone(),
        incarnation: robot.folder.incarnation.clone(),
        capacity: robot.options.max_tasks,
        install_path: folder.map(|folder| folder.display().to_string()).unwrap_or_default(),
        installed_at: robot.folder.installed_at,
        host: HostInfo { machine_name: robot.machine_name(), ip, system: machine::system() },
        held: robot.desk.held(),
    }
}
