//! A desk for tests: a context with folders of its own, a host that remembers, a clock that stands still.

use std::{
    fs,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use baigong_flow::{
    ActionContext, ActionError, Credential, Host, HostError, NewQueueItem, Pause, QueueItem, QueueOutcome, StepEvent,
};
use baigong_model::{LogLevel, ManualClock, Secret};
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// 2026-11-21T12:03:00Z, 20:03 in Shanghai.
pub(crate) const NOW: i64 = 1_795_262_580_000;

/// A host that remembers.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) lines: Mutex<Vec<(LogLevel, String)>>,
    pub(crate) pushed: Mutex<Vec<(String, NewQueueItem)>>,
    pub(crate) finished: Mutex<Vec<(i64, i64, QueueOutcome)>>,
}

#[async_trait]
impl Host for Memory {
    fn log(&self, level: LogLevel, message: &str) {
        self.lines.lock().unwrap().push((level, message.to_owned()));
    }

    fn step(&self, _: StepEvent) {}

    async fn queue_push(&self, queue: &str, items: Vec<NewQueueItem>) -> Result<Vec<i64>, HostError> {
        let mut pushed = self.pushed.lock().unwrap();
        pushed.extend(items.into_iter().map(|item| (queue.to_owned(), item)));
        Ok((1..=pushed.len() as i64).collect())
    }

    async fn queue_pop(&self, queue: &str) -> Result<Option<QueueItem>, HostError> {
        let first = self.pushed.lock().unwrap().iter().find(|(name, _)| name == queue).map(|(_, item)| item.clone());
        Ok(first.map(|item| QueueItem {
            item_id: 1,
            fence: 9,
            payload: item.payload,
            reference: item.reference,
            attempts: 0,
            origin: None,
        }))
    }

    async fn queue_finish(&self, item_id: i64, fence: i64, outcome: QueueOutcome) -> Result<(), HostError> {
        self.finished.lock().unwrap().push((item_id, fence, outcome));
        Ok(())
    }

    async fn asset(&self, name: &str) -> Result<Value, HostError> {
        let missing = || HostError { code: "notFound".into(), message: format!("there is no asset {name}") };
        if name == "rate" { Ok(Value::from("0.05")) } else { Err(missing()) }
    }

    async fn credential(&self, name: &str) -> Result<Credential, HostError> {
        let missing = || HostError { code: "notFound".into(), message: format!("there is no credential {name}") };
        let password = Secret::new("p@ss".to_owned());
        if name == "counter" { Ok(Credential { username: "trader".into(), password }) } else { Err(missing()) }
    }
}

/// A context and what stands behind it.
pub(crate) struct Desk {
    pub(crate) context: ActionContext,
    pub(crate) memory: Arc<Memory>,
    _folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let memory = Arc::new(Memory::default());
        let [package_folder, artifacts_folder] = ["package", "artifacts"].map(|name| folder.path().join(name));
        fs::create_dir(&package_folder).unwrap();
        fs::create_dir(&artifacts_folder).unwrap();
        let clock = Arc::new(ManualClock::at(NOW));
        let host = Arc::clone(&memory) as Arc<dyn Host>;
        let artifacts = artifacts_folder.to_string_lossy().into_owned();
        let environment = [("BAIGONG_RUN", "mark".to_owned()), ("BAIGONG_ARTIFACTS", artifacts)];
        let environment = Arc::new(environment.map(|(name, value)| (name.to_owned(), value)));
        let cancel = CancellationToken::new();
        let pause = Pause::new();
        let context = ActionContext { host, package_folder, artifacts_folder, environment, cancel, pause, clock };
        Self { context, memory, _folder: folder }
    }

    pub(crate) fn package_file(&self, name: &str, bytes: &[u8]) {
        fs::write(self.context.package_folder.join(name), bytes).unwrap();
    }

    pub(crate) fn artifact(&self, name: &str, bytes: &[u8]) {
        fs::write(self.context.artifacts_folder.join(name), bytes).unwrap();
    }

    /// Runs an action of the whole table, as a flow does.
    pub(crate) async fn run(&self, action: &str, parameters: Value) -> Result<Value, ActionError> {
        let table = crate::table();
        let found = table.get(action).unwrap_or_else(|| panic!("there is no action {action}"));
        found.run(self.context.clone(), parameters).await
    }

    /// Runs an action that must succeed.
    pub(crate) async fn ok(&self, action: &str, parameters: Value) -> Value {
        self.run(action, parameters).await.unwrap_or_else(|error| panic!("{action}: {error}"))
    }

    /// Runs an action that must fail with an error called `code`; returns its message.
    pub(crate) async fn fails(&self, action: &str, parameters: Value, code: &str) -> String {
        let error = self.run(action, parameters).await.expect_err("the action must fail");
        assert_eq!(error.code, code, "{error}");
        error.message
    }
}
