//! The log of a task (6.3.7.1).

use baigong_model::{Error, LogLevel, Page, Result};
use baigong_protocol::LogLine;
use baigong_robot_store::{task_logs, tasks as rows};

use crate::robot::Robot;

/// So many batches are read at once.
const TOGETHER: u64 = 64;
/// A log that is asked for whole has at most so many lines; pages lead to the others.
const MOST: usize = 100_000;

/// The lines of a task, oldest first: those of one level where one is named, of one page where one is.
pub(crate) async fn log(robot: &Robot, id: i64, level: Option<LogLevel>, page: Option<Page>) -> Result<Vec<LogLine>> {
    let store = &robot.own.store;
    rows::find(store, id).await?.ok_or_else(|| Error::not_found("task", id))?;
    let (mut skip, most) = match page {
        Some(page) => (usize_of(page.offset()), usize_of(page.size())),
        None => (0, MOST),
    };
    let (mut last, mut found) = (0, Vec::new());
    loop {
        let batches = task_logs::after(store, id, last, TOGETHER).await?;
        let Some((newest, _)) = batches.last() else { return Ok(found) };
        last = *newest;
        for (_, text) in batches {
            let lines: Vec<LogLine> = serde_json::from_str(&text).map_err(Error::internal)?;
            for line in lines.into_iter().filter(|line| level.is_none_or(|level| line.level == level)) {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                found.push(line);
                if found.len() == most {
                    return Ok(found);
                }
            }
        }
    }
}

fn usize_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
