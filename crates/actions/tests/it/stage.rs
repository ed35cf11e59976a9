//! A stage for the example: its package in a temporary folder, a host that remembers, the flow engine.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use baigong_flow::{
    Flow, Host, HostError, NewQueueItem, Outcome, QueueItem, QueueOutcome, RunIdentity, RunLimits, RunOptions,
    StepEvent, StepState, run, validate,
};
use baigong_model::{LogLevel, ManualClock, Parameter};
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// The folder of the example in the repository.
pub(crate) fn example_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/valuation-reconciliation")
}

/// A host that remembers.
#[derive(Default)]
pub(crate) struct Recorder {
    pub(crate) lines: Mutex<Vec<(LogLevel, String)>>,
    pub(crate) steps: Mutex<Vec<(String, StepState)>>,
    pub(crate) pushed: Mutex<Vec<(String, NewQueueItem)>>,
}

#[async_trait]
impl Host for Recorder {
    fn log(&self, level: LogLevel, message: &str) {
        self.lines.lock().unwrap().push((level, message.to_owned()));
    }

    fn step(&self, event: StepEvent) {
        self.steps.lock().unwrap().push((event.step, event.state));
    }

    async fn queue_push(&self, queue: &str, items: Vec<NewQueueItem>) -> Result<Vec<i64>, HostError> {
        let mut pushed = self.pushed.lock().unwrap();
        let first = pushed.len() as i64;
        let ids = (first..).take(items.len()).collect();
        pushed.extend(items.into_iter().map(|item| (queue.to_owned(), item)));
        Ok(ids)
    }

    async fn queue_pop(&self, _: &str) -> Result<Option<QueueItem>, HostError> {
        Ok(None)
    }

    async fn queue_finish(&self, _: i64, _: i64, _: QueueOutcome) -> Result<(), HostError> {
        Ok(())
    }

    async fn asset(&self, name: &str) -> Result<Value, HostError> {
        Err(HostError { code: "notFound".into(), message: format!("there is no asset {name}") })
    }
}

/// The package and the folder for results of one run.
pub(crate) struct Stage {
    folder: TempDir,
    pub(crate) host: Arc<Recorder>,
}

impl Stage {
    /// The example as it is in the repository.
    pub(crate) fn new() -> Self {
        let stage = Self { folder: tempfile::tempdir().unwrap(), host: Arc::default() };
        fs::create_dir(stage.package()).unwrap();
        fs::create_dir(stage.artifacts()).unwrap();
        for name in ["main.flow.yaml", "custodian.xlsx", "valuation.csv"] {
            fs::copy(example_folder().join(name), stage.package().join(name)).unwrap();
        }
        stage
    }

    pub(crate) fn package(&self) -> PathBuf {
        self.folder.path().join("package")
    }

    pub(crate) fn artifacts(&self) -> PathBuf {
        self.folder.path().join("artifacts")
    }

    /// Runs the flow to its end.
    pub(crate) async fn run(&self, inputs: &[(&str, &str)]) -> Outcome {
        let actions = baigong_actions::table();
        let set = Flow::load(&self.package(), "main.flow.yaml").unwrap_or_else(|problems| panic!("{problems}"));
        let problems = validate(&set, &actions);
        assert!(problems.is_empty(), "{problems}");
        let options = RunOptions {
            host: self.host.clone(),
            inputs: inputs.iter().map(|(name, value)| Parameter::new(*name, *value)).collect(),
            package_folder: self.package(),
            artifacts_folder: self.artifacts(),
            identity: RunIdentity { task_id: 12, id: "9f2c".into() },
            environment: Arc::new([]),
            cancel: CancellationToken::new(),
            pause: baigong_flow::Pause::new(),
            clock: Arc::new(ManualClock::at(1_795_262_580_123)),
            limits: RunLimits::default(),
        };
        run(&set, &actions, options).await
    }

    /// Runs the flow, which must fail; returns what it says.
    pub(crate) async fn fails(&self, inputs: &[(&str, &str)]) -> String {
        match self.run(inputs).await {
            Outcome::Failed(error) => error.to_string(),
            other => panic!("the run must fail, but: {other:?}"),
        }
    }
}
