//! What running flows do with data queues, in the terms of the store.

use std::sync::Arc;

use baigong_model::{Error, Result};
use baigong_protocol::{Call, CallRequest, CallResult, NewQueueItem, QueueItem, QueueOrigin, QueueOutcome, TaskRef};
use baigong_store::{
    Tx,
    entity::{data_queue, task},
    queue_items as items, queues,
};
use serde_json::Value;

use super::{report::holder_of, storable};
use crate::{
    Platform,
    queue_items::{self, ItemInput, Taken},
};

/// A call of a flow, ready to be written.
pub(super) enum Work {
    Push(items::Push),
    Pop(items::Pop),
    Finish(items::Finish),
    /// What follows from an item, and its end.
    Forward(items::Push, items::Finish),
    Release(items::Held, i64, i64),
}

/// What the call asks of a queue; none where it asks for something else.
pub(super) async fn prepare(platform: &Platform, task: &task::Model, call: &Call) -> Result<Option<Work>> {
    let now = platform.now();
    Ok(Some(match &call.request {
        CallRequest::QueuePush { queue, items } => Work::Push(pushed(platform, task, (queue, items), now).await?),
        CallRequest::QueueForward { item_id, item_fence, outcome, queue, items } => {
            let Ending::Of(outcome) = ending(outcome)? else {
                return Err(Error::invalid("outcome", "an item that is given back has no other follow from it"));
            };
            let push = pushed(platform, task, (queue, items), now).await?;
            let (item_id, fence, vault) = (*item_id, *item_fence, queue_items::vault(platform));
            let finish = items::Finish { item_id, queue_id: None, holder: holder(call), fence, outcome, now, vault };
            Work::Forward(push, finish)
        }
        CallRequest::QueuePop { queue } => {
            let queue = queue_of(platform, task, queue).await?;
            need_robot(&queue, task)?;
            let lease_until = now + queue.lease_seconds * 1000;
            Work::Pop(items::Pop { queue_id: queue.id, holder: holder(call), lease_until, now })
        }
        CallRequest::QueueFinish { item_id, item_fence, outcome } => {
            let (item_id, fence, holder) = (*item_id, *item_fence, holder(call));
            match ending(outcome)? {
                Ending::Of(outcome) => {
                    let vault = queue_items::vault(platform);
                    Work::Finish(items::Finish { item_id, queue_id: None, holder, fence, outcome, now, vault })
                }
                Ending::Back(from) => {
                    let held = items::Held { item_id, queue_id: None, holder: holder.to_string(), fence };
                    Work::Release(held, from.unwrap_or(now), now)
                }
            }
        }
        _ => return Ok(None),
    }))
}

fn holder(call: &Call) -> Arc<str> {
    holder_of(TaskRef { task_id: call.task_id, fence: call.fence }).into()
}

async fn queue_of(platform: &Platform, task: &task::Model, name: &str) -> Result<data_queue::Model> {
    let found = queues::find_by_name(&platform.store, task.department_id, name).await?;
    found.ok_or_else(|| {
        let reason = format!("there is no data queue \"{name}\" in department {}: create it first", task.department_id);
        Error::NotFound { kind: "data queue", id: reason }
    })
}

/// Fails where the queue is for other robots.
fn need_robot(queue: &data_queue::Model, task: &task::Model) -> Result<()> {
    let mut robots = queue.robots.split_whitespace().filter_map(|id| id.parse::<i64>().ok()).peekable();
    match robots.peek().is_none() || robots.any(|id| Some(id) == task.robot_id) {
        true => Ok(()),
        false => Err(Error::Forbidden(format!("a robot that the data queue \"{}\" is for", queue.name))),
    }
}

async fn pushed(
    platform: &Platform,
    task: &task::Model,
    (queue, items): (&str, &[NewQueueItem]),
    now: i64,
) -> Result<items::Push> {
    let queue = queue_of(platform, task, queue).await?;
    let items = items.iter().map(|item| new_item(platform, &queue, item, now)).collect::<Result<_>>()?;
    Ok(items::Push { queue_id: queue.id, items, now })
}

fn new_item(platform: &Platform, queue: &data_queue::Model, item: &NewQueueItem, now: i64) -> Result<items::NewItem> {
    let input = ItemInput {
        payload: item.payload.clone(),
        reference: item.reference.clone(),
        priority: item.priority,
        available_at: item.available_at,
        deadline: item.deadline,
        is_secret: item.secret,
        ..ItemInput::default()
    };
    queue_items::checked(platform, queue, input, now)
}

enum Ending {
    /// It ended so.
    Of(items::Outcome),
    /// It goes back, to be taken again from then on.
    Back(Option<i64>),
}

fn ending(outcome: &QueueOutcome) -> Result<Ending> {
    Ok(Ending::Of(match outcome {
        QueueOutcome::Succeeded { output } => {
            items::Outcome::Succeeded(output.as_ref().map(serde_json::to_string).transpose().map_err(Error::internal)?)
        }
        QueueOutcome::BusinessFailure { reason } => items::Outcome::BusinessFailure(storable(reason)),
        QueueOutcome::ApplicationFailure { reason } => items::Outcome::ApplicationFailure(storable(reason)),
        QueueOutcome::Released { available_at } => return Ok(Ending::Back(*available_at)),
    }))
}

/// Does it; answers what came of it, and whether the answer must not be stored in the open.
pub(super) async fn run(platform: &Platform, tx: &Tx, work: Work) -> Result<(CallResult, bool)> {
    let result = match work {
        Work::Push(push) => CallResult::QueuePushed { item_ids: first(items::push(tx, Arc::new(vec![push])).await?)? },
        Work::Pop(pop) => {
            let taken = first(items::pop(tx, Arc::new(vec![pop])).await?)?;
            let opened = queue_items::opened(platform, taken.into_iter().collect()).await?;
            let taken = opened.into_iter().next();
            let is_secret = taken.as_ref().is_some_and(|taken| taken.row.is_secret);
            return Ok((CallResult::QueuePopped { item: taken.map(shown).transpose()? }, is_secret));
        }
        Work::Forward(push, finish) => {
            first(items::push(tx, Arc::new(vec![push])).await?)?;
            first(items::finish(tx, Arc::new(vec![finish])).await?)?;
            CallResult::QueueFinished
        }
        Work::Finish(finish) => {
            first(items::finish(tx, Arc::new(vec![finish])).await?)?;
            CallResult::QueueFinished
        }
        Work::Release(held, available_at, now) => {
            items::release(tx, &held, available_at, now).await?;
            CallResult::QueueFinished
        }
    };
    Ok((result, false))
}

fn first<T>(answers: Vec<Result<T>>) -> Result<T> {
    answers.into_iter().next().ok_or_else(|| Error::internal("a batch of one gave no answer"))?
}

fn shown(taken: Taken) -> Result<QueueItem> {
    let json = |text: &str| serde_json::from_str::<Value>(text).map_err(Error::internal);
    let origin = match taken.origin {
        Some(from) => {
            let output = from.output.as_deref().map(json).transpose()?;
            Some(QueueOrigin { item_id: from.item_id, output, reason: from.reason })
        }
        None => None,
    };
    Ok(QueueItem {
        item_id: taken.row.id,
        fence: taken.row.fence,
        payload: json(&taken.row.payload)?,
        reference: taken.row.reference,
        attempts: i64::from(taken.row.attempts) - 1,
        origin,
        secret: taken.row.is_secret,
    })
}

#[cfg(test)]
mod tests;
