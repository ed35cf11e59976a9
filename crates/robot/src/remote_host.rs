//! The world of a flow that runs for the platform: logs go to the spool, progress and calls to the uplink.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use async_trait::async_trait;
use baigong_flow::{Host, HostError, NewQueueItem, QueueItem, QueueOutcome, StepEvent, StepState};
use baigong_model::{Clock, LogLevel};
use baigong_protocol as protocol;
use baigong_protocol::{CallError, CallRequest, CallResult, FromRobot, Progress, TaskRef};
use serde_json::Value;

use crate::{calls::Calls, link::Link, spool::TaskLog};

/// Progress events a task may send at once, and how many more each second: a loop over a hundred thousand rows must not
/// drown the platform.
const BURST: f64 = 100.0;
const PER_SECOND: f64 = 20.0;

/// The world of one task.
pub(crate) struct RemoteHost {
    pub(crate) task: TaskRef,
    pub(crate) log: Arc<TaskLog>,
    pub(crate) link: Arc<Link>,
    pub(crate) calls: Arc<Calls>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sequence: AtomicI64,
    pub(crate) allowance: Mutex<Allowance>,
}

/// How many progress events may be sent now.
pub(crate) struct Allowance {
    left: f64,
    at: i64,
}

impl Allowance {
    /// The full allowance.
    pub(crate) fn new(now: i64) -> Self {
        Self { left: BURST, at: now }
    }

    fn take(&mut self, now: i64) -> bool {
        let passed = (now - self.at).clamp(0, 60_000) as f64 / 1000.0;
        self.at = now;
        self.left = (self.left + passed * PER_SECOND).min(BURST);
        let allowed = self.left >= 1.0;
        if allowed {
            self.left -= 1.0;
        }
        allowed
    }
}

impl RemoteHost {
    async fn call(&self, request: CallRequest) -> Result<CallResult, HostError> {
        let answer = self.calls.call(&self.link, self.task, request).await;
        answer.map_err(|CallError { code, message }| HostError { code, message })
    }
}

fn unexpected(asked: &str) -> HostError {
    let message = format!("the platform answered {asked} in a way this robot does not understand: update the robot");
    HostError { code: "notSupported".into(), message }
}

#[async_trait]
impl Host for RemoteHost {
    fn log(&self, level: LogLevel, message: &str) {
        self.log.write(level, message);
    }

    fn step(&self, event: StepEvent) {
        let allowed = self.allowance.lock().unwrap_or_else(PoisonError::into_inner).take(self.clock.now());
        if !allowed && event.state != StepState::Failed {
            return;
        }
        let state = match event.state {
            StepState::Started => protocol::StepState::Started,
            StepState::Succeeded => protocol::StepState::Succeeded,
            StepState::Failed => protocol::StepState::Failed,
        };
        self.link.offer(&FromRobot::Progress(Progress {
            task_id: self.task.task_id,
            fence: self.task.fence,
            sequence: self.sequence.fetch_add(1, Ordering::Relaxed) + 1,
            step: event.step,
            path: event.path,
            title: event.title,
            state,
        }));
    }

    async fn queue_push(&self, queue: &str, items: Vec<NewQueueItem>) -> Result<Vec<i64>, HostError> {
        let items = items.into_iter().map(|NewQueueItem { payload, reference, priority }| protocol::NewQueueItem {
            payload,
            reference,
            priority,
        });
        match self.call(CallRequest::QueuePush { queue: queue.into(), items: items.collect() }).await? {
            CallResult::QueuePushed { item_ids } => Ok(item_ids),
            _ => Err(unexpected("the push into a queue")),
        }
    }

    async fn queue_pop(&self, queue: &str) -> Result<Option<QueueItem>, HostError> {
        match self.call(CallRequest::QueuePop { queue: queue.into() }).await? {
            CallResult::QueuePopped { item } => Ok(item.map(|item| QueueItem {
                item_id: item.item_id,
                fence: item.fence,
                payload: item.payload,
                reference: item.reference,
                attempts: item.attempts,
            })),
            _ => Err(unexpected("the request for a queue item")),
        }
    }

    async fn queue_finish(&self, item_id: i64, fence: i64, outcome: QueueOutcome) -> Result<(), HostError> {
        let outcome = match outcome {
            QueueOutcome::Succeeded { output } => protocol::QueueOutcome::Succeeded { output },
            QueueOutcome::BusinessFailure { reason } => protocol::QueueOutcome::BusinessFailure { reason },
            QueueOutcome::ApplicationFailure { reason } => protocol::QueueOutcome::ApplicationFailure { reason },
        };
        match self.call(CallRequest::QueueFinish { item_id, item_fence: fence, outcome }).await? {
            CallResult::QueueFinished => Ok(()),
            _ => Err(unexpected("the end of a queue item")),
        }
    }

    async fn asset(&self, name: &str) -> Result<Value, HostError> {
        match self.call(CallRequest::AssetGet { name: name.into() }).await? {
            CallResult::Asset { value } => Ok(value),
            _ => Err(unexpected("the request for an asset")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_bounded_in_rate_and_recovers() {
        let mut allowance = Allowance::new(1000);
        assert_eq!((0..500).filter(|_| allowance.take(1000)).count(), 100);
        assert_eq!((0..500).filter(|_| allowance.take(2000)).count(), 20);
        assert_eq!((0..500).filter(|_| allowance.take(3_600_000)).count(), 100);
    }
}
