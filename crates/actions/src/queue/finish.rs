//! `queue.finish`: ends the work on an item that `queue.pop` gave.

use baigong_flow::{ActionContext, ActionError, QueueOutcome};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::support::trouble::{from_host, invalid_parameter};

/// Which item, and how it ended.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The item as queue.pop gave it.
    item: Held,
    /// How it ended.
    outcome: Outcome,
    /// Why it failed; needed for a failure.
    reason: Option<String>,
    /// With succeeded: what came out, any value.
    output: Option<Value>,
    /// With released: not given out again before then, a day or a moment; at once when left empty.
    available_at: Option<String>,
}

/// What `queue.pop` gave; only the id and the lease are needed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("additionalProperties" = true))]
pub(crate) struct Held {
    /// Its id.
    item_id: i64,
    /// The number of the lease.
    fence: i64,
}

/// How the work on an item ended.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Outcome {
    /// Done.
    Succeeded,
    /// The data is wrong: it is not tried again.
    BusinessFailure,
    /// Something broke: it is tried again as the queue allows.
    ApplicationFailure,
    /// Not now: it goes back as if it had not been taken.
    Released,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<(), ActionError> {
    let Parameters { item, outcome, reason, output, available_at } = parameters;
    let why =
        reason.filter(|reason| !reason.trim().is_empty()).ok_or_else(|| invalid_parameter("a failure needs a reason"));
    let outcome = match outcome {
        Outcome::Succeeded => QueueOutcome::Succeeded { output },
        Outcome::BusinessFailure => QueueOutcome::BusinessFailure { reason: why? },
        Outcome::ApplicationFailure => QueueOutcome::ApplicationFailure { reason: why? },
        Outcome::Released => QueueOutcome::Released { available_at: super::moment(available_at.as_deref())? },
    };
    context.host.queue_finish(item.item_id, item.fence, outcome).await.map_err(from_host)
}
