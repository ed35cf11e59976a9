//! Runs work that reads files or computes long on a thread of its own, so that the run can be cancelled and other runs go on.

use baigong_flow::{ActionContext, ActionError};

use super::trouble::{cancelled, internal};

/// Runs `work` on a thread that may block. It is always waited for, so that nothing writes after the step has ended;
/// long loops in it call [`go_on`].
pub(crate) async fn blocking<T, F>(context: ActionContext, work: F) -> Result<T, ActionError>
where
    T: Send + 'static,
    F: FnOnce(&ActionContext) -> Result<T, ActionError> + Send + 'static,
{
    go_on(&context)?;
    let done = tokio::task::spawn_blocking(move || work(&context)).await;
    done.map_err(|error| internal(format!("the action stopped unexpectedly: {error}")))?
}

/// An error once the run is cancelled.
pub(crate) fn go_on(context: &ActionContext) -> Result<(), ActionError> {
    if context.cancel.is_cancelled() { Err(cancelled()) } else { Ok(()) }
}

/// [`go_on`], asked only at every 1,024th `index` of a loop.
pub(crate) fn go_on_at(context: &ActionContext, index: usize) -> Result<(), ActionError> {
    if index.is_multiple_of(1024) { go_on(context) } else { Ok(()) }
}
