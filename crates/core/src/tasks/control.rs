//! A step that a person takes on a task, whatever state it is in. Between the look and the write the task may move on; then
//! it is looked at again.

use baigong_model::{Error, Result, TaskState, TaskStep};
use baigong_protocol::{TaskNotice, TaskRef, ToRobot};
use baigong_store::{
    entity::task,
    own_tasks::MADE_ON_ROBOT,
    tasks::{self as rows, StepAnswer, StepRequest},
};
use serde_json::json;

use crate::{Caller, Platform, robot_sessions};

/// So often a task may move on meanwhile.
const TRIES: usize = 8;

/// What a person wants of a task in the state it is in.
pub(super) struct Wish {
    /// The step.
    pub(super) step: TaskStep,
    /// The word for the audit.
    pub(super) action: &'static str,
    /// For the task's message.
    pub(super) message: Option<String>,
}

/// Takes the step that `choose` names for the task's state. Answers the task as it was, and what became of it where there
/// was something to do.
pub(super) async fn step(
    platform: &Platform,
    caller: &Caller,
    id: i64,
    choose: impl Fn(&task::Model, TaskState) -> Result<Option<Wish>>,
) -> Result<(task::Model, Option<StepAnswer>)> {
    for _ in 0..TRIES {
        let row = rows::find(&platform.store, caller.scope(), id).await?.ok_or_else(|| Error::not_found("task", id))?;
        let state: TaskState = row.state.parse().map_err(|()| Error::internal("unknown task state"))?;
        let Some(wish) = choose(&row, state)? else { return Ok((row, None)) };
        if row.create_mode == MADE_ON_ROBOT {
            return Err(its_robots(&row));
        }
        let now = platform.now();
        let audit = caller.audit(now, wish.action, "task", Some(row.id), Some(row.department_id), &json!({}));
        let request = StepRequest {
            fence: Some(row.fence),
            seen: Some(state),
            message: wish.message,
            audit: Some(audit),
            ..StepRequest::new(row.id, wish.step, now)
        };
        match platform.hot.step.submit(request).await {
            Ok(answer) => {
                settle(platform, &answer);
                return Ok((row, Some(answer)));
            }
            Err(Error::Conflict(_) | Error::StaleFence { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::unavailable("the task changes too fast: try again"))
}

/// The error of a task that was made on a robot itself.
pub(super) fn its_robots(row: &task::Model) -> Error {
    let robot = row.robot_id.unwrap_or_default();
    Error::conflict(format!("the task was made on robot {robot}: only the robot's own interface can do this to it"))
}

/// The error of a task that nothing can be done to any more.
pub(super) fn ended(state: TaskState) -> Option<Error> {
    match state {
        TaskState::Cancelled => Some(Error::AlreadyCancelled),
        state if state.is_final() => Some(Error::AlreadyEnded),
        _ => None,
    }
}

/// What a robot is told that has to stop a task. Why is in the task's message already.
pub(crate) const TO_STOP: &str = "it was cancelled on the platform";

/// Tells whoever has to know. A robot that is connected to another node hears of it from there.
pub(crate) fn settle(platform: &Platform, answer: &StepAnswer) {
    platform.counted.stepped(answer);
    let row = &answer.before;
    let task = TaskRef { task_id: row.id, fence: row.fence };
    let notice = |reason: &str| TaskNotice { task_id: row.id, fence: row.fence, reason: reason.into() };
    if answer.state == TaskState::Queued {
        platform.dispatch.wake(row.pool_id);
    }
    let Some(robot) = row.robot_id else { return };
    let message = match (answer.state, answer.is_held) {
        (TaskState::Paused, true) => ToRobot::Pause(task),
        (TaskState::Running, _) => ToRobot::Resume(task),
        (TaskState::Stopping | TaskState::Cancelled, _) => ToRobot::Cancel(notice(TO_STOP)),
        _ => ToRobot::Stale(notice("the task was taken back before it had started")),
    };
    if !platform.links.send(robot, message) {
        // Its connection may be on another node, which then looks at once.
        platform.signals.robot(robot);
    }
    if !answer.is_held {
        robot_sessions::let_go(platform, robot, row.id);
    }
}
