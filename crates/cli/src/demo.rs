//! `baigong demo`: a platform and a robot in this process, and the example run through the public interface as any caller
//! would run it. Everything is stored below one folder, which can be used again.

mod client;
mod example;
mod setup;
mod state;
mod view;
mod watch;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use baigong_model::{Clock as _, Secret, SystemClock};
use baigong_platform::{Options, RunningPlatform, Settings};
use baigong_robot::{Agent, RunningAgent};
use serde_json::json;
use tokio::net::TcpListener;

use crate::arguments::{DemoArguments, PLATFORM_ADDRESS, ROBOT_ADDRESS};
use crate::output::{self, Colour, painted};
use crate::signals::{self, INTERRUPTED};
use client::Client;
use state::State;
use view::View;

/// How long the robot may take to connect.
const PATIENCE: Duration = Duration::from_secs(30);

/// A run that ended.
struct Run {
    task_id: i64,
    ended: watch::Ended,
    artifacts: Vec<PathBuf>,
    seconds: f64,
}

/// Runs the example once; stays until told to stop unless `--once`.
pub(crate) async fn run(arguments: DemoArguments) -> Result<ExitCode> {
    let stop = signals::listen()?;
    tokio::pin!(stop);
    let mut state = State::load(&arguments.data)?;
    let view = View::new();
    let platform = start_platform(&arguments, &state).await?;
    view.done(&format!("the platform serves at {}", platform.url()));
    let mut robot = None;
    let outcome = tokio::select! {
        outcome = example(&arguments, &mut state, &platform, &mut robot, &view) => Some(outcome),
        _ = &mut stop => None,
    };
    view.finish();
    let code = match &outcome {
        Some(Ok(run)) => {
            show(run, &arguments.data);
            ExitCode::from(u8::from(run.ended.state != "succeeded"))
        }
        Some(Err(_)) => ExitCode::FAILURE,
        None => ExitCode::from(INTERRUPTED),
    };
    if !arguments.once && matches!(outcome, Some(Ok(_))) {
        show_platform(&platform, &arguments.data);
        stop.await;
        output::line("stopping …");
    }
    if let Some(robot) = robot {
        robot.stop().await;
    }
    platform.stop().await;
    match outcome {
        Some(Ok(run)) if arguments.once => output::line(&summary(&run)?),
        Some(Err(error)) => return Err(error),
        _ => {}
    }
    Ok(code)
}

/// Sets up, starts the robot, runs the example and fetches what it left behind.
async fn example(
    arguments: &DemoArguments,
    state: &mut State,
    platform: &RunningPlatform,
    robot: &mut Option<RunningAgent>,
    view: &View,
) -> Result<Run> {
    let client = Client::sign_in(&platform.url(), "admin", &state.password).await?;
    let ready = setup::prepare(&client, state, |step| view.done(step)).await?;
    let agent = robot.insert(start_robot(arguments, platform, &ready.robot_secret).await?);
    let connected = tokio::time::timeout(PATIENCE, agent.wait_connected()).await;
    connected.context("the robot does not reach the platform: BAIGONG_LOG=info shows why")?;
    view.done("the robot is online");
    let clock = SystemClock;
    let began = clock.now();
    let body = json!({"processId": ready.process_id, "priority": 1, "isRecord": false});
    let created = client.call("task/create", body).await?;
    let task_id = created["taskIds"][0].as_i64().context("task/create gave no taskIds")?;
    view.done(&format!("created task {task_id}"));
    let ended = watch::follow(&client, task_id, view).await?;
    let milliseconds = u32::try_from(clock.now() - began).unwrap_or(u32::MAX);
    let folder = std::path::absolute(&arguments.data)?.join("artifacts").join(task_id.to_string());
    let artifacts = watch::fetch(&client, &ended.artifacts, &folder).await?;
    Ok(Run { task_id, ended, artifacts, seconds: f64::from(milliseconds) / 1000.0 })
}

async fn start_platform(arguments: &DemoArguments, state: &State) -> Result<RunningPlatform> {
    let listen = match arguments.listen {
        Some(address) => address,
        None => free_address(PLATFORM_ADDRESS, arguments.once).await?,
    };
    let settings = Settings { data: arguments.data.join("platform"), listen, ..Settings::default() };
    let mut options = Options::new(settings);
    options.admin_password = Some(Secret::new(state.password.clone()));
    baigong_platform::start(options).await
}

async fn start_robot(arguments: &DemoArguments, platform: &RunningPlatform, secret: &str) -> Result<RunningAgent> {
    let file = arguments.data.join("robot.secret");
    state::write_private(&file, secret.as_bytes())?;
    let secret = baigong_robot::options::read_secret(Some(&file)).context("the robot's secret")?;
    let folder = arguments.data.join("robot");
    let mut options = baigong_robot::Options::new(folder, platform.url(), secret, baigong_actions::table());
    options.listen = free_address(ROBOT_ADDRESS, arguments.once).await?;
    Agent::start(options).await.context("starting the robot")
}

/// `usual` while it is free; any free port otherwise, and where nobody will type the address.
async fn free_address(usual: &str, any: bool) -> Result<SocketAddr> {
    let usual: SocketAddr = usual.parse()?;
    let is_free = !any && TcpListener::bind(usual).await.is_ok();
    Ok(if is_free { usual } else { SocketAddr::new(usual.ip(), 0) })
}

fn show(run: &Run, data: &Path) {
    let succeeded = run.ended.state == "succeeded";
    let colour = if succeeded { Colour::Green } else { Colour::Red };
    output::line("");
    output::line(&format!("task {}: {} after {:.1} s", run.task_id, painted(colour, &run.ended.state), run.seconds));
    if let Some(message) = &run.ended.message {
        output::line(&format!("  {message}"));
    }
    for (name, value) in &run.ended.out_parameters {
        output::line(&format!("  {} = {value}", painted(Colour::Bold, name)));
    }
    for path in &run.artifacts {
        output::line(&format!("  {} {}", painted(Colour::Bold, "artifact"), path.display()));
    }
    if run.artifacts.is_empty() {
        output::line(&format!("  no artifacts (they would lie in {})", data.join("artifacts").display()));
    }
}

fn show_platform(platform: &RunningPlatform, data: &Path) {
    output::line("");
    output::line(&format!("The platform goes on at {}", painted(Colour::Bold, &platform.url())));
    output::line(&format!("  operations   {}/docs", platform.url()));
    output::line(&format!("  sign in      user admin, password in {}", data.join("demo.json").display()));
    output::line("  stop         Ctrl-C");
}

/// The last line of `--once`, its fields in this order.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    task_id: i64,
    task_status: &'a str,
    artifacts: Vec<String>,
    seconds: f64,
}

fn summary(run: &Run) -> Result<String> {
    let artifacts = run.artifacts.iter().map(|path| path.display().to_string()).collect();
    let summary = Summary { task_id: run.task_id, task_status: &run.ended.state, artifacts, seconds: run.seconds };
    Ok(serde_json::to_string(&summary)?)
}
