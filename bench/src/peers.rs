//! `make bench-peers`: data queues beside the queues that others make on PostgreSQL: pg-boss and graphile-worker, which the
//! make target installs into `target/peers`. All on the same private cluster with durable commits, one after the other in the same
//! run; ours over HTTP with a token, theirs as the libraries they are. Prints one table and writes it to
//! `docs/benchmarks-peers.md`.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use baigong_core::{
    Caller,
    queue_items::{self, ItemInput},
    queues,
};
use baigong_testkit::postgres;
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use crate::http::Connection;
use crate::limits::rows::PAYLOAD;
use crate::options::Options;
use crate::stage::{Engine, Stage};
use crate::stats::Spread;
use crate::{clients, machine, say, stats, time};

const BACKLOG: usize = 30_000;
const BATCH: usize = 1000;
const CALLERS: usize = 32;
const BATCHED_CALLERS: usize = 4;
const WINDOW: Duration = Duration::from_secs(3);

const WHO: [&str; 3] = ["Baigong, over HTTP", "pg-boss", "graphile-worker"];
/// What is measured, and what the peers' scripts call it.
const WHAT: [(&str, &str); 4] = [
    ("put in, one at a time, 32 callers", "push"),
    ("put in, 1,000 at a time, 4 callers", "pushBatched"),
    ("taken and finished, one at a time, 32 callers, backlog of 30,000", "work"),
    ("taken and finished, batched, backlog of 30,000", "workBatched"),
];

/// What one of them did in a run, in the order of [`WHAT`].
type Rates = [f64; 4];

pub(crate) async fn run(options: &Options) -> Result<bool> {
    let machine = machine::describe()?;
    say(&machine);
    let mut measured: [Vec<Rates>; 3] = Default::default();
    for _ in 0..options.runs() {
        measured[0].push(ours().await.context("ours")?);
        measured[1].push(peer("pg-boss").await?);
        measured[2].push(peer("graphile-worker").await?);
    }
    let table = table(&measured);
    say(&table);
    let page = format!(
        "{INTRODUCTION}\n{} runs a figure on: {machine}. The median (the least – the most), a second.\n\n{table}\n{NOTES}",
        options.runs()
    );
    std::fs::write("docs/benchmarks-peers.md", page).context("writing docs/benchmarks-peers.md")?;
    Ok(true)
}

/// One peer, on a new database of the cluster that ours has too.
async fn peer(name: &str) -> Result<Rates> {
    let cluster = postgres::durable_cluster()?;
    let database = cluster.create_database(None)?;
    let mut command = Command::new("node");
    command.current_dir("target/peers").arg(format!("{name}.mjs")).arg(cluster.url(&database)).arg(BACKLOG.to_string());
    let output = tokio::task::spawn_blocking(move || command.output()).await?.context("node: is it installed?")?;
    cluster.drop_database(&database)?;
    ensure!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let figures: Value =
        serde_json::from_str(text.lines().last().unwrap_or_default()).with_context(|| text.to_string())?;
    let mut rates = Rates::default();
    for (rate, (_, key)) in rates.iter_mut().zip(WHAT) {
        *rate = figures[key].as_f64().with_context(|| format!("{name} gave no {key}"))?;
    }
    Ok(rates)
}

/// The same with the platform.
async fn ours() -> Result<Rates> {
    let stage = Stage::open(Engine::Postgres).await?;
    let payload: Value = serde_json::from_str(PAYLOAD)?;
    let queue = async |name: &str, backlog: usize| {
        let input = queues::NewQueue { department_id: stage.department, name: name.into(), ..Default::default() };
        let id = queues::create(stage.platform(), &Caller::platform(), input).await?;
        for _ in 0..backlog / BATCH {
            let items = vec![ItemInput::of(payload.clone()); BATCH];
            queue_items::push(stage.platform(), &Caller::platform(), id, items).await?;
        }
        anyhow::Ok(id)
    };
    let address = stage.address;
    let one = json!({"queueId": queue("pushed", 0).await?, "payload": payload});
    let push = push(address, stage.post("data-queue/item/push", &one), (CALLERS, 1)).await?;
    let many = json!({"queueId": queue("batched", 0).await?, "items": vec![json!({"payload": payload}); BATCH]});
    let batched = self::push(address, stage.post("data-queue/item/push", &many), (BATCHED_CALLERS, BATCH)).await?;
    let mut worked = [0.0; 2];
    for (rate, callers, batch) in [(0, CALLERS, 1), (1, BATCHED_CALLERS, BATCH)] {
        let id = queue(&format!("worked {batch}"), BACKLOG).await?;
        worked[rate] = work(&stage, id, callers, batch).await?;
    }
    stage.close().await;
    Ok([push, batched, worked[0], worked[1]])
}

/// Items put in a second by so many callers, each so many at a time.
async fn push(address: SocketAddr, request: Vec<u8>, (callers, batch): (usize, usize)) -> Result<f64> {
    let load = clients::ask(address, Arc::new(vec![request]), callers, WINDOW).await?;
    Ok(load.rate * stats::as_f64(batch))
}

/// Items taken and finished a second, until the window is over or none is left.
async fn work(stage: &Stage, queue: i64, callers: usize, batch: usize) -> Result<f64> {
    let pop = Arc::new(stage.post("data-queue/item/pop", &json!({"queueId": queue, "count": batch})));
    let head = stage.head("data-queue/item/finish");
    let address = stage.address;
    clients::apart(move || async move {
        let begun = time::now();
        let caller = |_| async {
            let mut connection = Connection::open(address).await?;
            let mut done = 0;
            while time::now().duration_since(begun) < WINDOW {
                let taken: Value = serde_json::from_slice(connection.success(&pop).await?)?;
                let items = taken["data"]["items"].as_array().context("no items")?;
                if items.is_empty() {
                    break;
                }
                let end = |item: &Value| {
                    format!("{{\"itemId\":{},\"fence\":{},\"outcome\":\"success\"}}", item["itemId"], item["fence"])
                };
                let ends: Vec<String> = items.iter().map(end).collect();
                let body = format!("{{\"queueId\":{queue},\"items\":[{}]}}", ends.join(","));
                let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
                connection.success(request.as_bytes()).await?;
                done += items.len();
            }
            anyhow::Ok(done)
        };
        let done: usize = try_join_all((0..callers).map(caller)).await?.into_iter().sum();
        Ok(stats::as_f64(done) / time::seconds_since(begun))
    })
    .await
}

fn table(measured: &[Vec<Rates>; 3]) -> String {
    let mut text = format!("| what | {} |\n| --- | --- | --- | --- |\n", WHO.join(" | "));
    for (at, (what, _)) in WHAT.iter().enumerate() {
        let cells = measured.iter().map(|runs| {
            let spread = Spread::of(&runs.iter().map(|rates| rates[at]).collect::<Vec<_>>());
            spread.map_or("–".to_owned(), |it| format!("{:.0} ({:.0} – {:.0})", it.median, it.least, it.most))
        });
        text.push_str(&format!("| {what} | {} |\n", cells.collect::<Vec<_>>().join(" | ")));
    }
    text
}

const INTRODUCTION: &str = "\
# Data queues beside others

Written by `make bench-peers`; do not edit. Ours, pg-boss and graphile-worker on the same private PostgreSQL with durable commits, in turns, in
the same run, client and server on the same cores. Ours is asked over HTTP with a token, as any program would; the others are libraries and
speak to the database directly.
";

const NOTES: &str = "\
## How it is measured

- The same payload of 55 bytes everywhere; every end is durable before it is counted. pg-boss and graphile-worker in the last versions that run on
  Node 20, from `bench/peers/package.json`.
- *one at a time*: each caller waits for its answer before it asks again. Ours: one request takes an item, one ends it. pg-boss: `fetch`, then
  `complete`. graphile-worker: its runner as it comes, with 32 jobs at a time.
- *batched*: ours and pg-boss take 1,000 and end 1,000 at a time in four callers. graphile-worker: its runner with a local queue of 1,000 and ends in
  batches.
";
