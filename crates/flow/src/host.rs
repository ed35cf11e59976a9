//! What a running flow may ask of whoever runs it: the robot (through the platform) or a local run without a platform.

use std::{borrow::Cow, path::Path};

use async_trait::async_trait;
use baigong_model::{LogLevel, Secret};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why the host could not do it; shown to the author of the flow.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct HostError {
    /// A short code a flow can match in `catch`: "notFound", "conflict", "unavailable", …
    pub code: String,
    /// What happened, in words an accountant can act on.
    pub message: String,
}

/// An item to be put into a data queue.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewQueueItem {
    /// The item's data, any JSON.
    pub payload: Value,
    /// A text that is unique in the queue; pushing it again is a conflict.
    pub reference: Option<String>,
    /// 0 high, 1 middle, 2 low; as the queue says where it is not given.
    pub priority: Option<i64>,
    /// Not before then, milliseconds since the epoch.
    pub available_at: Option<i64>,
    /// Not after then, milliseconds since the epoch.
    pub deadline: Option<i64>,
    /// Its data is kept sealed and shown only to who takes it.
    pub secret: bool,
}

/// An item taken from a data queue, held by this task until it is finished.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueItem {
    /// The item's id.
    pub item_id: i64,
    /// The lease's number, to be given back on finish.
    pub fence: i64,
    /// The item's data.
    pub payload: Value,
    /// Its unique text, if any.
    pub reference: Option<String>,
    /// How often it has been tried before.
    pub attempts: i64,
    /// Where it was forwarded from.
    pub origin: Option<QueueOrigin>,
}

/// An item that this task holds, by its id and the number of its lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldItem {
    /// The item's id.
    pub item_id: i64,
    /// The lease's number.
    pub fence: i64,
}

/// The item of another queue that an item was forwarded from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueOrigin {
    /// Its id.
    pub item_id: i64,
    /// What came out of it.
    pub output: Option<Value>,
    /// Why it failed.
    pub reason: Option<String>,
}

/// An account of another system.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The account.
    pub username: String,
    /// Its password.
    pub password: Secret<String>,
}

/// How the work on a queue item ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "outcome")]
pub enum QueueOutcome {
    /// Done.
    Succeeded {
        /// What came out, any JSON.
        output: Option<Value>,
    },
    /// The data is wrong: it is not retried.
    BusinessFailure {
        /// Why.
        reason: String,
    },
    /// Something broke: it is retried as the queue allows.
    ApplicationFailure {
        /// Why.
        reason: String,
    },
    /// It is given back untried.
    Released {
        /// To be taken again from then on, milliseconds since the epoch; at once where it is not given.
        available_at: Option<i64>,
    },
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StepState {
    /// It began.
    Started,
    /// It ended well.
    Succeeded,
    /// It ended with an error.
    Failed,
}

/// One event of the progress of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepEvent {
    /// The step's own id.
    pub step: String,
    /// Where it is: "main.flow.yaml › forEach rows [12] › writeRow".
    pub path: String,
    /// Its title or its action's name.
    pub title: String,
    /// What happened to it.
    pub state: StepState,
}

/// While it lives, nobody sees the robot's screen: see [`Host::cover_screen`].
pub type ScreenCover = Box<dyn Send + Sync>;

/// The world of a running flow.
#[async_trait]
pub trait Host: Send + Sync {
    /// A line for the task log.
    fn log(&self, level: LogLevel, message: &str);
    /// A step began or ended.
    fn step(&self, event: StepEvent);
    /// Puts items into the data queue called `queue`; all or none. Returns their ids.
    async fn queue_push(&self, queue: &str, items: Vec<NewQueueItem>) -> Result<Vec<i64>, HostError>;
    /// Takes the next item of the data queue called `queue`; `None` when there is none.
    async fn queue_pop(&self, queue: &str) -> Result<Option<QueueItem>, HostError>;
    /// Ends the work on an item.
    async fn queue_finish(&self, item_id: i64, fence: i64, outcome: QueueOutcome) -> Result<(), HostError>;
    /// Ends the work on an item and puts `items` into the data queue called `queue`: both or neither.
    async fn queue_forward(
        &self,
        held: HeldItem,
        outcome: QueueOutcome,
        queue: &str,
        items: Vec<NewQueueItem>,
    ) -> Result<(), HostError> {
        self.queue_push(queue, items).await?;
        self.queue_finish(held.item_id, held.fence, outcome).await
    }
    /// Keeps the file at `path` for whoever takes the item that the answer is put into; see [`Host::fetch_file`].
    async fn keep_file(&self, name: &str, path: &Path) -> Result<Value, HostError> {
        let message = format!("files of queue items cannot be kept here: {name} ({})", path.display());
        Err(HostError { code: "notSupported".into(), message })
    }
    /// Writes into `into`, which does not exist yet, the file that [`Host::keep_file`] answered `kept` for.
    async fn fetch_file(&self, kept: &Value, into: &Path) -> Result<(), HostError> {
        let message = format!("files of queue items are not kept here: {kept} for {}", into.display());
        Err(HostError { code: "notSupported".into(), message })
    }
    /// The value of the asset called `name`.
    async fn asset(&self, name: &str) -> Result<Value, HostError>;
    /// The account that is kept as the credential called `name`. From then on its password is hidden in all that the run says.
    async fn credential(&self, name: &str) -> Result<Credential, HostError> {
        let message = format!("there are no credentials here, and none called \"{name}\"");
        Err(HostError { code: "notSupported".into(), message })
    }
    /// From now on `secret` is hidden in all that the run says: for a secret within what was fetched.
    fn keep_secret(&self, secret: &str) {
        let _ = secret;
    }
    /// Covers the robot's screen in recordings and live views until the cover is dropped. Every action that types a secret, or
    /// shows one on the screen, holds it meanwhile: what is on the screen after this call returned is in no picture.
    fn cover_screen(&self) -> ScreenCover {
        Box::new(())
    }
    /// The run has failed, or is about to be stopped: the last moment to see what is on its screen.
    async fn look_at_end(&self) {}
    /// `text` without the secrets that the run has fetched: for whoever cuts or keeps a text before [`Host::log`] sees it.
    fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(text)
    }
    /// The same for data, which loses only what cannot stand there by chance.
    fn hide_in_data<'t>(&self, text: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(text)
    }
    /// The bytes of the longest form of a secret that the run has fetched: whoever cuts a text hides so much beyond the cut.
    fn longest_secret(&self) -> usize {
        0
    }
}
