//! Log lines of running tasks.

use baigong_model::{Error, Result, ids::RobotId};
use baigong_protocol::{Log, LogAck};
use baigong_store::{task_logs, tasks as rows};

use crate::Platform;

/// Stores a batch of lines; the same batch again is acknowledged again and stored once.
pub async fn log(platform: &Platform, robot: RobotId, log: Log) -> Result<LogAck> {
    let (task_id, fence) = (log.task_id, log.fence);
    if !holds(platform, robot, task_id, fence).await? {
        return Err(Error::StaleFence { given: fence, current: 0 });
    }
    let levels = log.lines.iter().fold(0, |levels, line| levels | task_logs::bit(line.level));
    let last_sequence = log.last_sequence();
    let lines: Vec<_> = log.lines.iter().map(|line| (line.at, line.level, line.message.as_str())).collect();
    let lines = serde_json::to_string(&lines).map_err(Error::internal)?;
    let batch = task_logs::Batch { task_id, fence, first_sequence: log.first_sequence, last_sequence, levels, lines };
    platform.hot.log.submit(batch).await?;
    Ok(LogAck { task_id, fence, last_sequence })
}

/// Whether `robot` has, or had last, `task` under `fence`. Lines of a run that has ended are still taken.
async fn holds(platform: &Platform, robot: RobotId, task: i64, fence: i64) -> Result<bool> {
    if platform.links.look(robot, |linked| linked.held.get(&task) == Some(&fence)) == Some(true) {
        return Ok(true);
    }
    rows::was_given(&platform.store, task, fence, robot).await
}
