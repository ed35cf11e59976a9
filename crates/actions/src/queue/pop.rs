//! `queue.pop`: takes the next item of a data queue; this task holds it until `queue.finish`.

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::support::trouble::from_host;

/// From where.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The name of the data queue on the platform.
    queue: String,
}

/// The item that was taken.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Taken {
    /// Its id.
    item_id: i64,
    /// The number of the lease, needed to finish it.
    fence: i64,
    /// Its data.
    payload: Value,
    /// Its unique text, if any.
    reference: Option<String>,
    /// How often it was tried before.
    attempts: i64,
    /// Where it was forwarded from, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<From>,
}

/// The item of another queue that it was forwarded from.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct From {
    /// Its id.
    item_id: i64,
    /// What came out of it.
    output: Option<Value>,
    /// Why it failed.
    reason: Option<String>,
}

/// The item, or null when the queue has none.
pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<Option<Taken>, ActionError> {
    let item = context.host.queue_pop(&parameters.queue).await.map_err(from_host)?;
    Ok(item.map(|item| Taken {
        item_id: item.item_id,
        fence: item.fence,
        payload: item.payload,
        reference: item.reference,
        attempts: item.attempts,
        origin: item.origin.map(|from| From { item_id: from.item_id, output: from.output, reason: from.reason }),
    }))
}
