//! What scenarios stand on: a whole platform in this process on a durable database, with a process that robots can run.

use std::fmt;
use std::io::{Cursor, Write as _};
use std::net::SocketAddr;

use anyhow::{Context, Result};
use baigong_core::{Caller, Platform, machines, machines::NewMachine, robot_groups, robots};
use baigong_model::ids::PoolId;
use baigong_testkit::{PASSWORD, TestClient, TestDatabase, TestServer, postgres};
use clap::ValueEnum;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::http;

/// Which database stands behind what is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Sqlite { "SQLite" } else { "PostgreSQL" })
    }
}

impl Engine {
    /// A new, empty database whose commits are durable.
    pub(crate) fn database(self) -> Result<TestDatabase> {
        match self {
            Self::Sqlite => TestDatabase::sqlite(),
            Self::Postgres => TestDatabase::postgres_in(postgres::durable_cluster()?),
        }
    }
}

/// A platform with a process to run.
pub(crate) struct Stage {
    server: TestServer,
    pub(crate) address: SocketAddr,
    token: String,
    pub(crate) department: i64,
    group: i64,
    pub(crate) process: i64,
    /// The pool of the process's robots.
    pub(crate) pool: PoolId,
}

impl Stage {
    /// Starts a platform and makes a process with its package and an empty group of robots.
    pub(crate) async fn open(engine: Engine) -> Result<Self> {
        let server = TestServer::start(engine.database()?).await?;
        let address = server.url().trim_start_matches("http://").parse().context("the platform's address")?;
        let login = json!({"username": "admin", "password": PASSWORD});
        let stranger = TestClient::stranger(&server.url())?;
        let token = stranger.data("account/authenticate", login).await?;
        let token = token["token"].as_str().context("authenticate gave no token")?.to_owned();
        let admin = server.admin().await?;
        let list = admin.data("department/list", json!({})).await?;
        let department = list["departments"][0]["depId"].as_i64().context("there is no department")?;
        let group = json!({"depId": department, "robotGroupName": "bench"});
        let group = admin.create("robot-group/create", "robotGroupId", group).await?;
        let process = json!({"processName": "bench", "depId": department, "robotGroupId": group, "isRecord": false});
        let process = admin.create("process/create", "processId", process).await?;
        let texts = [("packageName", "bench"), ("packageVersion", "1"), ("depId", &department.to_string())];
        let package = admin.upload("package/create", &texts, "package", zipped(NOTHING)?).await?;
        let activation = json!({"processId": process, "packageId": package["packageId"]});
        admin.data("process/activate-package-version", activation).await?;
        let pool = robot_groups::pool_of(server.platform(), &Caller::platform(), group).await?;
        Ok(Self { server, address, token, department, group, process, pool })
    }

    /// The platform's operations.
    pub(crate) fn platform(&self) -> &Platform {
        self.server.platform()
    }

    /// A caller with all rights.
    pub(crate) async fn admin(&self) -> Result<TestClient> {
        self.server.admin().await
    }

    /// The administrator's token.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// A request of the signed-in administrator.
    pub(crate) fn post(&self, operation: &str, body: &Value) -> Vec<u8> {
        http::post(operation, &self.token, body)
    }

    /// Such a request up to the length of its body.
    pub(crate) fn head(&self, operation: &str) -> String {
        http::post_head(operation, &self.token)
    }

    /// A request for one task of the process.
    pub(crate) fn task_create(&self) -> Vec<u8> {
        self.post("task/create", &json!({"processId": self.process, "priority": 1, "isRecord": false}))
    }

    /// Makes robots in the process's group; their ids.
    pub(crate) async fn robots(&self, count: usize, max_tasks: i64) -> Result<Vec<i64>> {
        let (platform, caller) = (self.platform(), Caller::platform());
        let machine = machines::create(platform, &caller, NewMachine { name: "bench".into(), remark: None }).await?;
        let made = stream::iter(0..count).map(|number| async move {
            let robot = new_robot(self.department, machine, number, max_tasks);
            robots::create(platform, &Caller::platform(), robot).await.map(|robot| robot.id)
        });
        let ids: Vec<i64> = made.buffered(64).try_collect().await?;
        robot_groups::append(platform, &caller, self.group, &ids).await?;
        Ok(ids)
    }

    /// Stops the platform and removes its data.
    pub(crate) async fn close(self) {
        self.server.stop().await;
    }
}

fn new_robot(department_id: i64, machine_id: i64, number: usize, max_tasks: i64) -> robots::NewRobot {
    robots::NewRobot {
        department_id,
        name: format!("robot {number}"),
        robot_type: 0,
        machine_id,
        machine_name: "bench".into(),
        machine_username: "bench".into(),
        machine_password: None,
        remark: None,
        desktop_type: None,
        resolution_width: None,
        resolution_height: None,
        resolution_depth: None,
        is_auto_unlock_enabled: None,
        log_level: None,
        max_tasks: Some(max_tasks),
    }
}

/// The smallest package there is. Nobody runs it: the robots of the bench only say that they did.
const NOTHING: &str = "kind: command\nname: bench\nversion: \"1\"\ncommand: [\"true\"]\n";

/// A package that is nothing but its `baigong.yaml`.
pub(crate) fn zipped(manifest: &str) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("baigong.yaml", SimpleFileOptions::default())?;
    zip.write_all(manifest.as_bytes())?;
    Ok(zip.finish()?.into_inner())
}
