//! Whole lives of tasks: created over HTTP, given by the dispatcher, started, reported as succeeded.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::future::try_join_all;

use crate::crew::{Crew, Habit};
use crate::figure::{Figure, Unit};
use crate::http::Connection;
use crate::limits::engine::Bare;
use crate::limits::pgbench::{CLAIM_TASK, PUSH_TASK, Pgbench, RUN_TASK};
use crate::limits::rows::Row;
use crate::options::Options;
use crate::stage::{Engine, Stage};
use crate::{clients, stats, time};

const CLIENTS: [usize; 3] = [1, 8, 32];
const WARM_UP: Duration = Duration::from_millis(300);

pub(super) async fn run(options: &Options, engine: Engine) -> Result<Vec<Figure>> {
    let stage = Stage::open(engine).await?;
    let robots = stage.robots(8, 16).await?;
    let crew = Arc::new(Crew::board(stage.platform(), &robots, Habit::Succeed).await?);
    let mut bare = Bare::open(engine).await?;
    let pgbench = if engine == Engine::Postgres { Some(Pgbench::open().await?) } else { None };
    let mut figures = CLIENTS.map(|clients| {
        let figure = Figure::new(format!("task life cycles, clients: {clients}"), engine, Unit::PerSecond);
        if clients == 32 { figure.at_least(2500.0, 1500.0) } else { figure }
    });
    for _ in 0..options.runs() {
        for (clients, figure) in CLIENTS.into_iter().zip(&mut figures) {
            figure.add(cycles(&stage, &crew, clients, options.window()).await?);
            if let Some(pgbench) = &pgbench {
                let script = format!("{PUSH_TASK}{CLAIM_TASK}{RUN_TASK}");
                let rate = pgbench.rate(&script, clients, options.window()).await?;
                figure.beside("pgbench, the same four commits", rate);
            }
        }
        if engine == Engine::Sqlite {
            let (one, many) = (bare.rate(&Row::Task, 1, options.window() / 4).await?, options.window() / 4);
            let many = bare.rate(&Row::Task, 256, many).await?;
            for figure in &mut figures {
                figure.beside("bare commits of one row", one);
                figure.beside("bare rows, 256 a commit", many);
            }
        }
    }
    drop(crew);
    stage.close().await;
    Ok(figures.into())
}

/// Life cycles a second with so many clients.
async fn cycles(stage: &Stage, crew: &Arc<Crew>, clients: usize, window: Duration) -> Result<f64> {
    let (address, request, crew) = (stage.address, stage.task_create(), crew.clone());
    clients::apart(move || async move {
        let clients = (0..clients).map(|_| client(address, &request, &crew, window));
        Ok(try_join_all(clients).await?.into_iter().sum())
    })
    .await
}

async fn client(address: SocketAddr, request: &[u8], crew: &Crew, window: Duration) -> Result<f64> {
    let mut connection = Connection::open(address).await?;
    let begun = time::now();
    while time::now().duration_since(begun) < WARM_UP {
        crew.done(created(connection.success(request).await?)?).await?;
    }
    let (begun, mut count) = (time::now(), 0);
    while time::now().duration_since(begun) < window {
        crew.done(created(connection.success(request).await?)?).await?;
        count += 1;
    }
    Ok(stats::as_f64(count) / time::seconds_since(begun))
}

/// The id in an answer of task/create, found without reading all of it as JSON.
pub(super) fn created(body: &[u8]) -> Result<i64> {
    const BEFORE: &str = "\"taskIds\":[";
    let text = std::str::from_utf8(body)?;
    let rest = text.split_once(BEFORE).context("an answer without taskIds")?.1;
    Ok(rest.split([',', ']']).next().unwrap_or_default().parse()?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_id_of_a_created_task_is_found() {
        let body = "{\"resultCode\":\"00000\",\"message\":\"无业务异常。\",\"data\":{\"taskIds\":[17]}}";
        assert_eq!(super::created(body.as_bytes()).unwrap(), 17);
        assert!(super::created(b"{}").is_err());
    }
}
