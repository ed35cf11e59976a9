//! A real robot in the test's process, connected to a test server: created through the public interface, with a group of its
//! own.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use baigong_robot::{Agent, DisplayChoice, Options, RunningAgent};
use serde_json::json;
use tempfile::TempDir;

use crate::{TestClient, TestServer};

/// A robot that runs tasks. Dropped, it stops dead, like a crash.
pub struct TestRobot {
    /// Its id on the platform.
    pub robot_id: i64,
    /// The id of the group that holds it alone.
    pub group_id: i64,
    /// Its secret.
    pub secret: String,
    agent: RunningAgent,
    folder: TempDir,
    change: Change,
}

/// What a test changes of the options, at each start.
type Change = Box<dyn Fn(&mut Options) + Send + Sync>;

impl TestRobot {
    /// Creates the robot `name` with its machine and its group, and starts its agent.
    ///
    /// # Errors
    /// When the platform refuses or the agent does not start.
    pub async fn start(server: &TestServer, admin: &TestClient, name: &str) -> Result<Self> {
        Self::start_with(server, admin, name, |_| ()).await
    }

    /// The same with options changed so; unless they are, it has no display.
    ///
    /// # Errors
    /// When the platform refuses or the agent does not start.
    pub async fn start_with(
        server: &TestServer,
        admin: &TestClient,
        name: &str,
        change: impl Fn(&mut Options) + Send + Sync + 'static,
    ) -> Result<Self> {
        let change: Change = Box::new(change);
        let (robot_id, secret) = create(admin, name).await?;
        let group = json!({"depId": department(admin).await?, "robotGroupName": format!("{name}-group")});
        let group_id = admin.create("robot-group/create", "robotGroupId", group).await?;
        let append = json!({"robotGroupId": group_id, "robotIds": [robot_id]});
        admin.data("robot-group/append", append).await?;
        let folder = tempfile::Builder::new().prefix("baigong-test-").tempdir().context("a temporary folder")?;
        let agent = agent(server, &secret, &folder, &change).await?;
        Ok(Self { robot_id, group_id, secret, agent, folder, change })
    }

    /// Waits until the platform has welcomed it.
    pub async fn connected(&self) {
        self.agent.wait_connected().await;
    }

    /// The agent itself.
    #[must_use]
    pub fn agent(&self) -> &RunningAgent {
        &self.agent
    }

    /// Stops dead and starts again on the same folder, as after a crash.
    ///
    /// # Errors
    /// When the agent does not start again.
    pub async fn crash_and_restart(self, server: &TestServer) -> Result<Self> {
        let Self { robot_id, group_id, secret, agent: old, folder, change } = self;
        old.crash().await;
        let agent = agent(server, &secret, &folder, &change).await?;
        Ok(Self { robot_id, group_id, secret, agent, folder, change })
    }

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// Stops in order.
    pub async fn stop(self) {
        self.agent.stop().await;
    }
}

/// Starts an agent on `folder`.
async fn agent(server: &TestServer, secret: &str, folder: &TempDir, change: &Change) -> Result<RunningAgent> {
    let file = folder.path().join("secret");
    std::fs::write(&file, secret).context("the robot's secret")?;
    let secret = baigong_robot::options::read_secret(Some(&file)).context("the robot's secret")?;
    let data = folder.path().join("data");
    let mut options = Options::new(data, server.url(), secret, baigong_actions::table());
    options.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    options.screen.display = DisplayChoice::None;
    change(&mut options);
    Agent::start(options).await.context("the robot's agent")
}

/// Creates a robot on a machine of its own; its id and secret.
async fn create(admin: &TestClient, name: &str) -> Result<(i64, String)> {
    let machine_name = format!("{name}-machine");
    let machine_id = admin.create("machine/create", "machineId", json!({"machineName": machine_name})).await?;
    let body = json!({"depId": department(admin).await?, "robotName": name, "robotType": 0, "machineId": machine_id,
        "machineName": machine_name, "machineUsername": "robot"});
    let data = admin.data("robot/create", body).await?;
    let secret = data["robotSecret"].as_str().context("robot/create gave no robotSecret")?;
    Ok((data["robotId"].as_i64().context("robot/create gave no robotId")?, secret.to_owned()))
}

/// The root department.
async fn department(admin: &TestClient) -> Result<i64> {
    let list = admin.data("department/list", json!({})).await?;
    list["departments"][0]["depId"].as_i64().context("there is no department")
}
