//! The steps of the robot's own tasks: `TaskState` says which are legal.

use baigong_model::{Error, Result, TaskState, TaskStep};
use sea_orm::{ActiveModelTrait, EntityTrait};

use crate::{
    Tx,
    entity::task::{ActiveModel, Entity, Model},
    error::translate,
};

/// What happens to an own task.
#[derive(Debug, Clone)]
pub struct Step {
    /// The task.
    pub id: i64,
    /// The lease it comes from; none where a person asks.
    pub fence: Option<i64>,
    /// What happens.
    pub step: TaskStep,
    /// Why, for people.
    pub message: Option<String>,
    /// What came out, as JSON.
    pub out_parameters: Option<String>,
    /// When.
    pub now: i64,
}

/// Takes the step; how the task stands afterwards. `AlreadyEnded`, `AlreadyCancelled` or `Conflict` where it is not legal,
/// `StaleFence` where the lease is over.
pub async fn step(tx: &Tx, step: Step) -> Result<Model> {
    let found = Entity::find_by_id(step.id).one(tx).await.map_err(translate)?.filter(|task| task.is_own);
    let mut task = found.ok_or_else(|| Error::not_found("task", step.id))?;
    if let Some(given) = step.fence.filter(|given| *given != task.fence) {
        return Err(Error::StaleFence { given, current: task.fence });
    }
    let state = state_of(&task)?;
    let (next, is_held) = match state.leads(task.is_held, step.step) {
        Some(next) => next,
        None if state == TaskState::Cancelled => return Err(Error::AlreadyCancelled),
        None if state.is_final() => return Err(Error::AlreadyEnded),
        None => return Err(Error::conflict(format!("the task is {state}: this cannot be done with it now"))),
    };
    // A step of a lease means nothing to a task that no run holds any more.
    if step.fence.is_some() && !task.is_held {
        return Err(Error::StaleFence { given: task.fence, current: task.fence - 1 });
    }
    task.state = next.to_string();
    task.is_held = is_held && !next.is_final();
    match next {
        TaskState::Paused if task.paused_at.is_none() => task.paused_at = Some(step.now),
        TaskState::Queued | TaskState::Running => {
            if let Some(paused_at) = task.paused_at.take() {
                // Time in which it is paused does not count as waiting.
                task.wait_until = task.wait_until.map(|until| until + (step.now - paused_at));
            }
        }
        _ => {}
    }
    match step.step {
        TaskStep::Start => task.started_at = Some(step.now),
        TaskStep::RunAgain => {
            task.started_at = None;
            task.wait_until = (task.max_wait_minutes > 0).then(|| step.now + task.max_wait_minutes * 60_000);
        }
        _ => {}
    }
    if next.is_final() {
        (task.ended_at, task.paused_at) = (Some(step.now), None);
    }
    if step.message.is_some() {
        task.message = step.message;
    }
    if step.out_parameters.is_some() {
        task.out_parameters = step.out_parameters;
    }
    task.revision += 1;
    ActiveModel::from(task.clone()).reset_all().update(tx).await.map_err(translate)?;
    Ok(task)
}

/// The state as a word of the table.
pub(crate) fn state_of(task: &Model) -> Result<TaskState> {
    task.state.parse().map_err(|()| Error::internal(format!("unknown task state {}", task.state)))
}
