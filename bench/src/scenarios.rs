//! The scenarios, in the order of the table. Each measures one or more figures and their limits, as often as asked, in turns:
//! what belongs beside each other is measured in the same minute.

mod agent;
mod claims;
mod heartbeats;
mod large;
mod latency;
mod life_cycles;
mod log_lines;
mod oapi;
mod package_runs;
mod program;
mod queue;
mod queue_http;
mod robot_list;
mod task_query;

use anyhow::Result;
use futures_util::{FutureExt as _, future::LocalBoxFuture};

use crate::figure::Figure;
use crate::options::Options;
use crate::stage::Engine;

/// One scenario.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) engines: &'static [Engine],
    pub(crate) run: for<'o> fn(&'o Options, Engine) -> LocalBoxFuture<'o, Result<Vec<Figure>>>,
}

const BOTH: &[Engine] = &[Engine::Sqlite, Engine::Postgres];

/// All scenarios.
pub(crate) const TABLE: &[Scenario] = &[
    Scenario { name: "life-cycles", engines: BOTH, run: |o, engine| life_cycles::run(o, engine).boxed_local() },
    Scenario { name: "claims", engines: BOTH, run: |o, engine| claims::run(o, engine).boxed_local() },
    Scenario { name: "queue", engines: BOTH, run: |o, engine| queue::run(o, engine).boxed_local() },
    Scenario { name: "queue-http", engines: BOTH, run: |o, engine| queue_http::run(o, engine).boxed_local() },
    Scenario { name: "oapi", engines: BOTH, run: |o, engine| oapi::run(o, engine).boxed_local() },
    Scenario { name: "latency", engines: BOTH, run: |o, engine| latency::run(o, engine).boxed_local() },
    Scenario { name: "task-query", engines: BOTH, run: |o, engine| task_query::run(o, engine).boxed_local() },
    Scenario { name: "robot-list", engines: BOTH, run: |o, engine| robot_list::run(o, engine).boxed_local() },
    Scenario { name: "log-lines", engines: BOTH, run: |o, engine| log_lines::run(o, engine).boxed_local() },
    Scenario { name: "heartbeats", engines: BOTH, run: |o, engine| heartbeats::run(o, engine).boxed_local() },
    Scenario { name: "large", engines: BOTH, run: |o, engine| large::run(o, engine).boxed_local() },
    Scenario { name: "agent", engines: &[Engine::Sqlite], run: |o, engine| agent::run(o, engine).boxed_local() },
    Scenario {
        name: "package-runs",
        engines: &[Engine::Sqlite],
        run: |o, engine| package_runs::run(o, engine).boxed_local(),
    },
    Scenario { name: "program", engines: &[Engine::Sqlite], run: |o, engine| program::run(o, engine).boxed_local() },
];
