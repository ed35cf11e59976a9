//! The trait of actions and the typed table that holds them. An action is a plain function of typed parameters; its
//! entry in the table gives dispatch, validation, documentation and the designer's form.

use std::{collections::BTreeMap, future::Future, path::PathBuf, pin::Pin, sync::Arc};

use schemars::{JsonSchema, Schema, schema_for};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::host::Host;

/// What an action does to the world: a guarded run asks before `Writes`, a retry never repeats `Irreversible` silently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ActionEffect {
    /// Computes only.
    None,
    /// Reads files or systems.
    Reads,
    /// Changes files or systems in a way that can be repeated or undone.
    Writes,
    /// Changes the outside world for good.
    Irreversible,
}

/// Why an action failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct ActionError {
    /// A short code that `catch` can match: "fileNotFound", "invalidData", "cancelled", …
    pub code: String,
    /// What happened and what to do, in words an accountant can act on.
    pub message: String,
}

impl ActionError {
    /// An error with a code and a message.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}

/// What an action has at hand while it runs.
#[derive(Clone)]
pub struct ActionContext {
    /// Logs, queues, assets.
    pub host: Arc<dyn Host>,
    /// The folder of the package: relative paths that are read are looked up here.
    pub package_folder: PathBuf,
    /// The run's own folder for results: relative paths that are written go here; everything in it is uploaded.
    pub artifacts_folder: PathBuf,
    /// What a process that the action starts must be given as variables: by them the robot finds it again, even after a
    /// crash, and the process knows its task.
    pub environment: Arc<[(String, String)]>,
    /// Fires when the run is cancelled: long actions watch it and stop.
    pub cancel: CancellationToken,
    /// Whether the run stands still: what waits in an action waits by it, and does not count that time.
    pub pause: crate::pause::Pause,
    /// Milliseconds since the epoch, from the run's clock.
    pub clock: Arc<dyn baigong_model::Clock>,
}

type Running = Pin<Box<dyn Future<Output = Result<Value, ActionError>> + Send>>;
type Erased = Arc<dyn Fn(ActionContext, Value) -> Running + Send + Sync>;

/// One entry of the table.
#[derive(Clone)]
pub struct Action {
    /// Its name in a flow: "excel.readRange".
    pub name: &'static str,
    /// What it does, one English sentence, with `{parameter}` places: "Read {range} of {file}".
    pub summary: &'static str,
    /// The same in Chinese.
    pub summary_zh: &'static str,
    /// What it does to the world.
    pub effect: ActionEffect,
    /// The schema of its parameters (`with:` of a step).
    pub parameters: Schema,
    /// The schema of its result.
    pub result: Schema,
    run: Erased,
}

impl Action {
    /// Runs it with `parameters`, whose expressions are evaluated already.
    pub fn run(
        &self,
        context: ActionContext,
        parameters: Value,
    ) -> impl Future<Output = Result<Value, ActionError>> + Send {
        (self.run)(context, parameters)
    }
}

/// All actions by name.
#[derive(Clone, Default)]
pub struct ActionTable(BTreeMap<&'static str, Action>);

impl ActionTable {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an action: parameter and result types are those of `function`.
    #[must_use]
    pub fn action<P, R, F, Fut>(
        mut self,
        name: &'static str,
        effect: ActionEffect,
        summary: &'static str,
        summary_zh: &'static str,
        function: F,
    ) -> Self
    where
        P: DeserializeOwned + JsonSchema + Send + 'static,
        R: Serialize + JsonSchema + Send + 'static,
        F: Fn(ActionContext, P) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, ActionError>> + Send + 'static,
    {
        let run: Erased = Arc::new(move |context, parameters| {
            // A parameter that cannot be read is named: a step may have a dozen.
            let parsed = serde_path_to_error::deserialize::<_, P>(parameters).map_err(|error| match error.path() {
                path if path.iter().len() == 0 => error.inner().to_string(),
                path => format!("{path}: {}", error.inner()),
            });
            let future = parsed.map(|parameters| function(context, parameters));
            Box::pin(async move {
                let future = future.map_err(|error| ActionError::new("invalidParameter", error))?;
                serde_json::to_value(future.await?).map_err(|error| ActionError::new("internal", error.to_string()))
            })
        });
        let entry =
            Action { name, summary, summary_zh, effect, parameters: schema_for!(P), result: schema_for!(R), run };
        self.0.insert(name, entry);
        self
    }

    /// The action called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Action> {
        self.0.get(name)
    }

    /// All actions, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Action> {
        self.0.values()
    }
}
