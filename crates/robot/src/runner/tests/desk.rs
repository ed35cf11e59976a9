//! What every test of a run needs: a package in a folder, a host that listens, and eyes for processes.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use baigong_flow::{Host, HostError, NewQueueItem, Pause, QueueItem, QueueOutcome, StepEvent};
use baigong_model::{LogLevel, Parameter, SystemClock};
use baigong_package::{Limits, check};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::runner::{Environments, Extras, Keep, RunLimits, RunOutcome, RunRequest, Stop, clean_environment, run};

/// A host that keeps every line and can be waited on.
#[derive(Default)]
pub(crate) struct Listener {
    lines: Mutex<Vec<(LogLevel, String)>>,
    heard: Notify,
}

impl Listener {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().iter().map(|(_, line)| line.clone()).collect()
    }

    pub(crate) fn leveled(&self) -> Vec<(LogLevel, String)> {
        self.lines.lock().unwrap().clone()
    }

    /// Waits for a line that begins with `start`; gives the rest of it.
    pub(crate) async fn heard(&self, start: &str) -> String {
        loop {
            let notified = self.heard.notified();
            if let Some(rest) = self.lines().iter().find_map(|line| line.strip_prefix(start)) {
                return rest.to_owned();
            }
            notified.await;
        }
    }
}

#[async_trait]
impl Host for Listener {
    fn log(&self, level: LogLevel, message: &str) {
        self.lines.lock().unwrap().push((level, message.to_owned()));
        self.heard.notify_one();
    }

    fn step(&self, _event: StepEvent) {}

    async fn queue_push(&self, _queue: &str, _items: Vec<NewQueueItem>) -> Result<Vec<i64>, HostError> {
        unreachable!("no queues here")
    }

    async fn queue_pop(&self, _queue: &str) -> Result<Option<QueueItem>, HostError> {
        unreachable!("no queues here")
    }

    async fn queue_finish(&self, _item: i64, _fence: i64, _outcome: QueueOutcome) -> Result<(), HostError> {
        unreachable!("no queues here")
    }

    async fn asset(&self, _name: &str) -> Result<Value, HostError> {
        unreachable!("no assets here")
    }
}

/// A package and the folders of its run.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
    pub(crate) listener: Arc<Listener>,
    pub(crate) stop: Stop,
    pub(crate) pause: Pause,
}

impl Desk {
    /// A package with these files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join("package").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        Self { folder, listener: Arc::default(), stop: Stop::new(), pause: Pause::new() }
    }

    /// A package of kind command that runs a shell script.
    pub(crate) fn script(script: &str) -> Self {
        Self::new(&[("baigong.yaml", "kind: command\ncommand: [sh, main.sh]\n"), ("main.sh", script)])
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn request(&self, parameters: &[(&str, &str)]) -> RunRequest {
        let package = self.path("package");
        RunRequest {
            info: check(&package, &baigong_actions::table(), &Limits::default()).unwrap(),
            folder: package,
            task_name: None,
            task_id: 41,
            // One of its own: what carries it is killed when the run ends.
            run_id: self.folder.path().display().to_string(),
            process_id: 7,
            in_parameters: parameters.iter().map(|(name, value)| Parameter::new(*name, *value)).collect(),
            artifacts_folder: self.path("artifacts"),
            work_folder: self.path("work"),
            max_run_time: None,
            environment: clean_environment(std::env::vars()),
            host: self.listener.clone(),
            actions: baigong_actions::table(),
            clock: Arc::new(SystemClock),
            stop: self.stop.clone(),
            pause: self.pause.clone(),
            confinement: crate::limits::Confinement::default(),
            limits: RunLimits::default(),
            environments: Environments::new(self.path("environments"), Keep::default(), []),
            extras: Extras::default(),
        }
    }

    pub(crate) async fn run(&self, parameters: &[(&str, &str)]) -> RunOutcome {
        run(self.request(parameters)).await
    }

    /// Processes that were started by this desk's runs and are still there (dead ones that wait to be reaped apart).
    pub(crate) fn processes(&self) -> Vec<String> {
        let mark = format!("BAIGONG_OUTPUT_FILE={}", self.path("work/output.json").display()).into_bytes();
        let ids = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
        ids.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
            .filter(|id| {
                let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
                environment.split(|byte| *byte == 0).any(|variable| variable == mark)
            })
            .collect()
    }
}

/// What `Succeeded` gave back, as pairs.
pub(crate) fn succeeded(outcome: RunOutcome) -> Vec<(String, String)> {
    match outcome {
        RunOutcome::Succeeded { out } => out.into_iter().map(|one| (one.name, one.value)).collect(),
        other => panic!("the run did not succeed: {other:?}"),
    }
}

/// What `Failed` said.
pub(crate) fn failed(outcome: RunOutcome) -> String {
    match outcome {
        RunOutcome::Failed { message } => message,
        other => panic!("the run did not fail: {other:?}"),
    }
}

/// Whether a process is there and alive.
pub(crate) fn is_alive(id: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(id).join("stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}
