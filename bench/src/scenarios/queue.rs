//! Data queues in `core`: one item a call, many callers.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use baigong_core::{
    Caller,
    queue_items::{self, Grip, ItemInput, Outcome},
    queues,
};
use baigong_model::ids::QueueItemId;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, try_join_all};

use crate::figure::{Figure, Unit};
use crate::limits::engine::Bare;
use crate::limits::pgbench::{FINISH_ITEM, POP_ITEM, PUSH_ITEM, Pgbench};
use crate::limits::rows::{PAYLOAD, Row};
use crate::options::Options;
use crate::stage::{Engine, Stage};
use crate::{stats, time};

const CALLERS: usize = 32;
const ITEMS: usize = 32_000;

type Platform = baigong_core::Platform;
type Item = (QueueItemId, i64);

pub(super) async fn run(options: &Options, engine: Engine) -> Result<Vec<Figure>> {
    let stage = Stage::open(engine).await?;
    let platform = stage.platform();
    let input = queues::NewQueue { department_id: stage.department, name: "bench".into(), ..Default::default() };
    let queue = queues::create(platform, &Caller::platform(), input).await?;
    let figure = |what: &str| Figure::new(format!("queue {what}, {CALLERS} callers"), engine, Unit::PerSecond);
    let mut push_figure = figure("push").at_least(25_000.0, 15_000.0);
    let mut pop_figure = figure("pop").at_least(20_000.0, 10_000.0);
    let mut finish_figure = figure("finish").at_least(25_000.0, 10_000.0);
    let each = options.part_of(ITEMS) / CALLERS;
    for _ in 0..options.runs() {
        push_figure.add(rate(each, |_| push(platform.clone(), queue, each).boxed()).await?.0);
        let (popped, items) = rate(each, |_| pop(platform.clone(), queue, each).boxed()).await?;
        pop_figure.add(popped);
        let items = Arc::new(items);
        let finishing = |number| finish(platform.clone(), queue, items.clone(), number).boxed();
        finish_figure.add(rate(each, finishing).await?.0);
        let limits = match engine {
            Engine::Sqlite => sqlite_limits(options.window() / 4).await?,
            Engine::Postgres => postgres_limits(options.window() / 2).await?,
        };
        let name = match engine {
            Engine::Sqlite => "bare, 256 a commit",
            Engine::Postgres => "pgbench, 32 clients",
        };
        for (figure, limit) in [&mut push_figure, &mut pop_figure, &mut finish_figure].into_iter().zip(limits) {
            figure.beside(name, limit);
        }
    }
    stage.close().await;
    Ok(vec![push_figure, pop_figure, finish_figure])
}

/// Calls a second of all callers together, each of which makes `each`, and what each of them came back with.
async fn rate<T: Send + 'static>(
    each: usize,
    caller: impl Fn(usize) -> BoxFuture<'static, Result<T>>,
) -> Result<(f64, Vec<T>)> {
    let begun = time::now();
    let results = try_join_all((0..CALLERS).map(|number| tokio::spawn(caller(number)))).await?;
    let rate = stats::as_f64(each * CALLERS) / time::seconds_since(begun);
    Ok((rate, results.into_iter().collect::<Result<_>>()?))
}

async fn push(platform: Platform, queue: i64, count: usize) -> Result<()> {
    let caller = Caller::platform();
    let item = ItemInput::of(serde_json::from_str(PAYLOAD)?);
    for _ in 0..count {
        queue_items::push(&platform, &caller, queue, vec![item.clone()]).await?;
    }
    Ok(())
}

async fn pop(platform: Platform, queue: i64, count: usize) -> Result<Vec<Item>> {
    let caller = Caller::platform();
    let mut items = Vec::with_capacity(count);
    for _ in 0..count {
        let taken = queue_items::pop(&platform, &caller, queue, 1).await?.pop();
        let row = taken.context("the queue is empty too early")?.row;
        items.push((row.id, row.fence));
    }
    Ok(items)
}

async fn finish(platform: Platform, queue: i64, items: Arc<Vec<Vec<Item>>>, number: usize) -> Result<()> {
    let caller = Caller::platform();
    for (item_id, fence) in &items[number] {
        let grip = Grip { queue_id: queue, item_id: *item_id, fence: *fence };
        queue_items::finish(&platform, &caller, grip, Outcome::Succeeded(None)).await?;
    }
    Ok(())
}

/// Rows a second of push, pop and finish on the bare engine, 256 rows a statement and commit.
pub(super) async fn sqlite_limits(window: Duration) -> Result<[f64; 3]> {
    let mut bare = Bare::open(Engine::Sqlite).await?;
    let push = bare.rate(&Row::QueueItem, 256, window).await?;
    let pop = "UPDATE queue_item SET state = 'running', fence = fence + 1, attempts = attempts + 1, holder = 'bench', \
        lease_until = 1 WHERE id IN (SELECT id FROM queue_item WHERE queue_id = 1 AND state = 'new' \
        ORDER BY priority, id LIMIT 256)";
    let pop = bare.repeat(pop, window).await?;
    let finish = "UPDATE queue_item SET state = 'succeeded', ended_at = 1, holder = NULL, lease_until = NULL \
        WHERE id IN (SELECT id FROM queue_item WHERE queue_id = 1 AND state = 'running' ORDER BY priority, id LIMIT 256)";
    let finish = bare.repeat(finish, window).await?;
    Ok([push, pop, finish])
}

/// The same by pgbench, one row a commit.
pub(super) async fn postgres_limits(window: Duration) -> Result<[f64; 3]> {
    let pgbench = Pgbench::open().await?;
    pgbench.sql(
        "INSERT INTO queue_item (queue_id, state, priority, payload, attempts, fence, created_at, available_at) \
         SELECT 1, 'new', 1, '{}', 0, 0, 0, 0 FROM generate_series(1, 100000)",
    )?;
    let push = pgbench.rate(PUSH_ITEM, CALLERS, window).await?;
    let pop = pgbench.rate(POP_ITEM, CALLERS, window).await?;
    Ok([push, pop, pgbench.rate(FINISH_ITEM, CALLERS, window).await?])
}
