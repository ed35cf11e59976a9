//! Setting the platform up for the example, through its public interface, as an administrator would: a robot on a machine
//! in a group, a data queue, a process with its package. What an earlier run has set up is used again.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::client::{Client, Refused, id};
use super::example;
use super::state::State;

/// The code of a name that is taken.
const NAME_TAKEN: &str = "10009";

/// What is needed to run the example.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) robot_secret: String,
    pub(super) process_id: i64,
}

/// Sets up what is not there yet. `say` is told each step.
pub(super) async fn prepare(client: &Client, state: &mut State, say: impl Fn(&str)) -> Result<Ready> {
    let departments = client.call("department/list", json!({})).await?;
    let department = id(&departments["departments"][0], "depId").context("the platform has no department")?;
    let robot_secret = robot(client, state, department, &say).await?;
    let group_id = group(client, state, department, &say).await?;
    queue(client, state, department, &say).await?;
    let process_id = process(client, state, department, group_id, &say).await?;
    package(client, state, department, process_id, &say).await?;
    Ok(Ready { robot_secret, process_id })
}

async fn robot(client: &Client, state: &mut State, department: i64, say: impl Fn(&str)) -> Result<String> {
    if let Some(secret) = &state.robot_secret {
        return Ok(secret.clone());
    }
    let machine = named("demo-machine", async |name| client.call("machine/create", json!({"machineName": name})).await);
    let (machine_name, machine) = machine.await?;
    let machine_id = id(&machine, "machineId")?;
    let robot = named("demo-robot", async |name| {
        let body = json!({"depId": department, "robotName": name, "robotType": 0, "machineId": machine_id,
            "machineName": machine_name, "machineUsername": "demo"});
        client.call("robot/create", body).await
    });
    let (name, robot) = robot.await?;
    let secret = robot["robotSecret"].as_str().context("robot/create gave no robotSecret")?.to_owned();
    (state.robot_id, state.robot_secret) = (Some(id(&robot, "robotId")?), Some(secret.clone()));
    state.save()?;
    say(&format!("created the robot {name} on the machine {machine_name}"));
    Ok(secret)
}

async fn group(client: &Client, state: &mut State, department: i64, say: impl Fn(&str)) -> Result<i64> {
    if let Some(group) = state.group_id {
        return Ok(group);
    }
    let group = named("demo-group", async |name| {
        client.call("robot-group/create", json!({"depId": department, "robotGroupName": name})).await
    });
    let (name, group) = group.await?;
    let group = id(&group, "robotGroupId")?;
    client.call("robot-group/append", json!({"robotGroupId": group, "robotIds": [state.robot_id]})).await?;
    state.group_id = Some(group);
    state.save()?;
    say(&format!("created the robot group {name}"));
    Ok(group)
}

/// The queue has the name that the example pushes to: one that exists is the one.
async fn queue(client: &Client, state: &mut State, department: i64, say: impl Fn(&str)) -> Result<()> {
    if state.queue_id.is_some() {
        return Ok(());
    }
    let name = example::QUEUE;
    let list = client.call("data-queue/list", json!({"pageSize": 1000})).await?;
    let known = list["queues"].as_array().into_iter().flatten().find(|queue| queue["queueName"] == name);
    let queue = match known {
        Some(queue) => queue.clone(),
        None => client.call("data-queue/create", json!({"depId": department, "queueName": name})).await?,
    };
    state.queue_id = Some(id(&queue, "queueId")?);
    state.save()?;
    say(&format!("created the data queue {name}"));
    Ok(())
}

async fn process(client: &Client, state: &mut State, department: i64, group: i64, say: impl Fn(&str)) -> Result<i64> {
    if let Some(process) = state.process_id {
        return Ok(process);
    }
    let process = named(example::NAME, async |name| {
        let body = json!({"processName": name, "depId": department, "robotGroupId": group, "isRecord": false});
        client.call("process/create", body).await
    });
    let (name, process) = process.await?;
    let process = id(&process, "processId")?;
    state.process_id = Some(process);
    state.save()?;
    say(&format!("created the process {name}"));
    Ok(process)
}

/// Uploads the package and makes it the process's version, unless that very package is it already.
async fn package(client: &Client, state: &mut State, department: i64, process: i64, say: impl Fn(&str)) -> Result<()> {
    let package = example::package()?;
    if state.package.as_ref() == Some(&package.sha256) {
        return Ok(());
    }
    let version = format!("{}-{}", package.version, &package.sha256[..8]);
    let uploaded = named(example::NAME, async |name| {
        let texts = [("packageName", name), ("packageVersion", version.clone()), ("depId", department.to_string())];
        client.upload("package/create", &texts, ("package", package.zip.clone())).await
    });
    let (name, uploaded) = uploaded.await?;
    let body = json!({"processId": process, "packageId": id(&uploaded, "packageId")?});
    client.call("process/activate-package-version", body).await?;
    state.package = Some(package.sha256);
    state.save()?;
    say(&format!("uploaded the package {name} {version} and activated it"));
    Ok(())
}

/// Creates something called `name`, or `name-2` and so on when the name is taken: an earlier run may have been killed
/// between a creation and writing it down.
async fn named(name: &str, create: impl AsyncFn(String) -> Result<Value>) -> Result<(String, Value)> {
    let mut number = 1;
    loop {
        let name = if number == 1 { name.to_owned() } else { format!("{name}-{number}") };
        match create(name.clone()).await {
            Ok(answer) => return Ok((name, answer)),
            Err(error) if is_taken(&error) && number < 100 => number += 1,
            Err(error) => return Err(error),
        }
    }
}

fn is_taken(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Refused>().is_some_and(|refused| refused.code == NAME_TAKEN)
}
