//! Recordings on their way to the platform: their beginnings, their chunks in order, their ends, each until it is there, over
//! as many connections as it takes. Nothing waits for them.

use std::{collections::HashSet, io, path::Path, sync::Arc, time::Duration};

use baigong_protocol::{RecordingRef, paths};

use super::{
    Recordings,
    spool::{self, Entry, Kind},
};
use crate::{
    robot::Robot,
    timer,
    transfer::{Transfer, TransferError},
};

/// Looked again after this, if nothing is heard.
const AGAIN: Duration = Duration::from_secs(30);
/// After something that did not work.
const LATER: Duration = Duration::from_secs(2);

/// What the platform was told of in this run of the agent.
#[derive(Default)]
struct Told {
    begun: HashSet<RecordingRef>,
    /// The platform does not want them: they stay here until the next start.
    refused: HashSet<RecordingRef>,
}

/// Delivers as long as the agent runs.
pub(crate) async fn keep_delivering(robot: Arc<Robot>) {
    let (mut connections, mut told) = (robot.link.connections(), Told::default());
    loop {
        connections.newer_than(0).await;
        let pause = match round(&robot.recordings, &robot.transfer, &mut told).await {
            Ok(()) => AGAIN,
            Err(error) => {
                tracing::warn!(error, "recordings cannot be delivered yet");
                LATER
            }
        };
        tokio::select! {
            () = robot.recordings.spool.news.notified(), if pause == AGAIN => {}
            () = timer::after(pause) => {}
        }
    }
}

/// Delivers all that is there.
async fn round(recordings: &Recordings, transfer: &Transfer, told: &mut Told) -> Result<(), String> {
    for part in recordings.spool.parts().map_err(|error| error.to_string())? {
        let head = match spool::head(&part) {
            Ok(head) => head,
            // It is being begun.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(format!("{}: {error}", part.display())),
        };
        let name = head.recording;
        // Without a ticket it is this robot's own.
        if head.ticket.is_empty() || told.refused.contains(&name) {
            continue;
        }
        let delivered = async {
            if !told.begun.contains(&name) {
                let body = serde_json::to_vec(&head).map_err(|error| TransferError::Never(error.to_string()))?;
                transfer.put(paths::RECORDINGS, &[], "application/json", body).await?;
                told.begun.insert(name);
            }
            deliver(recordings, transfer, &part, name).await
        };
        match delivered.await {
            Ok(()) => {}
            Err(TransferError::Later(error)) => return Err(error),
            // It was begun, and the platform knows nothing of it any more: once more from the beginning.
            Err(TransferError::Stale) if told.begun.remove(&name) => {
                return Err("a recording is begun again".to_owned());
            }
            Err(error) => {
                tracing::error!(task = name.task_id, fence = name.fence, %error, "a recording is not taken: it stays here");
                told.refused.insert(name);
            }
        }
    }
    Ok(())
}

/// Delivers the chunks of one recording that are there, and its end.
async fn deliver(
    recordings: &Recordings,
    transfer: &Transfer,
    part: &Path,
    name: RecordingRef,
) -> Result<(), TransferError> {
    let local = |error: io::Error| TransferError::Later(format!("{}: {error}", part.display()));
    // The end is looked for first: what is written after it was looked for is not missed then.
    let end = spool::end(part).map_err(local)?;
    let mut former: Option<Entry> = None;
    for entry in spool::entries(part).map_err(local)? {
        if entry.kind != Kind::Sent {
            send(recordings, transfer, name, &entry, former.as_ref()).await?;
        }
        let path = entry.path.with_extension("sent");
        former = Some(Entry { kind: Kind::Sent, path, ..entry });
    }
    let Some(end) = end else { return Ok(()) };
    let body = serde_json::to_vec(&end).map_err(|error| TransferError::Never(error.to_string()))?;
    let path = paths::recording_end(name.task_id, name.fence, name.part);
    transfer.put(&path, &[], "application/json", body).await?;
    recordings.spool.forget(part).map_err(local)?;
    recordings.register.uploaded(part).await;
    Ok(())
}

async fn send(
    recordings: &Recordings,
    transfer: &Transfer,
    name: RecordingRef,
    entry: &Entry,
    former: Option<&Entry>,
) -> Result<(), TransferError> {
    let local = |error: io::Error| TransferError::Later(format!("{}: {error}", entry.path.display()));
    let content = tokio::fs::read(&entry.path).await.map_err(local)?;
    let (body, lost) = match entry.kind {
        Kind::Lost => (Vec::new(), Some(String::from_utf8_lossy(&content).into_owned())),
        Kind::Chunk | Kind::Sent => (content, None),
    };
    let note = entry.note(lost);
    let mut query = vec![("startedAt", note.started_at.to_string()), ("endedAt", note.ended_at.to_string())];
    query.extend(note.lost.map(|reason| ("lost", reason)));
    let path = paths::chunk(name.task_id, name.fence, name.part, entry.number);
    match transfer.put(&path, &query, "application/octet-stream", body).await {
        Ok(()) => recordings.spool.sent(entry, former).map_err(local),
        Err(TransferError::Never(error)) if entry.kind == Kind::Chunk => {
            tracing::error!(task = name.task_id, number = entry.number, error, "a chunk of a recording is lost");
            recordings.spool.spoilt(entry, &format!("the platform did not take it: {error}")).map_err(local)?;
            Err(TransferError::Later("a chunk is told as lost".to_owned()))
        }
        Err(error) => Err(error),
    }
}
