//! The view of what speaks OAPI. What is run there is a schedule, "once, now"; the answer does not say which job that became,
//! so that it is looked for: a job of the process that was not there before.

use std::collections::HashMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Known, Process, Robot, Run, RunState, Sent, Task};
use crate::{
    Error, Result,
    oapi::{Oapi, id},
};

/// More schedules, processes and robots than this are not shown.
const MOST: usize = 5000;
/// How many jobs of a process are looked through. Nothing says whether a list begins with the newest.
const MOST_JOBS: usize = 5000;

pub(super) async fn processes(caller: &Oapi) -> Result<Vec<Process>> {
    let processes = caller.list("/oapi/v1/process", &[], MOST).await?;
    let by_code = |row: &Value| Some((row["procCode"].as_str()?.to_owned(), id(&row["id"])?));
    let by_code: HashMap<String, String> = processes.iter().filter_map(by_code).collect();
    let schedules = caller.list("/oapi/v1/schedule/list", &[], MOST).await?;
    let process = |row: &Value| {
        let code = row["procCode"].as_str().unwrap_or_default();
        let name = row["schName"].as_str().filter(|name| !name.is_empty()).unwrap_or(code);
        Some(Process {
            id: id(&row["id"])?,
            name: name.to_owned(),
            remark: format!("{code} {}", row["procVer"].as_str().unwrap_or_default()).trim().to_owned(),
            listed_by: by_code.get(code)?.clone(),
        })
    };
    Ok(schedules.iter().filter_map(process).collect())
}

pub(super) async fn robots(caller: &Oapi) -> Result<Vec<Robot>> {
    let listed = caller.list("/oapi/v1/robot", &[], MOST).await?;
    let state = |row: &Value| match row["dataStatus"].as_str() {
        Some("busy") => "running",
        Some("free") => "idle",
        Some("offline" | "unbound") => "offline",
        _ => "",
    };
    let name = |row: &Value| {
        let names =
            ["agentAlias", "agentName", "agentNo"].map(|field| row[field].as_str().unwrap_or_default().to_owned());
        names.into_iter().find(|name| !name.is_empty()).unwrap_or_default()
    };
    let robot = |row: &Value| Some(Robot { id: id(&row["id"])?, name: name(row), state: state(row) });
    Ok(listed.iter().filter_map(robot).collect())
}

pub(super) async fn tasks(caller: &Oapi, processes: &[Process], most: usize) -> Result<Vec<Task>> {
    let mut found = Vec::new();
    let mut asked: Vec<&str> = Vec::new();
    for process in processes {
        // Several schedules run one process: its jobs are listed once.
        if asked.contains(&process.listed_by.as_str()) {
            continue;
        }
        asked.push(&process.listed_by);
        let jobs = jobs(caller, process, most).await?;
        let time = |value: &Value| id(value).unwrap_or_default();
        found.extend(jobs.iter().filter_map(|row| {
            Some(Task {
                id: id(&row["ID"])?,
                process: process.id.clone(),
                state: state(&row["STATUS"]),
                times: (time(&row["START_TIME"]), time(&row["END_TIME"])),
            })
        }));
    }
    Ok(found)
}

async fn jobs(caller: &Oapi, process: &Process, most: usize) -> Result<Vec<Value>> {
    caller.list("/oapi/v1/job", &[("id", process.listed_by.as_str())], most).await
}

fn job_number(row: &Value) -> Option<i64> {
    id(&row["ID"])?.parse().ok()
}

/// Jobs of the process up to the page with which `is_enough` is content.
async fn jobs_until(caller: &Oapi, process: &Process, is_enough: impl Fn(&[Value]) -> bool) -> Result<Vec<Value>> {
    caller.list_until("/oapi/v1/job", &[("id", process.listed_by.as_str())], MOST_JOBS, is_enough).await
}

/// Whether a page begins with the newest job: what comes behind it is older.
fn descends(page: &[Value]) -> bool {
    let numbers: Vec<i64> = page.iter().filter_map(job_number).collect();
    numbers.len() > 1 && numbers.is_sorted_by(|one, next| one > next)
}

/// The highest number of a job of the process.
pub(super) async fn newest(caller: &Oapi, process: &Process) -> Result<i64> {
    Ok(jobs_until(caller, process, descends).await?.iter().filter_map(job_number).max().unwrap_or(0))
}

pub(super) async fn start(caller: &Oapi, known: &Known) -> Result<Sent> {
    let answer = caller.send(&Method::POST, "/oapi/v1/job/create", &json!({ "id": known.process.id })).await?;
    // Printed is nothing; a platform of ours says it.
    let told = id(&answer).or_else(|| id(&answer["id"])).or_else(|| id(&answer["jobId"]));
    Ok(told.map_or(Sent::Somewhere, Sent::As))
}

/// Jobs of the process that were not there before.
pub(super) async fn candidates(caller: &Oapi, known: &Known, taken: &[String]) -> Result<Vec<String>> {
    let is_old = |page: &[Value]| descends(page) && page.last().and_then(job_number) <= Some(known.newest);
    let jobs = jobs_until(caller, &known.process, is_old).await?;
    let new =
        jobs.iter().filter_map(job_number).filter(|number| *number > known.newest).map(|number| number.to_string());
    Ok(new.filter(|number| !taken.contains(number)).collect())
}

pub(super) async fn run(caller: &Oapi, process: &Process, job: &str) -> Result<Run> {
    let is_it = |row: &Value| id(&row["ID"]).as_deref() == Some(job);
    let jobs = jobs_until(caller, process, |page| page.iter().any(is_it)).await?;
    let row = jobs.iter().find(|row| is_it(row));
    let row = row.ok_or_else(|| match jobs.len() {
        MOST_JOBS.. => Error::Strange(format!("job {job} is not among the first {MOST_JOBS} of its process")),
        _ => Error::Gone { code: "10002".into(), message: format!("no job {job}") },
    })?;
    let message = row["DESCRIPTION"].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(Run { state: state(&row["STATUS"]), message, out_parameters: Vec::new() })
}

pub(super) async fn stop(caller: &Oapi, job: &str) -> Result<()> {
    match caller.send(&Method::POST, "/oapi/v1/job/stop", &json!({ "id": job })).await {
        // It has ended already.
        Ok(_) => Ok(()),
        Err(Error::Refused { code, .. }) if code == "10003" => Ok(()),
        Err(error) => Err(error),
    }
}

fn state(status: &Value) -> RunState {
    match status.as_str().unwrap_or_default() {
        "success" => RunState::Succeeded,
        "failed" | "pendout" | "runout" => RunState::Failed,
        "stopped" | "cancelled" => RunState::Cancelled,
        _ => RunState::Open,
    }
}
