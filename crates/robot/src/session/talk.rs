//! One greeted connection: what the tasks say goes out, what the platform says is heard, heartbeats keep both ends sure
//! of each other.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use baigong_protocol::{FromRobot, Heartbeat, ToRobot, decode, encode};
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use tokio::{
    sync::mpsc,
    time::{Interval, MissedTickBehavior, interval_at},
};
use tokio_tungstenite::tungstenite::Message;

use super::{End, Lost, dial::Socket, greeting::Connected, hear};
use crate::robot::Robot;

/// After so many heartbeats without a word from the platform the connection counts as lost.
const SILENT_BEATS: u32 = 3;
/// Frames that are written in one go at most.
const TOGETHER: usize = 64;

/// Talks until the connection ends.
pub(super) async fn talk(robot: &Arc<Robot>, connected: Connected) -> Lost {
    let Connected { socket, welcome, hello_at, early } = connected;
    let beat = Duration::from_secs(welcome.heartbeat_seconds.clamp(1, 3600));
    robot.recordings.welcomed(&welcome);
    robot.lease.welcomed(hello_at, Duration::from_secs(welcome.lease_seconds));
    robot.desk.set_max_tasks(welcome.max_tasks.min(robot.options.max_tasks));
    if !robot.stopping.is_cancelled() {
        robot.desk.close(None);
    }
    if welcome.time > 0 {
        let skew = robot.options.clock.now() - welcome.time;
        *robot.skew.lock().unwrap_or_else(PoisonError::into_inner) = Some(skew);
    }
    robot.set_trouble("");
    tracing::info!(robot = welcome.robot_id, name = welcome.robot_name, "connected to the platform");
    let (sink, stream) = socket.split();
    // The session writes to the link before it is open to the tasks: the heartbeat is the first word after the greeting.
    let outgoing = robot.link.attach();
    for message in early {
        if let Some(end) = hear::hear(robot, message) {
            return Lost::End(end);
        }
    }
    let heard = Arc::new(tokio::sync::Notify::new());
    let (listen, speak) = (listen(robot, stream, &heard), speak(robot, sink, outgoing, beat, &heard));
    tokio::select! { lost = listen => lost, lost = speak => lost }
}

async fn listen(robot: &Arc<Robot>, mut stream: SplitStream<Socket>, heard: &tokio::sync::Notify) -> Lost {
    while let Some(frame) = stream.next().await {
        heard.notify_one();
        let text = match frame {
            Ok(Message::Text(text)) => text,
            Ok(Message::Close(close)) => {
                let reason = close.map(|close| close.reason.to_string()).filter(|reason| !reason.is_empty());
                return Lost::Connection(reason.unwrap_or_else(|| "the platform closed it".into()));
            }
            Ok(_) => continue,
            Err(error) => return Lost::Connection(error.to_string()),
        };
        match decode::<ToRobot>(&text) {
            Ok(message) => {
                if let Some(end) = hear::hear(robot, message) {
                    return Lost::End(end);
                }
            }
            Err(error) => return Lost::Connection(error.to_string()),
        }
    }
    Lost::Connection("the platform went away".into())
}

async fn speak(
    robot: &Arc<Robot>,
    mut sink: SplitSink<Socket, Message>,
    mut outgoing: mpsc::Receiver<String>,
    beat: Duration,
    heard: &tokio::sync::Notify,
) -> Lost {
    let mut beats = every(beat);
    let (mut sequence, mut silent) = (0, 0);
    let mut frames = Vec::with_capacity(TOGETHER);
    loop {
        tokio::select! {
            () = heard.notified() => { silent = 0; continue }
            _ = beats.tick() => {
                silent += 1;
                if silent > SILENT_BEATS {
                    return Lost::Connection(format!("nothing was heard for {:?}", beat * SILENT_BEATS));
                }
                sequence += 1;
                if !robot.journal.is_writable() {
                    let again = Arc::clone(robot);
                    robot.crew.spawn(async move { again.journal.try_again().await });
                }
                robot.lease.beats(sequence);
                frames.extend(heartbeat(robot, sequence));
            }
            count = outgoing.recv_many(&mut frames, TOGETHER) => if count == 0 {
                return Lost::Connection("it was closed here".into());
            },
            () = robot.hang_up.cancelled() => {
                let _ = tokio::time::timeout(Duration::from_millis(500), sink.close()).await;
                return Lost::End(End::HungUp);
            }
        }
        let writing = async {
            for frame in frames.drain(..) {
                sink.feed(Message::Text(frame.into())).await?;
            }
            sink.flush().await
        };
        match tokio::time::timeout(beat * SILENT_BEATS, writing).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Lost::Connection(error.to_string()),
            Err(_) => return Lost::Connection("the platform takes nothing in".into()),
        }
    }
}

/// Ticks every `beat`, the first time after one.
fn every(beat: Duration) -> Interval {
    #[expect(clippy::disallowed_methods, reason = "where an interval begins is a moment of the runtime's own clock")]
    let first = tokio::time::Instant::now() + beat;
    let mut beats = interval_at(first, beat);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beats
}

fn heartbeat(robot: &Robot, sequence: u64) -> Option<String> {
    let message = Heartbeat {
        sequence,
        held: robot.desk.leases(),
        free_slots: robot.free_slots(),
        paused: robot.desk.paused(),
        declines: robot.cannot_start(),
    };
    encode(&FromRobot::Heartbeat(message)).inspect_err(|error| tracing::error!(%error, "no heartbeat")).ok()
}
