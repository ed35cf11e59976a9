//! How long a task waits on an idle platform: from before its creation is asked for until its robot may start.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::life_cycles::created;
use crate::crew::{Crew, Habit};
use crate::figure::{Figure, Unit};
use crate::http::Connection;
use crate::limits::engine::Bare;
use crate::limits::rows::Row;
use crate::options::Options;
use crate::stage::{Engine, Stage};
use crate::{clients, stats, time};

const TASKS: usize = 500;
const PAUSE: Duration = Duration::from_millis(3);

pub(super) async fn run(options: &Options, engine: Engine) -> Result<Vec<Figure>> {
    let stage = Stage::open(engine).await?;
    let robots = stage.robots(8, 16).await?;
    let crew = Arc::new(Crew::board(stage.platform(), &robots, Habit::Succeed).await?);
    let mut bare = Bare::open(engine).await?;
    let mut p50 = Figure::new("create → start granted, idle, p50", engine, Unit::Milliseconds).at_most(1.5, 3.0);
    let mut p99 = Figure::new("create → start granted, idle, p99", engine, Unit::Milliseconds).at_most(5.0, 10.0);
    let count = options.part_of(TASKS);
    for _ in 0..options.runs() {
        let mut micros = waits(&stage, &crew, count).await?;
        p50.add(stats::milliseconds(stats::percentile(&mut micros, 0.5)));
        p99.add(stats::milliseconds(stats::percentile(&mut micros, 0.99)));
        let mut micros = commits(&mut bare, count).await?;
        p50.beside("bare, its three commits", stats::milliseconds(stats::percentile(&mut micros, 0.5)));
        p99.beside("bare, its three commits", stats::milliseconds(stats::percentile(&mut micros, 0.99)));
    }
    drop(crew);
    stage.close().await;
    Ok(vec![p50, p99])
}

async fn waits(stage: &Stage, crew: &Arc<Crew>, count: usize) -> Result<Vec<u64>> {
    let (address, request, crew) = (stage.address, stage.task_create(), crew.clone());
    clients::apart(move || async move {
        let mut connection = Connection::open(address).await?;
        let mut micros = Vec::with_capacity(count);
        for _ in 0..count {
            let begun = time::now();
            let task = created(connection.success(&request).await?)?;
            let granted = crew.done(task).await?.granted_at.duration_since(begun);
            micros.push(u64::try_from(granted.as_micros())?);
            time::after(PAUSE).await;
        }
        Ok(micros)
    })
    .await
}

/// Insert, claim, start: the commits that stand between the two moments, and nothing else.
async fn commits(bare: &mut Bare, count: usize) -> Result<Vec<u64>> {
    let mut micros = Vec::with_capacity(count);
    for _ in 0..count {
        let begun = time::now();
        let id = bare.insert(&Row::Task, 1).await?;
        for state in ["assigned", "running"] {
            bare.run("UPDATE task SET state = $1 WHERE id = $2", vec![state.into(), id.into()]).await?;
        }
        micros.push(time::micros_since(begun));
        time::after(PAUSE).await;
    }
    Ok(micros)
}
