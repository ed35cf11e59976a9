//! The view of what speaks T/TSAC 002-2025.

use baigong_model::{LogLevel, Parameter};
use jiff::{civil::DateTime, tz::TimeZone};
use serde_json::{Value, json};

use super::{Known, Line, Process, Robot, Run, RunState, Sent, Task};
use crate::{
    Error, Result,
    tsac::{ListedProcess, ListedRobot, ListedTask, NamedValue, Tsac},
};

/// More processes and robots than this are not shown.
const MOST: usize = 5000;
/// How many tasks of a process are looked through for one that was started.
const MOST_LOOKED_AT: usize = 10_000;
/// How many of them are asked for their parameters.
const MOST_ASKED: usize = 200;
/// Codes that say that a task has ended already.
const ENDED: [&str; 2] = ["10101", "10102"];

/// The standard tells of no parameters.
pub(super) async fn processes(caller: &Tsac) -> Result<Vec<Process>> {
    let listed: Vec<ListedProcess> = caller.list("process/list", "processes", json!({}), MOST).await?;
    let process = |row: ListedProcess| {
        let (id, remark) = (row.process_id.to_string(), row.remark.unwrap_or_default());
        Process { listed_by: id.clone(), id, name: row.process_name, remark }
    };
    Ok(listed.into_iter().map(process).collect())
}

pub(super) async fn robots(caller: &Tsac) -> Result<Vec<Robot>> {
    let listed: Vec<ListedRobot> = caller.list("robot/list", "robots", json!({}), MOST).await?;
    let state = |number| match number {
        Some(0) => "idle",
        Some(1) => "running",
        Some(2) => "offline",
        _ => "",
    };
    let robot =
        |row: ListedRobot| Robot { id: row.robot_id.to_string(), name: row.robot_name, state: state(row.robot_status) };
    Ok(listed.into_iter().map(robot).collect())
}

pub(super) async fn tasks(caller: &Tsac, processes: &[Process], most: usize) -> Result<Vec<Task>> {
    let mut found = Vec::new();
    for process in processes {
        let body = json!({ "processId": number(&process.id)? });
        let listed: Vec<ListedTask> = caller.list("task/list", "tasks", body, most).await?;
        found.extend(listed.into_iter().map(|row| Task {
            id: row.task_id.to_string(),
            process: process.id.clone(),
            state: state(row.task_status),
            times: (row.start_time, row.end_time),
        }));
    }
    Ok(found)
}

pub(super) async fn start(caller: &Tsac, known: &Known) -> Result<Sent> {
    let id = caller.start(number(&known.process.id)?, &named(&known.parameters)).await?;
    Ok(Sent::As(id.to_string()))
}

/// The highest number of a task of the process: a run that is started now gets a higher one.
pub(super) async fn newest(caller: &Tsac, process: &Process) -> Result<i64> {
    caller.newest(number(&process.id)?, MOST_LOOKED_AT).await
}

/// Tasks of the process with the same parameters that were not there before and are not known to be others.
pub(super) async fn candidates(caller: &Tsac, known: &Known, taken: &[String]) -> Result<Vec<String>> {
    let mut ids = caller.tasks_after(number(&known.process.id)?, known.newest, MOST_LOOKED_AT).await?;
    ids.retain(|id| !taken.contains(&id.to_string()));
    ids.sort_unstable();
    let mut found = Vec::new();
    for id in ids.into_iter().rev().take(MOST_ASKED) {
        let told = caller.call("task/query", &json!({ "taskId": id })).await?;
        if has_parameters(&told["inParameters"], &known.parameters) {
            found.push(id.to_string());
        }
    }
    Ok(found)
}

/// Whether a task was given these values; others may be defaults of its package.
fn has_parameters(told: &Value, given: &[Parameter]) -> bool {
    let rows = told.as_array().map_or(&[][..], Vec::as_slice);
    given.iter().all(|one| rows.iter().any(|row| row["name"] == one.name && row["value"] == one.value))
}

pub(super) async fn run(caller: &Tsac, id: &str) -> Result<Run> {
    let told = caller.task(number(id)?).await?;
    let status = match &told.task_status {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    };
    let state = state(status.ok_or_else(|| Error::Strange("taskStatus is no number".into()))?);
    let out_parameters = told.out_parameters.into_iter().map(|it| Parameter::new(it.name, it.value)).collect();
    Ok(Run { state, message: told.message.filter(|text| !text.is_empty()), out_parameters })
}

pub(super) async fn stop(caller: &Tsac, id: &str) -> Result<()> {
    match caller.cancel(number(id)?).await {
        Err(Error::Refused { code, .. }) if ENDED.contains(&code.as_str()) => Ok(()),
        answer => answer,
    }
}

pub(super) async fn log(caller: &Tsac, id: &str, told: usize) -> Result<Vec<Line>> {
    let lines = caller.log(number(id)?, told).await?;
    let line = |line: crate::tsac::LogLine| Line {
        at: time(&line.log_time),
        level: line.log_level.to_ascii_lowercase().parse().unwrap_or(LogLevel::Info),
        message: line.message,
    };
    Ok(lines.into_iter().map(line).collect())
}

/// Times are printed in the server's zone, which for the standard's platforms is China's unless they are told otherwise.
fn time(text: &str) -> Option<i64> {
    let zone = TimeZone::get("Asia/Shanghai").ok()?;
    let time = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
    time.to_zoned(zone).ok().map(|at| at.timestamp().as_millisecond())
}

fn state(status: i64) -> RunState {
    match status {
        0 => RunState::Succeeded,
        1 => RunState::Failed,
        3 => RunState::Cancelled,
        4 => RunState::Paused,
        _ => RunState::Open,
    }
}

fn named(parameters: &[Parameter]) -> Vec<NamedValue> {
    let named = |one: &Parameter| NamedValue { name: one.name.clone(), value: one.value.clone() };
    parameters.iter().map(named).collect()
}

fn number(id: &str) -> Result<i64> {
    id.parse().map_err(|_| Error::Strange(format!("\"{id}\" is no id of this dialect")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_known_by_what_it_was_given() {
        let told = json!([{ "name": "file", "value": "a.xlsx" }, { "name": "rows", "value": "10" }]);
        let given = |value: &str| vec![Parameter::new("file", value)];
        assert!(has_parameters(&told, &given("a.xlsx")) && has_parameters(&told, &[]));
        assert!(!has_parameters(&told, &given("b.xlsx")) && !has_parameters(&Value::Null, &given("a.xlsx")));
    }

    #[test]
    fn times_are_chinas() {
        assert_eq!(time("2026-11-22 08:00:00"), Some(1_795_305_600_000));
        assert_eq!(time(""), None);
    }
}
