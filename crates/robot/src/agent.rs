//! The agent as its users see it: start, wait, stop. Used by the program `baigong robot`, by the demonstration and by
//! tests, all in the same way.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use baigong_model::Secret;
use tokio::{net::TcpListener, sync::watch};

use crate::{
    Options, hold, local_api, machine, operations, own, recording,
    robot::Robot,
    session::{self, End},
};

/// What was told to stop has so long to be gone, beyond the grace the runner gives it.
const KILL: Duration = Duration::from_millis(3_500);
/// Last reports have so long to be acknowledged.
const LAST_WORDS: Duration = Duration::from_millis(1_500);

/// Parts that are dismissed have so long to let go of folder and address.
const PARTING: Duration = Duration::from_millis(500);

/// A robot's agent.
pub struct Agent;

/// An agent that runs until [`RunningAgent::stop`]. Dropped, it stops dead, like a crash.
pub struct RunningAgent {
    robot: Arc<Robot>,
    local_address: SocketAddr,
    exit: watch::Receiver<Option<AgentExit>>,
}

/// Why an agent has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentExit {
    /// It was told to stop.
    Stopped,
    /// Another agent with the same identity took over; this one has stopped its tasks. Do not start it again unless the
    /// other one is stopped.
    Fenced(String),
    /// A permitted person wants it to start again: [`RunningAgent::stop`] it first. Where a version is on trial
    /// ([`crate::operations::trial`]), that one is meant.
    Restart,
}

impl Agent {
    /// Starts an agent in this runtime. Errors name what a person can change: a folder in use, an address taken; of the
    /// kind [`io::ErrorKind::InvalidInput`] they are about the options themselves.
    pub async fn start(options: Options) -> io::Result<RunningAgent> {
        let listen = options.listen;
        let listener = TcpListener::bind(listen)
            .await
            .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {listen}: {error}")))?;
        let local_address = listener.local_addr()?;
        let opened = tokio::task::spawn_blocking(move || Robot::open(options)).await;
        let (robot, writer) = opened.map_err(io::Error::other)??;
        robot.crew.spawn(writer.run());
        own::begin(&robot).await.map_err(|error| io::Error::other(error.to_string()))?;
        for held in robot.unfinished() {
            robot.crew.spawn(hold::found_unfinished(Arc::clone(&robot), held));
        }
        robot.crew.spawn(local_api::serve(Arc::clone(&robot), listener));
        robot.crew.spawn(bind_folder(Arc::clone(&robot)));
        robot.crew.spawn(machine::keep_telling(Arc::clone(&robot)));
        robot.crew.spawn(recording::keep_delivering(Arc::clone(&robot)));
        robot.crew.spawn(operations::settle(Arc::clone(&robot)));
        let (ended, exit) = watch::channel(None);
        let connected = Arc::clone(&robot);
        robot.crew.spawn(async move {
            let end = session::keep_connected(Arc::clone(&connected)).await;
            let exit = match end {
                End::HungUp => AgentExit::Stopped,
                End::Fenced(reason) => {
                    tracing::error!(reason, "another agent with this robot's identity has taken over: this one ends");
                    stop_tasks(&connected).await;
                    AgentExit::Fenced(reason)
                }
            };
            ended.send_replace(Some(exit));
        });
        Ok(RunningAgent { robot, local_address, exit })
    }
}

impl RunningAgent {
    /// Where the robot's own interface listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local_address
    }

    /// The secret that was made because the robot had none: to be shown once, it is kept as a hash only.
    #[must_use]
    pub fn made_secret(&self) -> Option<&Secret<String>> {
        self.robot.own.made_secret.as_ref()
    }

    /// Waits until the platform has welcomed it.
    pub async fn wait_connected(&self) {
        self.robot.link.connections().newer_than(0).await;
    }

    /// Waits until the agent ends by itself, and says why.
    pub async fn finished(&self) -> AgentExit {
        let mut wish = self.robot.wish.subscribe();
        tokio::select! {
            exit = self.hung_up() => exit,
            Ok(wish) = wish.wait_for(Option::is_some) => wish.clone().unwrap_or(AgentExit::Stopped),
        }
    }

    /// Waits until this start has proved itself: the platform has greeted it and nothing that tasks need is missing. Only
    /// said where a version is on trial.
    pub async fn wait_well(&self) {
        self.robot.well.cancelled().await;
    }

    /// Waits until its connection is closed for good.
    async fn hung_up(&self) -> AgentExit {
        let mut exit = self.exit.clone();
        match exit.wait_for(Option::is_some).await {
            Ok(exit) => exit.clone().unwrap_or(AgentExit::Stopped),
            Err(_) => AgentExit::Stopped,
        }
    }

    /// Takes no new tasks, lets running ones go on for the grace of the options, stops the others, reports what can be
    /// reported, and ends; what could not be reported is reported at the next start. Takes less than 10 s with the
    /// default grace.
    pub async fn stop(self) -> AgentExit {
        let robot = &self.robot;
        robot.desk.close(Some("the robot stops"));
        robot.stopping.cancel();
        let _ = tokio::time::timeout(robot.options.stop_grace, robot.desk.nothing_runs()).await;
        stop_tasks(robot).await;
        if robot.link.is_up() {
            let _ = tokio::time::timeout(LAST_WORDS, robot.desk.is_empty()).await;
        }
        // A copy of what the database says by itself needs nobody else.
        let _ = tokio::time::timeout(LAST_WORDS, robot.desk.no_own_task()).await;
        let _ = tokio::time::timeout(LAST_WORDS, robot.own.sightings.written()).await;
        robot.hang_up.cancel();
        let exit = self.hung_up().await;
        robot.recordings.display.end().await;
        self.end().await;
        exit
    }

    /// Stops dead, as a crash would, except that no process of a task is left running. For tests.
    pub async fn crash(self) {
        self.end().await;
    }

    /// Ends every part of the agent, so that its folder and its address are free afterwards.
    async fn end(self) {
        self.robot.crew.dismiss().await;
        let alone = async {
            while Arc::strong_count(&self.robot) > 1 {
                tokio::task::yield_now().await;
            }
        };
        let _ = tokio::time::timeout(PARTING, alone).await;
    }
}

impl Drop for RunningAgent {
    fn drop(&mut self) {
        self.robot.crew.dismiss_now();
    }
}

/// Binds the data folder when the platform has welcomed the robot.
async fn bind_folder(robot: Arc<Robot>) {
    let (mut connections, mut seen) = (robot.link.connections(), 0);
    loop {
        seen = connections.newer_than(seen).await;
        let again = Arc::clone(&robot);
        match tokio::task::spawn_blocking(move || again.folder.bind()).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => tracing::warn!(%error, "the data folder could not be bound to this robot"),
            Err(error) => tracing::error!(%error, "the data folder could not be bound to this robot"),
        }
    }
}

pub(crate) async fn stop_tasks(robot: &Robot) {
    robot.desk.close(Some("the robot stops"));
    robot.stopping.cancel();
    robot.halt.cancel();
    let _ = tokio::time::timeout(KILL, robot.desk.nothing_runs()).await;
}
