//! The dispatcher's claim: waiting tasks given to as many free robots as said, one write a round.

use std::time::Duration;

use anyhow::{Result, ensure};
use baigong_core::{Caller, tasks};
use baigong_store::{ConnectionTrait as _, tasks as rows};
use futures_util::FutureExt as _;

use crate::figure::{Figure, Unit};
use crate::limits::engine::Bare;
use crate::limits::pgbench::{CLAIM_TASK, Pgbench};
use crate::limits::rows::Row;
use crate::options::Options;
use crate::stage::{Engine, Stage};
use crate::{stats, time};

const ROBOTS: [usize; 3] = [1, 8, 32];
/// Enough that they are not all claimed within a window.
const TASKS: usize = 100_000;

pub(super) async fn run(options: &Options, engine: Engine) -> Result<Vec<Figure>> {
    let stage = Stage::open(engine).await?;
    let window = options.window() / 2;
    let count = options.part_of(TASKS);
    for _ in 0..count / 10_000 {
        let input =
            tasks::NewTasks { process_id: stage.process, priority: 1, total_count: Some(10_000), ..Default::default() };
        tasks::create(stage.platform(), &Caller::platform(), input).await?;
    }
    let limit = Limit::open(engine, count).await?;
    let mut figures =
        ROBOTS.map(|robots| Figure::new(format!("claims, free robots a round: {robots}"), engine, Unit::PerSecond));
    for _ in 0..options.runs() {
        for (robots, figure) in ROBOTS.into_iter().zip(&mut figures) {
            figure.add(claims(&stage, robots, window).await?);
            figure.beside(limit.name(), limit.rate(robots, window).await?);
        }
    }
    stage.close().await;
    Ok(figures.into())
}

pub(super) async fn claims(stage: &Stage, robots: usize, window: Duration) -> Result<f64> {
    let free: Vec<(i64, usize)> = (1..).take(robots).map(|robot| (robot, 1)).collect();
    let now = stage.platform().now();
    let claim = rows::Claim { pools: vec![(stage.pool, free)], lease_until: now + 3_600_000, now };
    let store = &stage.platform().store;
    let (begun, mut claimed) = (time::now(), 0);
    while time::now().duration_since(begun) < window {
        let claim = claim.clone();
        let given = store.write(move |tx| async move { rows::claim(tx, &claim).await }.boxed()).await?;
        ensure!(given.len() == robots, "the queue ran empty: raise TASKS");
        claimed += given.len();
    }
    let rate = stats::as_f64(claimed) / time::seconds_since(begun);
    let again = "UPDATE task SET state = 'queued', robot_id = NULL, lease_until = NULL WHERE state = 'assigned'";
    let reset = store.write(move |tx| {
        async move { tx.execute_unprepared(again).await.map(drop).map_err(baigong_model::Error::internal) }.boxed()
    });
    reset.await?;
    Ok(rate)
}

/// The same claim without the platform.
enum Limit {
    Sqlite(Box<Bare>),
    Postgres(Pgbench),
}

impl Limit {
    async fn open(engine: Engine, tasks: usize) -> Result<Self> {
        if engine == Engine::Postgres {
            let pgbench = Pgbench::open().await?;
            pgbench.sql(&format!(
                "INSERT INTO task (department_id, process_id, package_id, pool_id, state, priority, fence, create_mode, \
                 created_by, is_record, is_warn, in_parameters, max_run_minutes, max_wait_minutes, retry_safe, created_at) \
                 SELECT 1, 1, 1, 1, 'queued', 1, 0, 2, 1, false, false, '[]', 0, 0, false, 0 \
                 FROM generate_series(1, {tasks})"
            ))?;
            return Ok(Self::Postgres(pgbench));
        }
        let mut bare = Bare::open(engine).await?;
        for _ in 0..tasks / 1000 {
            bare.insert(&Row::Task, 1000).await?;
        }
        Ok(Self::Sqlite(Box::new(bare)))
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "bare claim, as many a commit",
            Self::Postgres(_) => "pgbench, the same claim, as many clients",
        }
    }

    async fn rate(&self, robots: usize, window: Duration) -> Result<f64> {
        const RESET: &str = "UPDATE task SET state = 'queued', robot_id = NULL WHERE state = 'assigned'";
        match self {
            Self::Sqlite(bare) => {
                let claim = format!(
                    "UPDATE task SET state = 'assigned', fence = fence + 1, robot_id = 1, assigned_at = 1, lease_until = 2 \
                     WHERE id IN (SELECT id FROM task WHERE state = 'queued' AND pool_id = 1 ORDER BY priority, id \
                     LIMIT {robots})"
                );
                let rate = bare.repeat(&claim, window).await?;
                bare.run(RESET, Vec::new()).await?;
                Ok(rate)
            }
            Self::Postgres(pgbench) => {
                let rate = pgbench.rate(CLAIM_TASK, robots, window).await?;
                pgbench.sql(RESET)?;
                Ok(rate)
            }
        }
    }
}
