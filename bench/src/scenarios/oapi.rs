//! Signed requests beside the same through the standard's interface, with a token alone: reads, pushes and pops of a data
//! queue over 32 connections, and what looking at one signature costs.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use baigong_core::{Caller, queues};
use baigong_protocol::request_signature::{Encoding, Source, sign, verify};
use serde_json::json;

use super::queue_http::all;
use crate::clients;
use crate::figure::{Figure, Unit};
use crate::http::Connection;
use crate::limits::server::BareServer;
use crate::options::Options;
use crate::stage::{Engine, Stage};
use crate::{stats, time};

const CONNECTIONS: usize = 32;
/// Requests of each connection in a round of one kind.
const EACH: usize = 500;
/// Signatures looked at in one go.
const SIGNATURES: usize = 20_000;
const BODY: &str = "{\"queueName\":\"bench\",\"priority\":\"normal\",\"deadline\":\"2036-01-01 00:00:00\",\"keys\":[{\"key\":\"order\",\"value\":\"2026-11-22/0001\"}]}";

pub(super) async fn run(options: &Options, engine: Engine) -> Result<Vec<Figure>> {
    let stage = Stage::open(engine).await?;
    let input = queues::NewQueue { department_id: stage.department, name: "bench".into(), ..Default::default() };
    let queue = queues::create(stage.platform(), &Caller::platform(), input).await?;
    let figure = |what: &str| Figure::new(format!("oapi, 32 connections: {what}"), engine, Unit::PerSecond);
    let mut reads = figure("signed list");
    // Beside the same through the standard's interface, which is the first limit.
    let (mut pushes, mut pops) =
        (figure("signed push").at_least_of_limit(0.8), figure("signed pop").at_least_of_limit(0.8));
    let mut checks = Figure::new("oapi: one signature verified", engine, Unit::Milliseconds).at_most(0.06, 0.06);
    let mut signer = Signer { stage: &stage, at: stage.platform().now() - 500_000 };
    let same = Arc::new(vec![stage.post("data-queue/list", &json!({ "pageNum": 1, "pageSize": 10 }))]);
    let sample = Connection::open(stage.address).await?.success(&same[0]).await?.to_vec();
    let bare = BareServer::start(sample).await?;
    let payload = json!({
        "queueId": queue, "payload": { "order": "2026-11-22/0001" }, "priority": 1, "deadline": "2036-01-01 00:00:00",
    });
    let (push, pop) =
        (stage.post("data-queue/item/push", &payload), stage.post("data-queue/item/pop", &json!({ "queueId": queue })));
    let each = options.part_of(EACH);
    for _ in 0..options.runs() {
        checks.add(verified(stage.token()) * 1000.0);
        // Signed now: it is good for ten minutes.
        let mut reader = Signer { stage: &stage, at: stage.platform().now() };
        let list = Arc::new(vec![reader.get("/oapi/v1/queue", &[("page", "1"), ("size", "10")])]);
        reads.add(clients::ask(stage.address, list.clone(), CONNECTIONS, options.window()).await?.rate);
        reads.beside(
            "tsac, the same list",
            clients::ask(stage.address, same.clone(), CONNECTIONS, options.window()).await?.rate,
        );
        reads.beside(
            "bare axum, the same list",
            clients::ask(bare.address, same.clone(), CONNECTIONS, options.window() / 2).await?.rate,
        );
        // What is compared is measured in turns, over as many items.
        pushes.add(signer.rate(stage.address, each, |signer| signer.post("/oapi/v1/queue/item", BODY)).await?);
        pushes.beside("tsac, the same push", rate(stage.address, each, &push).await?);
        pops.add(
            signer
                .rate(stage.address, each, |signer| signer.get("/oapi/v1/queue/item/pop", &[("queueName", "bench")]))
                .await?,
        );
        pops.beside("tsac, the same pop", rate(stage.address, each, &pop).await?);
    }
    drop(bare);
    stage.close().await;
    Ok(vec![checks, reads, pushes, pops])
}

/// Requests with one signature each: what comes again would be answered, not done.
struct Signer<'s> {
    stage: &'s Stage,
    /// When the next one is signed.
    at: i64,
}

impl Signer<'_> {
    fn head(&mut self, source: Source<'_>) -> String {
        self.at += 1;
        let (token, at) = (self.stage.token(), self.at.to_string());
        let signature = sign(token, &at, source, Encoding::Printed);
        format!("host: bench\r\naccesstoken: {token}\r\ntimestamp: {at}\r\nsignature: {signature}\r\n")
    }

    fn get(&mut self, path: &str, query: &[(&str, &str)]) -> Vec<u8> {
        let pairs: Vec<(String, String)> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let text = query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        format!("GET {path}?{text} HTTP/1.1\r\n{}\r\n", self.head(Source::Parameters(&pairs))).into_bytes()
    }

    fn post(&mut self, path: &str, body: &str) -> Vec<u8> {
        let head = self.head(Source::Body(body.as_bytes()));
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\n{head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }

    /// How many such requests a second, `each` over every connection.
    async fn rate(&mut self, address: SocketAddr, each: usize, make: impl Fn(&mut Self) -> Vec<u8>) -> Result<f64> {
        // Signatures are good for ten minutes: those of the next round begin anew from a little later.
        let mut own = || (0..each).map(|_| Arc::new(make(self))).collect();
        let requests = (0..CONNECTIONS).map(|_| own()).collect();
        let (rate, bodies) = all(address, requests).await?;
        let any = bodies.first().and_then(|bodies| bodies.first()).context("nothing was answered")?;
        anyhow::ensure!(any.starts_with(b"{\"code\":0"), "{}", String::from_utf8_lossy(any));
        Ok(rate)
    }
}

async fn rate(address: SocketAddr, each: usize, request: &[u8]) -> Result<f64> {
    let request = Arc::new(request.to_vec());
    Ok(all(address, vec![vec![request; each]; CONNECTIONS]).await?.0)
}

/// Seconds for one signature of a body such as a push has.
fn verified(token: &str) -> f64 {
    let source = Source::Body(BODY.as_bytes());
    let signature = sign(token, "1795262400000", source, Encoding::Quote);
    let begun = time::now();
    let right = (0..SIGNATURES).filter(|_| verify(token, "1795262400000", source, &signature)).count();
    assert_eq!(right, SIGNATURES, "the signature is right");
    time::seconds_since(begun) / stats::as_f64(SIGNATURES)
}
