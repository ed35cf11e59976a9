//! A million tasks, a hundred thousand items, ten thousand robots and five thousand triggers, beside an empty database: lists
//! and queries however deep, the claim, and all triggers due in the same second.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use baigong_core::{Caller, tasks};
use baigong_store::ConnectionTrait as _;
use futures_util::FutureExt as _;
use serde_json::{Value, json};

use super::claims;
use crate::figure::{Figure, Unit};
use crate::options::Options;
use crate::seed::{self, Size};
use crate::stage::{Engine, Stage};
use crate::{clients, say, stats, time};

/// Clients of lists: more of them measure the queue before the database, not the database.
const CONNECTIONS: usize = 4;
const EMPTY: &str = "the same, empty database";
/// How long the triggers may take before the measurement is given up.
const PATIENCE: f64 = 60.0;
/// How long before the second in which all triggers are due.
const AHEAD: i64 = 2_000;

pub(super) async fn run(options: &Options, engine: Engine) -> Result<Vec<Figure>> {
    let size = Size {
        tasks: options.part_of(1_000_000) as u64,
        items: options.part_of(100_000) as u64,
        robots: options.part_of(10_000) as u64,
        triggers: options.part_of(5_000) as u64,
    };
    let stage = Stage::open(engine).await?;
    let mut lists = Vec::new();
    for list in lists_of(&size) {
        let mut figure = Figure::new(format!("{}, p99", list.name), engine, Unit::Milliseconds).at_most(50.0, 50.0);
        let first = json!({ "pageNum": 1, "pageSize": 100 });
        let before = if list.operation == "task/query" { None } else { Some(first) };
        for _ in 0..options.runs() {
            if let Some(body) = &before {
                figure.beside(EMPTY, p99(&stage, list.operation, body, options.window() / 2).await?);
            }
        }
        lists.push((list, figure));
    }
    let mut claim = Figure::new("claims, 32 free robots a round, all of it there", engine, Unit::PerSecond);
    waiting_tasks(&stage).await?;
    for _ in 0..options.runs() {
        claim.beside(EMPTY, claims::claims(&stage, 32, options.window() / 2).await?);
    }
    let begun = time::now();
    seed::fill(&stage.platform().store, &size, stage.platform().now()).await?;
    statistics(&stage).await?;
    say(&format!("{} tasks and the rest on {engine}: made in {:.0} s", size.tasks, time::seconds_since(begun)));
    for _ in 0..options.runs() {
        claim.add(claims::claims(&stage, 32, options.window() / 2).await?);
        for (list, figure) in &mut lists {
            figure.add(p99(&stage, list.operation, &list.body, options.window() / 2).await?);
        }
    }
    let mut figures: Vec<Figure> = lists.into_iter().map(|(_, figure)| figure).collect();
    figures.push(claim);
    figures.push(burst(&stage, options, &size, engine).await?);
    stage.close().await;
    Ok(figures)
}

struct List {
    name: String,
    operation: &'static str,
    body: Value,
}

fn lists_of(size: &Size) -> Vec<List> {
    let page = |operation: &'static str, name: &str, number: u64| List {
        name: format!("{operation}, {name}"),
        operation,
        body: json!({ "pageNum": number, "pageSize": 100 }),
    };
    let department = |operation: &'static str, number: u64| List {
        name: format!("{operation} of one department, page {number}"),
        operation,
        body: json!({ "pageNum": number, "pageSize": 100, "depId": 2 }),
    };
    let tasks = size.tasks / 100;
    vec![
        page("task/list", "first page", 1),
        page("task/list", "page in the middle", tasks / 2),
        page("task/list", "last page", tasks),
        department("task/list", tasks / 100),
        List { name: "task/query".into(), operation: "task/query", body: json!({ "taskId": size.tasks / 2 }) },
        page("robot/list", "last page", size.robots / 100),
        page("trigger/list", "last page", size.triggers / 100),
        page("process/list", "first page", 1),
        page("data-queue/list", "first page", 1),
    ]
}

async fn p99(stage: &Stage, operation: &str, body: &Value, window: Duration) -> Result<f64> {
    let requests = Arc::new(vec![stage.post(operation, body)]);
    Ok(clients::ask(stage.address, requests, CONNECTIONS, window).await?.p99())
}

/// Enough that a window of claims does not empty the queue.
async fn waiting_tasks(stage: &Stage) -> Result<()> {
    for _ in 0..8 {
        let input =
            tasks::NewTasks { process_id: stage.process, priority: 1, total_count: Some(10_000), ..Default::default() };
        tasks::create(stage.platform(), &Caller::platform(), input).await?;
    }
    Ok(())
}

/// What the engine does by itself after a while: a look at how its tables are filled.
async fn statistics(stage: &Stage) -> Result<()> {
    run_sql(stage, "ANALYZE".into()).await
}

async fn run_sql(stage: &Stage, text: String) -> Result<()> {
    let work = stage.platform().store.write(move |tx| {
        async move { tx.execute_unprepared(&text).await.map(drop).map_err(baigong_model::Error::internal) }.boxed()
    });
    Ok(work.await?)
}

/// All triggers due in the same second: until the last of them has fired and its task is there.
async fn burst(stage: &Stage, options: &Options, size: &Size, engine: Engine) -> Result<Figure> {
    let mut figure = Figure::new(format!("{} triggers due at once, all fired", size.triggers), engine, Unit::Seconds);
    figure = figure.at_most(2.0, 2.0);
    let platform = stage.platform();
    for _ in 0..options.runs() {
        let count = "SELECT COUNT(*) FROM trigger_firing WHERE outcome = 'fired'";
        let before = seed::number(platform.store.reader(), count).await?;
        let due = (platform.now() + AHEAD) / 1000 * 1000;
        let move_them = format!("UPDATE task_trigger SET next_fire_at = {due}, version = version + 1");
        run_sql(stage, move_them).await?;
        baigong_core::triggers::run_once(platform).await?;
        let begun = time::now();
        while seed::number(platform.store.reader(), count).await? < before + i64::try_from(size.triggers)? {
            ensure!(time::seconds_since(begun) < PATIENCE, "the triggers did not fire");
            time::after(Duration::from_millis(5)).await;
        }
        let late = platform.now() - due;
        figure.add(stats::as_f64(usize::try_from(late.max(0))?) / 1000.0);
    }
    Ok(figure)
}
