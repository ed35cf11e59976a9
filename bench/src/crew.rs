//! Robots in the platform's process: they take what the dispatcher sends, ask to start, and report success at once. What is
//! measured with them is the platform alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use baigong_core::{Platform, RobotLink, robot_sessions};
use baigong_protocol::{Heartbeat, Hello, HostInfo, Outcome, PROTOCOL_VERSION, Report, TaskRef, ToRobot};
use baigong_store::{Scope, robots as rows};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::time;

/// What the robots do with a task that they were allowed to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    /// Report success.
    Succeed,
    /// Go on holding it.
    Hold,
}

/// A task that a robot is done with, or holds for good.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done {
    /// When it got leave to start.
    pub(crate) granted_at: Instant,
    /// Its lease.
    pub(crate) task: TaskRef,
    /// Its robot.
    pub(crate) robot: i64,
}

/// Some robots, connected.
pub(crate) struct Crew {
    results: Arc<Results>,
    beat: JoinHandle<()>,
}

/// What has become of tasks, for whoever waits: either may come first.
#[derive(Default)]
struct Results(Mutex<HashMap<i64, Slot>>);

enum Slot {
    Done(Result<Done, String>),
    Awaited(oneshot::Sender<Result<Done, String>>),
}

impl Results {
    fn tell(&self, task: i64, done: Result<Done, String>) {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match slots.remove(&task) {
            // Who gave up waiting needs no answer.
            Some(Slot::Awaited(waiter)) => drop(waiter.send(done)),
            _ => drop(slots.insert(task, Slot::Done(done))),
        }
    }

    fn wait(&self, task: i64) -> oneshot::Receiver<Result<Done, String>> {
        let (sender, receiver) = oneshot::channel();
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match slots.remove(&task) {
            Some(Slot::Done(done)) => drop(sender.send(done)),
            _ => drop(slots.insert(task, Slot::Awaited(sender))),
        }
        receiver
    }
}

struct Link {
    platform: Platform,
    robot: i64,
    habit: Habit,
    results: Arc<Results>,
}

impl RobotLink for Link {
    fn send(&self, message: ToRobot) -> bool {
        if let ToRobot::Assign(assign) = message {
            let (platform, robot, habit) = (self.platform.clone(), self.robot, self.habit);
            let (results, task) = (self.results.clone(), assign.task_ref());
            tokio::spawn(async move {
                let done = work(&platform, robot, habit, task).await;
                results.tell(task.task_id, done.map_err(|error| format!("{error:#}")));
            });
        }
        true
    }
}

async fn work(platform: &Platform, robot: i64, habit: Habit, task: TaskRef) -> Result<Done> {
    match robot_sessions::start(platform, robot, task).await? {
        ToRobot::Granted(_) => {}
        other => bail!("the start was not granted: {other:?}"),
    }
    let done = Done { granted_at: time::now(), task, robot };
    if habit == Habit::Succeed {
        let report = Report {
            task_id: task.task_id,
            fence: task.fence,
            outcome: Outcome::Succeeded,
            message: None,
            failure: None,
            out_parameters: Vec::new(),
            artifacts: Vec::new(),
            ended_at: 0,
        };
        robot_sessions::report(platform, robot, report).await?;
    }
    Ok(done)
}

impl Crew {
    /// Connects `robots`.
    pub(crate) async fn board(platform: &Platform, robots: &[i64], habit: Habit) -> Result<Self> {
        let results = Arc::new(Results::default());
        for robot in robots {
            let row = rows::find(&platform.store, &Scope::All, *robot).await?.context("no such robot")?;
            let link = Link { platform: platform.clone(), robot: *robot, habit, results: results.clone() };
            robot_sessions::connect(platform, &row, &hello(), Arc::new(link)).await?;
        }
        let beat = tokio::spawn(live(platform.clone(), robots.to_vec()));
        Ok(Self { results, beat })
    }

    /// Waits until a robot is done with the task.
    pub(crate) async fn done(&self, task: i64) -> Result<Done> {
        let done = tokio::time::timeout(Duration::from_secs(30), self.results.wait(task)).await;
        let done = done.with_context(|| format!("task {task} did not come to its end"))?;
        done.context("its robot is gone")?.map_err(|text| anyhow::anyhow!("task {task}: {text}"))
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.beat.abort();
    }
}

/// Keeps the robots on line and their leases alive.
async fn live(platform: Platform, robots: Vec<i64>) {
    let mut rhythm = tokio::time::interval(Duration::from_secs(5));
    let mut sequence = 0;
    loop {
        rhythm.tick().await;
        sequence += 1;
        for robot in &robots {
            let held = platform.links.look(*robot, |linked| linked.held.clone()).unwrap_or_default();
            let held: Vec<TaskRef> = held.into_iter().map(|(task_id, fence)| TaskRef { task_id, fence }).collect();
            robot_sessions::heartbeat(
                &platform,
                *robot,
                &Heartbeat { sequence, held, free_slots: 1, paused: Vec::new(), declines: None },
            );
        }
    }
}

fn hello() -> Hello {
    Hello {
        protocol: PROTOCOL_VERSION,
        agent_version: "bench".into(),
        incarnation: "bench-1".into(),
        capacity: 64,
        install_path: String::new(),
        installed_at: 0,
        host: HostInfo::default(),
        held: Vec::new(),
    }
}
