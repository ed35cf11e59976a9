//! Ten thousand robots connected to the real program: what they cost it, how soon it answers, how soon they are all back after
//! a restart.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use baigong_testkit::PASSWORD;
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::figure::{Figure, Unit};
use crate::http::{self, Connection};
use crate::options::Options;
use crate::process::{self, Program};
use crate::stage::Engine;
use crate::time;

const ROBOTS: usize = 10_000;
/// All of them must be on line by then.
const PATIENCE: f64 = 240.0;

pub(super) async fn run(options: &Options, engine: Engine) -> Result<Vec<Figure>> {
    let count = options.part_of(ROBOTS);
    let name = |what: &str| format!("{count} robots connected: {what}");
    let mut p50 = Figure::new(name("heartbeat answered, p50"), engine, Unit::Milliseconds);
    let mut p99 = Figure::new(name("heartbeat answered, p99"), engine, Unit::Milliseconds).at_most(25.0, 25.0);
    let mut memory = Figure::new(name("memory of the platform"), engine, Unit::Megabytes).at_most(300.0, 300.0);
    let mut back = Figure::new(name("all back after a restart"), engine, Unit::Seconds).at_most(60.0, 60.0);
    let folder = tempfile::tempdir()?;
    let database = if engine == Engine::Postgres { Some(engine.database()?) } else { None };
    let url = database.as_ref().map(baigong_testkit::TestDatabase::url);
    let (data, address) = (folder.path().join("platform"), process::free_address()?);
    let (mut program, _) = Program::start(&data, url, address).await?;
    let secrets = secrets(&folder, &make_robots(address, count).await?)?;
    let mut robots = Robots::start(address, &secrets).await?;
    robots.all_back(count).await?;
    let window = Duration::from_secs(if options.quick_heartbeats() { 5 } else { 10 });
    for _ in 0..options.runs() {
        robots.acks().await?;
        time::after(window).await;
        let acks = robots.acks().await?;
        p50.add(acks.p50);
        p99.add(acks.p99);
        memory.add(program.memory()?);
        let begun = time::now();
        program.stop().await?;
        program = Program::start(&data, url, address).await?.0;
        robots.all_back(count).await?;
        back.add(time::seconds_since(begun));
    }
    robots.stop().await?;
    program.stop().await?;
    for _ in 0..options.runs() {
        let bare = bare(&secrets, count, window).await?;
        p50.beside("bare WebSockets", bare.0.p50);
        p99.beside("bare WebSockets", bare.0.p99);
        memory.beside("bare WebSockets", bare.1);
    }
    Ok(vec![p50, p99, memory, back])
}

/// The same robots with a server that only answers: the answers' times and its memory.
async fn bare(secrets: &Path, count: usize, window: Duration) -> Result<(Acks, f64)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("bare-web-sockets").stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut server = command.spawn()?;
    let mut lines = BufReader::new(server.stdout.take().context("its output")?).lines();
    let address: SocketAddr = lines.next_line().await?.context("the bare server gave no address")?.parse()?;
    let mut robots = Robots::start(address, secrets).await?;
    robots.all_back(count).await?;
    robots.acks().await?;
    time::after(window).await;
    let acks = robots.acks().await?;
    let memory = process::memory(server.id().context("the bare server has ended")?)?;
    robots.stop().await?;
    drop(server.stdin.take());
    server.wait().await?;
    Ok((acks, memory))
}

/// The secrets in a file, for the process of the robots.
fn secrets(folder: &TempDir, secrets: &[String]) -> Result<std::path::PathBuf> {
    let file = folder.path().join("secrets");
    std::fs::write(&file, secrets.join("\n"))?;
    Ok(file)
}

/// Makes robots over the interface, as an administrator's script would; their secrets.
async fn make_robots(address: SocketAddr, count: usize) -> Result<Vec<String>> {
    const AT_ONCE: usize = 32;
    let login = http::post("account/authenticate", "", &json!({"username": "admin", "password": PASSWORD}));
    let token = text(&ask(address, &login).await?["token"])?;
    let departments = ask(address, &http::post("department/list", &token, &json!({}))).await?;
    let department = departments["departments"][0]["depId"].clone();
    let machine = ask(address, &http::post("machine/create", &token, &json!({"machineName": "bench"}))).await?;
    let robot = |number: usize| {
        let body = json!({"depId": department, "robotName": format!("robot {number}"), "robotType": 0,
            "machineId": machine["machineId"], "machineName": "bench", "machineUsername": "bench"});
        http::post("robot/create", &token, &body)
    };
    let makers = (0..AT_ONCE).map(|first| async move {
        let mut connection = Connection::open(address).await?;
        let mut secrets = Vec::new();
        for number in (first..count).step_by(AT_ONCE) {
            let answer: Value = serde_json::from_slice(connection.success(&robot(number)).await?)?;
            secrets.push(text(&answer["data"]["robotSecret"])?);
        }
        anyhow::Ok(secrets)
    });
    Ok(try_join_all(makers).await?.concat())
}

async fn ask(address: SocketAddr, request: &[u8]) -> Result<Value> {
    let mut connection = Connection::open(address).await?;
    let mut answer: Value = serde_json::from_slice(connection.success(request).await?)?;
    Ok(answer["data"].take())
}

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().context("a text is missing in an answer")?.to_owned())
}

/// How soon heartbeats were answered, milliseconds.
struct Acks {
    p50: f64,
    p99: f64,
}

/// The process with the robots.
struct Robots {
    child: Child,
    commands: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Robots {
    async fn start(address: SocketAddr, secrets: &Path) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("robots").arg(address.to_string()).arg(secrets);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let commands = child.stdin.take().context("its input")?;
        let answers = BufReader::new(child.stdout.take().context("its output")?).lines();
        Ok(Self { child, commands, answers })
    }

    async fn command(&mut self, command: &str) -> Result<String> {
        self.commands.write_all(format!("{command}\n").as_bytes()).await?;
        self.answers.next_line().await?.context("the robots' process has ended")
    }

    /// Waits until all are on line.
    async fn all_back(&mut self, count: usize) -> Result<()> {
        let begun = time::now();
        loop {
            let welcome: usize = self.command("count").await?.parse()?;
            if welcome == count {
                return Ok(());
            }
            ensure!(time::seconds_since(begun) < PATIENCE, "only {welcome} of {count} robots are on line");
            time::after(Duration::from_millis(50)).await;
        }
    }

    /// The answers since the last time.
    async fn acks(&mut self) -> Result<Acks> {
        let answer = self.command("acks").await?;
        let numbers: Vec<f64> = answer.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [_, p50, p99] = numbers[..] else { anyhow::bail!("an answer of another kind: {answer}") };
        Ok(Acks { p50: p50 / 1000.0, p99: p99 / 1000.0 })
    }

    async fn stop(mut self) -> Result<()> {
        drop(self.commands);
        self.child.wait().await?;
        Ok(())
    }
}
