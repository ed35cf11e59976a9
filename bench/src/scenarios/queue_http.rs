//! Data queues over HTTP with a token: one item a request, 64 connections, an empty queue and one with a backlog.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use baigong_core::{
    Caller,
    queue_items::{self, ItemInput},
    queues,
};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::queue::{postgres_limits, sqlite_limits};
use crate::figure::{Figure, Unit};
use crate::http::Connection;
use crate::limits::rows::PAYLOAD;
use crate::options::Options;
use crate::stage::{Engine, Stage};
use crate::{clients, stats, time};

const CONNECTIONS: usize = 64;
/// Requests of each connection in a round of one kind.
const EACH: usize = 500;
const BACKLOG: usize = 100_000;

pub(super) async fn run(options: &Options, engine: Engine) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let backlogs = [0, options.part_of(BACKLOG)];
    for backlog in backlogs {
        let stage = Stage::open(engine).await?;
        let queue = Queue::open(&stage, backlog).await?;
        let with = if backlog == 0 { "empty".to_owned() } else { format!("backlog of {backlog}") };
        let figure = |what: &str| Figure::new(format!("queue {what} over HTTP, {with}"), engine, Unit::PerSecond);
        let mut push = figure("push").at_least(20_000.0, 15_000.0);
        let mut pop = figure("pop").at_least(15_000.0, 10_000.0);
        let mut finish = figure("finish").at_least(20_000.0, 10_000.0);
        let mut cycles = figure("push + pop + finish").at_least(5000.0, 4000.0);
        for _ in 0..options.runs() {
            let [pushed, popped, finished] = queue.round(options.part_of(EACH)).await?;
            push.add(pushed);
            pop.add(popped);
            finish.add(finished);
            cycles.add(queue.cycles(options.window()).await?);
            let (name, limits) = match engine {
                Engine::Sqlite => ("bare, 256 a commit", sqlite_limits(options.window() / 4).await?),
                Engine::Postgres => ("pgbench, 32 clients", postgres_limits(options.window() / 2).await?),
            };
            for (figure, limit) in [&mut push, &mut pop, &mut finish].into_iter().zip(limits) {
                figure.beside(name, limit);
            }
            cycles.beside(name, 1.0 / limits.iter().map(|limit| 1.0 / limit).sum::<f64>());
        }
        figures.extend([push, pop, finish, cycles]);
        stage.close().await;
    }
    Ok(figures)
}

/// A queue and the requests that are made of it.
struct Queue<'s> {
    stage: &'s Stage,
    id: i64,
    push: Arc<Vec<u8>>,
    pop: Arc<Vec<u8>>,
}

impl<'s> Queue<'s> {
    /// A queue in which `backlog` items wait.
    async fn open(stage: &'s Stage, backlog: usize) -> Result<Self> {
        let input = queues::NewQueue { department_id: stage.department, name: "bench".into(), ..Default::default() };
        let id = queues::create(stage.platform(), &Caller::platform(), input).await?;
        let payload: Value = serde_json::from_str(PAYLOAD)?;
        for _ in 0..backlog / 1000 {
            let items = vec![ItemInput::of(payload.clone()); 1000];
            queue_items::push(stage.platform(), &Caller::platform(), id, items).await?;
        }
        let push = Arc::new(stage.post("data-queue/item/push", &json!({"queueId": id, "payload": payload})));
        let pop = Arc::new(stage.post("data-queue/item/pop", &json!({"queueId": id})));
        Ok(Self { stage, id, push, pop })
    }

    /// Pushes, then as many pops, then the end of what was popped: a second, each.
    async fn round(&self, each: usize) -> Result<[f64; 3]> {
        let address = self.stage.address;
        let same = |request: &Arc<Vec<u8>>| vec![vec![request.clone(); each]; CONNECTIONS];
        let (pushed, _) = all(address, same(&self.push)).await?;
        let (popped, bodies) = all(address, same(&self.pop)).await?;
        let finish = |bodies: Vec<Vec<u8>>| {
            bodies.iter().map(|body| Ok(Arc::new(self.finish(&serde_json::from_slice(body)?)?))).collect::<Result<_>>()
        };
        let (finished, _) = all(address, bodies.into_iter().map(finish).collect::<Result<_>>()?).await?;
        Ok([pushed, popped, finished])
    }

    /// The request that ends what `answer` of a pop gave.
    fn finish(&self, answer: &Value) -> Result<Vec<u8>> {
        let item = answer["data"]["items"].get(0).context("the queue was empty too early")?;
        let body = json!({"queueId": self.id, "itemId": item["itemId"], "fence": item["fence"], "outcome": "success"});
        Ok(self.stage.post("data-queue/item/finish", &body))
    }

    /// Whole cycles a second: each connection pushes, pops what is next and ends it.
    async fn cycles(&self, window: Duration) -> Result<f64> {
        let (address, push, pop) = (self.stage.address, self.push.clone(), self.pop.clone());
        let head = self.stage.head("data-queue/item/finish");
        let queue = self.id;
        clients::apart(move || async move {
            let cycle = |_| async {
                let mut connection = Connection::open(address).await?;
                let (begun, mut count) = (time::now(), 0_usize);
                while time::now().duration_since(begun) < window {
                    connection.success(&push).await?;
                    let taken: Value = serde_json::from_slice(connection.success(&pop).await?)?;
                    let item = &taken["data"]["items"][0];
                    ensure!(item.is_object(), "the queue was empty although something was pushed");
                    let body = format!(
                        "{{\"queueId\":{queue},\"itemId\":{},\"fence\":{},\"outcome\":\"success\"}}",
                        item["itemId"], item["fence"]
                    );
                    let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
                    connection.success(request.as_bytes()).await?;
                    count += 1;
                }
                Ok::<_, anyhow::Error>(stats::as_f64(count) / time::seconds_since(begun))
            };
            Ok(try_join_all((0..CONNECTIONS).map(cycle)).await?.into_iter().sum())
        })
        .await
    }
}

/// The bodies of answers, by connection.
pub(super) type Bodies = Vec<Vec<Vec<u8>>>;

/// Makes all requests, each connection its own one after the other: how many a second, and what came back.
pub(super) async fn all(address: SocketAddr, requests: Vec<Vec<Arc<Vec<u8>>>>) -> Result<(f64, Bodies)> {
    clients::apart(move || async move {
        let count: usize = requests.iter().map(Vec::len).sum();
        let opened = try_join_all(requests.iter().map(|_| Connection::open(address))).await?;
        let begun = time::now();
        let work = opened.into_iter().zip(&requests).map(|(mut connection, requests)| async move {
            let mut bodies = Vec::with_capacity(requests.len());
            for request in requests {
                bodies.push(connection.success(request).await?.to_vec());
            }
            Ok::<_, anyhow::Error>(bodies)
        });
        let bodies = try_join_all(work).await?;
        Ok((stats::as_f64(count) / time::seconds_since(begun), bodies))
    })
    .await
}
