//! `make bench`: what the platform does in a second, beside what the machine, the engines and the parts would allow when
//! asked in the same minutes. Prints one table and, after a whole run, writes it to `docs/benchmarks.md`. It measures and never
//! judges: no figure makes it fail.

mod clients;
mod crew;
mod figure;
mod http;
mod limits;
mod machine;
mod options;
mod peers;
mod place;
mod process;
mod robots;
mod scenarios;
mod seed;
mod stage;
mod stats;
mod table;
mod time;

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use baigong_model::{Clock as _, SystemClock};
use baigong_store::{Settings, Store};
use clap::Parser as _;
use options::{Command, Options};
use tokio::sync::mpsc;

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Whether every scenario could be measured.
fn run(options: &Options) -> Result<bool> {
    match &options.command {
        Some(Command::Robots { address, secrets }) => single_threaded()?.block_on(robots::run(*address, secrets)),
        Some(Command::BareWebSockets) => runtime()?.block_on(limits::web_sockets::serve()),
        Some(Command::Peers) => runtime()?.block_on(peers::run(options)),
        Some(Command::Seed { database, size }) => runtime()?.block_on(fill(database, size)),
        None => runtime()?.block_on(measure(options)),
    }
}

async fn fill(database: &str, size: &seed::Size) -> Result<bool> {
    let store = Store::open(&Settings::new(database)).await?;
    let begun = time::now();
    seed::fill(&store, size, SystemClock.now()).await?;
    say(&format!("filled in {:.0} s", time::seconds_since(begun)));
    Ok(true)
}

async fn measure(options: &Options) -> Result<bool> {
    let machine = machine::describe()?;
    say(&machine);
    let mut figures = Vec::new();
    let mut failures = Vec::new();
    for scenario in scenarios::TABLE.iter().filter(|scenario| options.wants(scenario.name)) {
        for engine in scenario.engines.iter().filter(|engine| options.wants_engine(**engine)) {
            let begun = time::now();
            match (scenario.run)(options, *engine).await {
                Ok(measured) => figures.extend(measured),
                Err(error) => failures.push(format!("{} on {engine}: {error:#}", scenario.name)),
            }
            say(&format!("{} on {engine}: measured in {:.0} s", scenario.name, time::seconds_since(begun)));
        }
    }
    say("");
    say(&table::text(&figures));
    for failure in &failures {
        say(&format!("could not be measured: {failure}"));
    }
    if options.is_whole() && failures.is_empty() {
        let page = table::page(&machine, options.runs(), &figures);
        std::fs::write("docs/benchmarks.md", page).context("writing docs/benchmarks.md")?;
    }
    Ok(failures.is_empty())
}

/// As the platform's own: as many threads as the machine has cores.
fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")
}

fn single_threaded() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting the runtime")
}

/// Writes a line for the person who waits.
fn say(line: &str) {
    // Nobody is left to tell when the output is closed.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// The lines of standard input, for the processes that this program starts of itself; they end when it does.
fn commands() -> mpsc::Receiver<String> {
    let (sender, commands) = mpsc::channel(1);
    std::thread::spawn(move || {
        let mut lines = std::io::stdin().lines();
        while let Some(Ok(line)) = lines.next() {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    commands
}
