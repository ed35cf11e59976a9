//! Log lines of running tasks, a hundred a request, in `core`.

use std::time::Duration;

use anyhow::Result;
use baigong_core::{Caller, Platform, robot_sessions, tasks};
use baigong_model::LogLevel;
use baigong_protocol::{Log, LogLine};
use futures_util::future::try_join_all;

use crate::crew::{Crew, Done, Habit};
use crate::figure::{Figure, Unit};
use crate::limits::engine::Bare;
use crate::limits::rows::Row;
use crate::options::Options;
use crate::stage::{Engine, Stage};
use crate::{stats, time};

const CALLERS: usize = 32;
const LINES: usize = 100;

pub(super) async fn run(options: &Options, engine: Engine) -> Result<Vec<Figure>> {
    let stage = Stage::open(engine).await?;
    let robots = stage.robots(8, 4).await?;
    let crew = Crew::board(stage.platform(), &robots, Habit::Hold).await?;
    let input = tasks::NewTasks {
        process_id: stage.process,
        priority: 1,
        total_count: Some(i64::try_from(CALLERS)?),
        ..Default::default()
    };
    let mut held = Vec::with_capacity(CALLERS);
    for id in tasks::create(stage.platform(), &Caller::platform(), input).await? {
        held.push((crew.done(id).await?, 1));
    }
    let mut figure = Figure::new("log lines, requests of 100", engine, Unit::PerSecond).at_least(250_000.0, 80_000.0);
    let window = options.window();
    for _ in 0..options.runs() {
        let callers =
            held.iter().map(|(done, next)| tokio::spawn(caller(stage.platform().clone(), *done, *next, window)));
        let outcomes = try_join_all(callers).await?.into_iter().collect::<Result<Vec<_>>>()?;
        figure.add(outcomes.iter().map(|(rate, _)| rate).sum());
        held.iter_mut().zip(outcomes).for_each(|((_, next), (_, last))| *next = last);
        figure.beside("bare engine, 32 batches a commit", bare(engine, window / 4).await?);
    }
    drop(crew);
    stage.close().await;
    Ok(vec![figure])
}

/// One task's log: lines a second, and the number of the line after the last.
async fn caller(platform: Platform, done: Done, first: i64, window: Duration) -> Result<(f64, i64)> {
    let (begun, mut next, mut requests) = (time::now(), first, 0);
    while time::now().duration_since(begun) < window {
        let log = Log { task_id: done.task.task_id, fence: done.task.fence, first_sequence: next, lines: lines() };
        next = robot_sessions::log(&platform, done.robot, log).await?.last_sequence + 1;
        requests += 1;
    }
    Ok((stats::as_f64(requests * LINES) / time::seconds_since(begun), next))
}

fn lines() -> Vec<LogLine> {
    let line = |number: usize| LogLine {
        at: 1_800_000_000_000,
        level: LogLevel::Info,
        message: format!("row {number}: 600000 matched, quantity 1200, market value 12,345.67, no difference found"),
    };
    (0..LINES).map(line).collect()
}

/// The same text as rows of the bare engine: lines a second.
async fn bare(engine: Engine, window: Duration) -> Result<f64> {
    let lines: Vec<_> = lines().into_iter().map(|line| (line.at, line.level, line.message)).collect();
    let row = Row::Log(serde_json::to_string(&lines)?);
    let mut bare = Bare::open(engine).await?;
    Ok(bare.rate(&row, CALLERS, window).await? * stats::as_f64(LINES))
}
