//! Reading tasks that have ended, one a request.

use std::sync::Arc;

use anyhow::Result;
use baigong_core::{Caller, tasks};
use serde_json::json;

use crate::clients;
use crate::crew::{Crew, Habit};
use crate::figure::{Figure, Unit};
use crate::http::Connection;
use crate::limits::{reads, server::BareServer};
use crate::options::Options;
use crate::stage::{Engine, Stage};

const TASKS: i64 = 2000;
const CONNECTIONS: usize = 64;

pub(super) async fn run(options: &Options, engine: Engine) -> Result<Vec<Figure>> {
    let stage = Stage::open(engine).await?;
    let ids = Arc::new(ended_tasks(&stage).await?);
    let requests: Arc<Vec<Vec<u8>>> =
        Arc::new(ids.iter().map(|id| stage.post("task/query", &json!({ "taskId": id }))).collect());
    let sample = Connection::open(stage.address).await?.success(&requests[0]).await?.to_vec();
    let server = BareServer::start(sample).await?;
    let mut rate = Figure::new("task/query, 64 connections", engine, Unit::PerSecond).at_least(20_000.0, 12_000.0);
    let mut p99 = Figure::new("task/query, 64 connections, p99", engine, Unit::Milliseconds).at_most(10.0, f64::MAX);
    if engine == Engine::Postgres {
        p99.target = None;
    }
    let window = options.window();
    for _ in 0..options.runs() {
        let mut load = clients::ask(stage.address, requests.clone(), CONNECTIONS, window).await?;
        rate.add(load.rate);
        p99.add(load.p99());
        let mut load = clients::ask(server.address, requests.clone(), CONNECTIONS, window / 2).await?;
        rate.beside("bare axum", load.rate);
        p99.beside("bare axum", load.p99());
        let reads = reads::tasks(&stage.platform().store, &ids, CONNECTIONS, window / 2).await?;
        rate.beside("bare read through the same pool", reads);
    }
    drop(server);
    stage.close().await;
    Ok(vec![rate, p99])
}

/// Tasks that have succeeded.
async fn ended_tasks(stage: &Stage) -> Result<Vec<i64>> {
    let robots = stage.robots(8, 16).await?;
    let crew = Crew::board(stage.platform(), &robots, Habit::Succeed).await?;
    let input =
        tasks::NewTasks { process_id: stage.process, priority: 1, total_count: Some(TASKS), ..Default::default() };
    let ids = tasks::create(stage.platform(), &Caller::platform(), input).await?;
    for id in &ids {
        crew.done(*id).await?;
    }
    Ok(ids)
}
