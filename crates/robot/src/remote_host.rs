//! The world of a flow that runs for the platform: logs go to the spool, progress and calls to the uplink.

use std::{
    borrow::Cow,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use baigong_flow::{
    Credential, HeldItem, Host, HostError, NewQueueItem, QueueItem, QueueOrigin, QueueOutcome, ScreenCover, StepEvent,
    StepState,
};
use baigong_model::{Clock, LogLevel, Secret};
use baigong_protocol as protocol;
use baigong_protocol::sealing::{CallId, RobotKey};
use baigong_protocol::{CallError, CallRequest, CallResult, FromRobot, Progress, TaskRef, paths};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    calls::Calls,
    link::Link,
    own::telling,
    recording::RunScreen,
    robot::Robot,
    spool::TaskLog,
    timer,
    transfer::{Transfer, TransferError},
};

/// Progress events a task may send at once, and how many more each second: a loop over a hundred thousand rows must not
/// drown the platform.
const BURST: f64 = 100.0;
const PER_SECOND: f64 = 20.0;

/// So often a file is tried again.
const TRIES: u32 = 5;

/// Where a file of a queue item lies: among what a task left behind.
#[derive(Serialize, Deserialize)]
struct Kept {
    task: i64,
    artifact: String,
}

/// The world of one task.
pub(crate) struct RemoteHost {
    pub(crate) task: TaskRef,
    pub(crate) log: Arc<TaskLog>,
    pub(crate) link: Arc<Link>,
    pub(crate) calls: Arc<Calls>,
    pub(crate) key: Arc<RobotKey>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sequence: AtomicI64,
    pub(crate) allowance: Mutex<Allowance>,
    pub(crate) transfer: Arc<Transfer>,
    /// How many files of queue items it has kept.
    pub(crate) files: AtomicU64,
    /// The run's screen.
    pub(crate) screen: Option<Arc<RunScreen>>,
    /// Of a task that was made on this robot, for what the platform has.
    pub(crate) own: Option<Arc<Robot>>,
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
        self.numbered(request).await.map(|(_, result)| result)
    }

    /// The same, with the number of the call: what is sealed is sealed for it.
    async fn numbered(&self, request: CallRequest) -> Result<(CallId, CallResult), HostError> {
        let (link, task) = self.asked().await?;
        let answer = self.calls.call(link, task, request).await;
        let (call_id, result) = answer.map_err(|CallError { code, message }| HostError { code, message })?;
        Ok((CallId { task_id: task.task_id, fence: task.fence, call_id }, result))
    }

    /// Whom queues, assets, credentials and files of items are asked of, and what the task is called there.
    async fn asked(&self) -> Result<(&Link, TaskRef), HostError> {
        let Some(robot) = &self.own else { return Ok((&self.link, self.task)) };
        let not_now = |code: &str, message: &str| HostError { code: code.into(), message: message.into() };
        if robot.transfer.platform().is_none() {
            let why =
                "data queues, assets and credentials are a platform's, and this robot stands alone: connect it to one";
            return Err(not_now("notSupported", why));
        }
        let task = telling::as_the_platform_knows(robot, self.task).await;
        let away = || not_now("unavailable", "the platform is away: it has the data queues, assets and credentials");
        task.map(|task| (&*robot.link, task)).ok_or_else(away)
    }

    /// Data that the platform will keep, without the secrets of this run.
    fn without_secrets(&self, data: Value) -> Value {
        self.log.masks().hide_in_value(data)
    }

    /// Hides every value within the data of a secret item.
    fn keep_all_quiet(&self, data: &Value) {
        match data {
            Value::Array(items) => items.iter().for_each(|item| self.keep_all_quiet(item)),
            Value::Object(fields) => fields.values().for_each(|field| self.keep_all_quiet(field)),
            Value::Null | Value::Bool(_) => {}
            value => self.keep_quiet(value),
        }
    }

    fn new_item(&self, item: NewQueueItem) -> protocol::NewQueueItem {
        protocol::NewQueueItem {
            // What is kept sealed may hold what must not be seen.
            payload: if item.secret { item.payload } else { self.without_secrets(item.payload) },
            reference: item.reference.map(|reference| self.hide_in_data(&reference).into_owned()),
            priority: item.priority,
            available_at: item.available_at,
            deadline: item.deadline,
            secret: item.secret,
        }
    }

    fn told(&self, outcome: QueueOutcome) -> protocol::QueueOutcome {
        match outcome {
            QueueOutcome::Succeeded { output } => {
                protocol::QueueOutcome::Succeeded { output: output.map(|output| self.without_secrets(output)) }
            }
            QueueOutcome::BusinessFailure { reason } => {
                protocol::QueueOutcome::BusinessFailure { reason: self.hide(&reason).into_owned() }
            }
            QueueOutcome::ApplicationFailure { reason } => {
                protocol::QueueOutcome::ApplicationFailure { reason: self.hide(&reason).into_owned() }
            }
            QueueOutcome::Released { available_at } => protocol::QueueOutcome::Released { available_at },
        }
    }

    /// Transfers a file, again while that may help.
    async fn patiently<F: Future<Output = Result<(), TransferError>>>(
        &self,
        transfer: impl Fn() -> F,
    ) -> Result<(), HostError> {
        let error = |code: &str, message: String| HostError { code: code.into(), message };
        let mut tries = 0;
        loop {
            match transfer().await {
                Ok(()) => return Ok(()),
                Err(TransferError::Later(_)) if tries < TRIES => {
                    tries += 1;
                    timer::after(Duration::from_millis(200 << tries)).await;
                }
                Err(TransferError::Later(text)) => return Err(error("unavailable", text)),
                Err(TransferError::Never(text)) => return Err(error("invalid", text)),
                Err(TransferError::Stale) => return Err(error("conflict", "the task is over for the platform".into())),
            }
        }
    }

    /// Hides every text in a secret value from now on.
    fn keep_quiet(&self, value: &Value) {
        match value {
            Value::String(text) => self.log.masks().add(text),
            other => self.log.masks().add(&other.to_string()),
        }
    }
}

fn not_ours() -> HostError {
    let message = "the platform sealed the secret to another robot or another call".to_owned();
    HostError { code: "notSupported".into(), message }
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

    fn cover_screen(&self) -> ScreenCover {
        Box::new(self.screen.as_ref().and_then(|screen| screen.cover()))
    }

    async fn look_at_end(&self) {
        if let Some(screen) = &self.screen {
            screen.look_at_end().await;
        }
    }

    fn step(&self, event: StepEvent) {
        if let Some(screen) = self.screen.as_ref().filter(|_| event.state == StepState::Started) {
            screen.step(&self.hide(&event.title));
        }
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
            path: self.hide(&event.path).into_owned(),
            title: self.hide(&event.title).into_owned(),
            state,
        }));
    }

    async fn queue_push(&self, queue: &str, items: Vec<NewQueueItem>) -> Result<Vec<i64>, HostError> {
        let items = items.into_iter().map(|item| self.new_item(item));
        match self.call(CallRequest::QueuePush { queue: queue.into(), items: items.collect() }).await? {
            CallResult::QueuePushed { item_ids } => Ok(item_ids),
            _ => Err(unexpected("the push into a queue")),
        }
    }

    async fn queue_pop(&self, queue: &str) -> Result<Option<QueueItem>, HostError> {
        match self.call(CallRequest::QueuePop { queue: queue.into() }).await? {
            CallResult::QueuePopped { item } => Ok(item.map(|item| {
                if item.secret {
                    self.keep_all_quiet(&item.payload);
                }
                let origin = |from: protocol::QueueOrigin| QueueOrigin {
                    item_id: from.item_id,
                    output: from.output,
                    reason: from.reason,
                };
                QueueItem {
                    item_id: item.item_id,
                    fence: item.fence,
                    payload: item.payload,
                    reference: item.reference,
                    attempts: item.attempts,
                    origin: item.origin.map(origin),
                }
            })),
            _ => Err(unexpected("the request for a queue item")),
        }
    }

    async fn queue_finish(&self, item_id: i64, fence: i64, outcome: QueueOutcome) -> Result<(), HostError> {
        let outcome = self.told(outcome);
        match self.call(CallRequest::QueueFinish { item_id, item_fence: fence, outcome }).await? {
            CallResult::QueueFinished => Ok(()),
            _ => Err(unexpected("the end of a queue item")),
        }
    }

    async fn queue_forward(
        &self,
        held: HeldItem,
        outcome: QueueOutcome,
        queue: &str,
        items: Vec<NewQueueItem>,
    ) -> Result<(), HostError> {
        let request = CallRequest::QueueForward {
            item_id: held.item_id,
            item_fence: held.fence,
            outcome: self.told(outcome),
            queue: queue.into(),
            items: items.into_iter().map(|item| self.new_item(item)).collect(),
        };
        match self.call(request).await? {
            CallResult::QueueFinished => Ok(()),
            _ => Err(unexpected("the end of a queue item")),
        }
    }

    async fn keep_file(&self, name: &str, path: &Path) -> Result<Value, HostError> {
        // Two files of one run may have one name.
        let number = self.files.fetch_add(1, Ordering::Relaxed) + 1;
        let (_, task) = self.asked().await?;
        let kept = Kept { task: task.task_id, artifact: format!("{}{number}/{name}", paths::KEPT_FILES) };
        self.patiently(|| self.transfer.upload(task, &kept.artifact, path)).await?;
        serde_json::to_value(kept).map_err(|error| HostError { code: "internal".into(), message: error.to_string() })
    }

    async fn fetch_file(&self, kept: &Value, into: &Path) -> Result<(), HostError> {
        let kept: Kept = serde_json::from_value(kept.clone()).map_err(|_| HostError {
            code: "notFound".into(),
            message: format!("{kept} does not say where the file of the queue item is kept"),
        })?;
        let (_, task) = self.asked().await?;
        self.patiently(|| self.transfer.kept_file(task, (kept.task, &kept.artifact), into)).await
    }

    async fn asset(&self, name: &str) -> Result<Value, HostError> {
        let request = CallRequest::AssetGet { name: name.into(), key: self.key.public().to_owned() };
        let (id, result) = self.numbered(request).await?;
        match result {
            CallResult::Asset { value } => Ok(value),
            CallResult::Sealed { value } => {
                let value = self.key.open(id, &value).ok_or_else(not_ours)?;
                self.keep_quiet(&value);
                Ok(value)
            }
            _ => Err(unexpected("the request for an asset")),
        }
    }

    async fn credential(&self, name: &str) -> Result<Credential, HostError> {
        let request = CallRequest::CredentialGet { name: name.into(), key: self.key.public().to_owned() };
        let (id, result) = self.numbered(request).await?;
        let CallResult::Sealed { value } = result else { return Err(unexpected("the request for a credential")) };
        let opened = self.key.open(id, &value).ok_or_else(not_ours)?;
        let found: protocol::Credential = serde_json::from_value(opened).map_err(|_| not_ours())?;
        let password = Secret::new(found.password);
        self.log.masks().add(password.expose());
        Ok(Credential { username: found.username, password })
    }

    fn keep_secret(&self, secret: &str) {
        self.log.masks().add(secret);
    }

    fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.log.masks().hide(text)
    }

    fn hide_in_data<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.log.masks().hide_in_data(text)
    }

    fn longest_secret(&self) -> usize {
        self.log.masks().longest()
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
