//! `delay`: waits, and stops waiting when the run is cancelled.

use std::time::Duration;

use baigong_flow::{ActionContext, ActionError};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::support::{
    number::Exact,
    trouble::{cancelled, invalid_parameter},
};

const LONGEST_SECONDS: u64 = 7 * 24 * 3600;

/// How long to wait.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// Seconds, such as 5 or 0.5; at most a week.
    seconds: Exact,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<(), ActionError> {
    let milliseconds = parameters.seconds.0.checked_mul(Decimal::ONE_THOUSAND).and_then(|value| value.to_u64());
    let milliseconds = milliseconds
        .filter(|milliseconds| *milliseconds <= LONGEST_SECONDS * 1000)
        .ok_or_else(|| invalid_parameter("seconds must be from 0 to 604800 (a week)"))?;
    tokio::select! {
        () = context.pause.elapsed(Duration::from_millis(milliseconds)) => Ok(()),
        () = context.cancel.cancelled() => Err(cancelled()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::support::testing::Desk;

    #[tokio::test(start_paused = true)]
    async fn it_waits_and_can_be_cancelled() {
        let desk = Desk::new();
        let too_short = tokio::time::timeout(Duration::from_millis(1499), desk.run("delay", json!({"seconds": "1.5"})));
        assert!(too_short.await.is_err(), "it came back too early");
        let enough = tokio::time::timeout(Duration::from_millis(1501), desk.run("delay", json!({"seconds": "1.5"})));
        assert!(enough.await.is_ok(), "it came back too late");
        desk.context.pause.set(true);
        let paused = tokio::time::timeout(Duration::from_secs(60), desk.run("delay", json!({"seconds": 1})));
        assert!(paused.await.is_err(), "a run that stands still does not come to the end of its waits");
        desk.context.cancel.cancel();
        desk.fails("delay", json!({"seconds": 600000}), "cancelled").await;
        for wrong in [json!(-1), json!("soon"), json!(700_000)] {
            desk.fails("delay", json!({"seconds": wrong}), "invalidParameter").await;
        }
    }
}
