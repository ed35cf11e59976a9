//! Pages of a hundred among ten thousand robots.

use std::sync::Arc;

use anyhow::Result;
use serde_json::json;

use crate::clients;
use crate::figure::{Figure, Unit};
use crate::http::Connection;
use crate::limits::{reads, server::BareServer};
use crate::options::Options;
use crate::stage::{Engine, Stage};

const ROBOTS: usize = 10_000;
const PAGES: usize = ROBOTS / 100;
const CONNECTIONS: usize = 64;

pub(super) async fn run(options: &Options, engine: Engine) -> Result<Vec<Figure>> {
    let stage = Stage::open(engine).await?;
    let robots = stage.robots(ROBOTS, 1).await?;
    let page = |number: usize| stage.post("robot/list", &json!({ "pageNum": number, "pageSize": 100 }));
    let requests: Arc<Vec<Vec<u8>>> = Arc::new((1..=PAGES).map(page).collect());
    let sample = Connection::open(stage.address).await?.success(&requests[PAGES / 2]).await?.to_vec();
    let server = BareServer::start(sample).await?;
    let mut rate = Figure::new("robot/list, 10,000 robots, pages of 100", engine, Unit::PerSecond);
    rate = rate.at_least(3000.0, 2000.0);
    let mut p99 = Figure::new("robot/list, 64 connections, p99", engine, Unit::Milliseconds);
    let window = options.window();
    for _ in 0..options.runs() {
        let mut load = clients::ask(stage.address, requests.clone(), CONNECTIONS, window).await?;
        rate.add(load.rate);
        p99.add(load.p99());
        let mut load = clients::ask(server.address, requests.clone(), CONNECTIONS, window / 2).await?;
        rate.beside("bare axum, the same page", load.rate);
        p99.beside("bare axum, the same page", load.p99());
        let reads = reads::robots(&stage.platform().store, robots[0], CONNECTIONS, window / 2).await?;
        rate.beside("bare read of a page through the same pool", reads);
    }
    drop(server);
    stage.close().await;
    Ok(vec![rate, p99])
}
