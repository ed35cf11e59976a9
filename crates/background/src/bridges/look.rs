//! Looks at what is on the other side: its processes, robots and tasks.

use baigong_client::{Foreign, Result as Answer};
use baigong_core::{
    Platform,
    bridges::{self, Seen, SeenProcess},
    rows::bridge,
};
use baigong_model::{Error, Result};

/// How often, in milliseconds.
const EVERY: i64 = 60_000;
/// How many tasks of each process.
const MOST_TASKS: usize = 100;

/// Lists what is there, if it is time.
pub(super) async fn look(platform: &Platform, bridge: &bridge::Model, foreign: &Foreign) -> Result<Answer<()>> {
    if bridge.listed_at.is_some_and(|at| platform.now() - at < EVERY) {
        return Ok(Ok(()));
    }
    let seen = match seen(foreign).await {
        Ok(seen) => seen,
        Err(error) => return Ok(Err(error)),
    };
    let seen = seen.map_err(Error::internal)?;
    bridges::put(platform, bridge, seen).await.map(Ok)
}

async fn seen(foreign: &Foreign) -> Answer<serde_json::Result<Seen>> {
    let processes = foreign.processes().await?;
    let robots = foreign.robots().await?;
    let tasks = foreign.tasks(&processes, MOST_TASKS).await?;
    let process = |process: baigong_client::Process| {
        let known = serde_json::to_value(&process)?;
        Ok(SeenProcess { id: process.id, name: process.name, known })
    };
    Ok(processes.into_iter().map(process).collect::<serde_json::Result<Vec<_>>>().map(|processes| Seen {
        processes,
        robots: robots.into_iter().map(|robot| (robot.id, robot.name, robot.state.to_owned())).collect(),
        tasks: tasks
            .into_iter()
            .map(|task| (task.id, task.process, task.state.as_str().to_owned(), task.times))
            .collect(),
    }))
}
