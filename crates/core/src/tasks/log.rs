//! Reading a task's log (T/TSAC 002-2025, 6.2.11.1).

use baigong_model::{Error, LogLevel, Permission, Result};
use baigong_store::{task_logs, tasks as rows};

use crate::{Caller, Platform};

/// The most lines of one answer.
pub const MAX_LINES: usize = 100_000;

/// The most bytes of text of one answer.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Which lines.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogFilter {
    /// Of this level only.
    pub level: Option<LogLevel>,
    /// At most so many; [`MAX_LINES`] unless said.
    pub limit: Option<usize>,
    /// Skip so many first.
    pub offset: usize,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When, by the robot's clock, milliseconds since the epoch.
    pub at: i64,
    /// How grave.
    pub level: LogLevel,
    /// The text.
    pub message: String,
}

/// The lines of task `id`, in their order.
pub async fn log(platform: &Platform, caller: &Caller, id: i64, filter: LogFilter) -> Result<Vec<LogLine>> {
    caller.need(Permission::TaskRead)?;
    rows::find(&platform.store, caller.scope(), id).await?.ok_or_else(|| Error::not_found("task", id))?;
    let levels = filter.level.map_or(i32::MAX, task_logs::bit);
    let limit = filter.limit.unwrap_or(MAX_LINES).min(MAX_LINES);
    let (mut lines, mut skip, mut after, mut bytes) = (Vec::new(), filter.offset, (i64::MIN, 0), 0);
    loop {
        let batches = task_logs::read(&platform.store, id, levels, after, 20).await?;
        let Some(last) = batches.last() else { return Ok(lines) };
        after = (last.fence, last.first_sequence);
        for batch in &batches {
            let wanted =
                decode(&batch.lines)?.into_iter().filter(|line| filter.level.is_none_or(|level| level == line.level));
            for line in wanted {
                if skip > 0 {
                    skip -= 1;
                } else if lines.len() < limit && bytes < MAX_BYTES {
                    bytes += line.message.len();
                    lines.push(line);
                } else {
                    return Ok(lines);
                }
            }
        }
    }
}

fn decode(text: &str) -> Result<Vec<LogLine>> {
    let lines: Vec<(i64, LogLevel, String)> = serde_json::from_str(text).map_err(Error::internal)?;
    Ok(lines.into_iter().map(|(at, level, message)| LogLine { at, level, message }).collect())
}
