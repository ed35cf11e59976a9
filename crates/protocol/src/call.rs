//! What a running task asks of the platform through its robot: queues, assets, credentials. A call is identified by
//! `(taskId, fence, callId)` and sent again after a reconnect; the platform does it once and answers a repetition alike.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// Grows with each call of the agent; never used twice for one task and lease.
    pub call_id: i64,
    /// The task on whose behalf it is made.
    pub task_id: i64,
    /// The number of the task's lease.
    pub fence: i64,
    /// What is asked.
    pub request: CallRequest,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum CallRequest {
    /// Put items into a queue, all or none. Answered by [`CallResult::QueuePushed`].
    QueuePush {
        /// The queue's name.
        queue: String,
        /// The items.
        items: Vec<NewQueueItem>,
    },
    /// Take the next item. Answered by [`CallResult::QueuePopped`].
    QueuePop {
        /// The queue's name.
        queue: String,
    },
    /// End the work on an item. Answered by [`CallResult::QueueFinished`].
    QueueFinish {
        /// The item.
        item_id: i64,
        /// The number of the item's lease (not the task's).
        item_fence: i64,
        /// How it ended.
        outcome: QueueOutcome,
    },
    /// End the work on an item and put others into a queue, both or neither. Answered by [`CallResult::QueueFinished`].
    QueueForward {
        /// The item.
        item_id: i64,
        /// The number of the item's lease (not the task's).
        item_fence: i64,
        /// How it ended.
        outcome: QueueOutcome,
        /// The name of the queue of the others.
        queue: String,
        /// The others.
        items: Vec<NewQueueItem>,
    },
    /// The value of an asset. Answered by [`CallResult::Asset`], where it is secret by [`CallResult::Sealed`].
    AssetGet {
        /// The asset's name.
        name: String,
        /// The key to seal a secret one to: [`crate::sealing::RobotKey::public`].
        #[serde(default)]
        key: String,
    },
    /// A credential. Answered by [`CallResult::Sealed`] of a [`Credential`].
    CredentialGet {
        /// The credential's name.
        name: String,
        /// The key to seal it to: [`crate::sealing::RobotKey::public`].
        key: String,
    },
    /// A request of a newer robot: answer with an error of code "notSupported".
    #[serde(other)]
    Unknown,
}

/// A credential, inside its seal. It has no `Debug`, so that it cannot be logged.
#[derive(Clone, Serialize, Deserialize)]
pub struct Credential {
    /// The account.
    pub username: String,
    /// Its password.
    pub password: String,
}

/// An item to be put into a data queue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewQueueItem {
    /// Any JSON.
    #[serde(default)]
    pub payload: Value,
    /// A text that is unique in the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// 0 high, 1 middle, 2 low; none = as the queue says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i64>,
    /// Not before then, milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_at: Option<i64>,
    /// Not after then, milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<i64>,
    /// Its data is kept sealed and shown only to who takes it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
}

/// An item taken from a data queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueItem {
    /// The item.
    pub item_id: i64,
    /// The number of the item's lease, to be given back on finish.
    pub fence: i64,
    /// Its data.
    #[serde(default)]
    pub payload: Value,
    /// Its unique text.
    #[serde(default)]
    pub reference: Option<String>,
    /// How often it has been tried before.
    #[serde(default)]
    pub attempts: i64,
    /// Where it was forwarded from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<QueueOrigin>,
    /// Its data must not be shown anywhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
}

/// The item of another queue that an item was forwarded from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueOrigin {
    /// Its id.
    pub item_id: i64,
    /// What came out of it.
    #[serde(default)]
    pub output: Option<Value>,
    /// Why it failed.
    #[serde(default)]
    pub reason: Option<String>,
}

/// How the work on a queue item ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum QueueOutcome {
    /// Done.
    Succeeded {
        /// What came out, any JSON.
        #[serde(default)]
        output: Option<Value>,
    },
    /// The data is wrong: it is not retried.
    BusinessFailure {
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// Something broke: it is retried as the queue allows.
    ApplicationFailure {
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// It is given back untried.
    Released {
        /// To be taken again from then on, milliseconds since the epoch; none = at once.
        #[serde(default)]
        available_at: Option<i64>,
    },
}

/// The answer to a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    /// The call's number.
    pub call_id: i64,
    /// The task of the call.
    pub task_id: i64,
    /// The lease of the call.
    pub fence: i64,
    /// `{"result": …}` or `{"error": …}`.
    pub answer: CallAnswer,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CallAnswer {
    /// It was done.
    Result(CallResult),
    /// It was not done.
    Error(CallError),
}

/// Results, by request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum CallResult {
    /// The items are in the queue.
    QueuePushed {
        /// Their ids, in the order of the request.
        item_ids: Vec<i64>,
    },
    /// An item, or none waiting.
    QueuePopped {
        /// The item.
        #[serde(default)]
        item: Option<QueueItem>,
    },
    /// The item is finished.
    QueueFinished,
    /// The asset.
    Asset {
        /// Its value: text, number, truth value or JSON.
        #[serde(default)]
        value: Value,
    },
    /// A secret: see [`crate::sealing`].
    Sealed {
        /// The sealed value.
        value: String,
    },
    /// A result of a newer platform.
    #[serde(other)]
    Unknown,
}

/// Why a call was not done; shown to the author of the flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallError {
    /// A short code that a flow can match: "notFound", "conflict", "invalid", "unavailable", "notSupported", "forbidden".
    pub code: String,
    /// What happened, in words an accountant can act on.
    #[serde(default)]
    pub message: String,
}
