//! What this robot answers to the runs of its own tasks. Whatever came together is decided in one transaction, and answered
//! after its commit.

use std::{sync::Arc, time::Duration};

use baigong_model::{Error, Result, TaskState, TaskStep};
use baigong_package::in_parameters;
use baigong_protocol::{
    Declined, Failure, FromRobot, Log, LogAck, Outcome, Report, TaskNotice, TaskRef, ToRobot, decode,
};
use baigong_robot_store::{
    Tx,
    entity::task_log,
    task_logs,
    tasks::{self as rows, Step},
};
use futures_util::FutureExt;
use tokio::sync::mpsc;

use crate::{robot::Robot, session, timer};

/// Frames that share a commit at most.
const TOGETHER: usize = 256;
/// After a failed write the next is tried so much later.
const RETRY: Duration = Duration::from_secs(1);
/// After a task was turned down no other is begun for so long.
const REST: Duration = Duration::from_secs(5);

/// Answers until the link is gone.
pub(super) async fn answer_runs(robot: Arc<Robot>, mut frames: mpsc::Receiver<String>) {
    let mut batch = Vec::with_capacity(TOGETHER);
    while frames.recv_many(&mut batch, TOGETHER).await > 0 {
        let heard: Vec<FromRobot> = batch.drain(..).filter_map(|text| decode(&text).ok()).collect();
        let now = robot.options.clock.now();
        let answers = loop {
            let again = heard.clone();
            let written =
                robot.own.store.write(move |tx| async move { decide_all(tx, again, now).await }.boxed()).await;
            match written {
                Ok(answers) => break answers,
                Err(error) => {
                    tracing::error!(%error, "what the robot's own tasks do cannot be written down yet");
                    timer::after(RETRY).await;
                }
            }
        };
        if heard.iter().any(|message| matches!(message, FromRobot::Declined(_))) {
            let later = Arc::clone(&robot);
            robot.crew.spawn(async move {
                timer::after(REST).await;
                later.own.wake();
            });
        }
        if heard.iter().any(|message| matches!(message, FromRobot::Report(_))) {
            robot.own.wake();
        }
        robot.own.changed();
        for answer in answers {
            session::hear(&robot, answer);
        }
    }
}

async fn decide_all(tx: &Tx, heard: Vec<FromRobot>, now: i64) -> Result<Vec<ToRobot>> {
    let mut answers = Vec::with_capacity(heard.len());
    for message in heard {
        answers.extend(decide(tx, message, now).await?);
    }
    Ok(answers)
}

/// The answer to one message; an error only where the database has one.
async fn decide(tx: &Tx, message: FromRobot, now: i64) -> Result<Option<ToRobot>> {
    Ok(match message {
        FromRobot::Start(task) => Some(start(tx, task, now).await?),
        FromRobot::Declined(declined) => {
            returned(tx, declined, now).await?;
            None
        }
        FromRobot::Log(log) => Some(ToRobot::LogAck(keep(tx, log).await?)),
        FromRobot::Report(report) => Some(ToRobot::ReportAck(ended(tx, report, now).await?)),
        // Calls go to the platform, where there is one. Where a task is, only the lines of its log tell; that it stands still, whoever asked for it has written down.
        _ => None,
    })
}

fn taken(task: TaskRef, step: TaskStep, now: i64) -> Step {
    Step { id: task.task_id, fence: Some(task.fence), step, message: None, out_parameters: None, now }
}

/// May it start? A question that is asked again is answered alike.
async fn start(tx: &Tx, task: TaskRef, now: i64) -> Result<ToRobot> {
    let refused = |reason: String| ToRobot::Refused(TaskNotice { task_id: task.task_id, fence: task.fence, reason });
    match rows::step(tx, taken(task, TaskStep::Start, now)).await {
        Ok(_) => Ok(ToRobot::Granted(task)),
        Err(error) if is_fault(&error) => Err(error),
        Err(error) => {
            let began = rows::held_under(tx, task.task_id, task.fence).await?;
            let began = began.is_some_and(|state| state != TaskState::Assigned);
            Ok(if began { ToRobot::Granted(task) } else { refused(error.to_string()) })
        }
    }
}

/// It was turned down before it began: it waits again.
async fn returned(tx: &Tx, declined: Declined, now: i64) -> Result<()> {
    let task = TaskRef { task_id: declined.task_id, fence: declined.fence };
    let step = Step { message: Some(format!("not begun: {}", declined.reason)), ..taken(task, TaskStep::Return, now) };
    unless_late(rows::step(tx, step).await)
}

async fn keep(tx: &Tx, log: Log) -> Result<LogAck> {
    let last_sequence = log.last_sequence();
    let lines = serde_json::to_string(&log.lines).map_err(Error::internal)?;
    let (task_id, fence) = (log.task_id, log.fence);
    let row = task_log::Model { id: 0, task_id, fence, first_sequence: log.first_sequence, lines, is_told: false };
    task_logs::put(tx, row).await?;
    Ok(LogAck { task_id, fence, last_sequence })
}

/// How it ended. A run that was broken off is lost, unless its package says that it may run again: nobody knows how far it came.
async fn ended(tx: &Tx, report: Report, now: i64) -> Result<TaskRef> {
    let task = TaskRef { task_id: report.task_id, fence: report.fence };
    let steps: &[TaskStep] = match (report.outcome, report.failure) {
        (Outcome::Succeeded, _) => &[TaskStep::Succeed],
        (Outcome::Cancelled, _) => &[TaskStep::Cancel],
        (Outcome::RunExpired, _) => &[TaskStep::ExpireRunning],
        (Outcome::Failed, Some(Failure::Interrupted)) if rows::is_retry_safe(tx, task.task_id).await? => {
            // One that was to be cancelled is not run again.
            &[TaskStep::RunAgain, TaskStep::Cancel]
        }
        (Outcome::Failed, Some(Failure::Interrupted)) => &[TaskStep::Lose],
        (Outcome::Failed, _) => &[TaskStep::Fail],
    };
    let out_parameters = in_parameters::to_text(&report.out_parameters)?;
    for step in steps {
        let (message, out_parameters) = (report.message.clone(), Some(out_parameters.clone()));
        match rows::step(tx, Step { message, out_parameters, ..taken(task, *step, now) }).await {
            Err(Error::Conflict(_)) => {}
            other => {
                unless_late(other)?;
                break;
            }
        }
    }
    Ok(task)
}

/// What came too late changes nothing.
fn unless_late<T>(taken: Result<T>) -> Result<()> {
    match taken {
        Err(error) if is_fault(&error) => Err(error),
        Err(error) => {
            tracing::info!(%error, "a word of an own task came too late");
            Ok(())
        }
        Ok(_) => Ok(()),
    }
}

fn is_fault(error: &Error) -> bool {
    matches!(error, Error::Internal(_) | Error::Unavailable(_))
}
