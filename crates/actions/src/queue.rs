//! Data queues: push, pop, finish.

pub(crate) mod finish;
pub(crate) mod pop;
pub(crate) mod push;

use baigong_flow::ActionError;

/// The milliseconds since the epoch of a day or a moment that a step names.
fn moment(text: Option<&str>) -> Result<Option<i64>, ActionError> {
    text.map(crate::date::milliseconds).transpose()
}

#[cfg(test)]
mod tests;
