//! The end of a task on its way to the platform: artifacts first, then the log, then the report, each until it is there.

use std::{path::PathBuf, sync::Arc, time::Duration};

use baigong_model::LogLevel;
use baigong_protocol::{FromRobot, Report, limits::MAX_ARTIFACTS};

use super::{Holder, REPEAT, Stale};
use crate::{
    desk::TaskEvent,
    own::{is_own, keep_artifact},
    runner::list_artifacts,
    timer,
    transfer::TransferError,
};

/// The report waits so long for the last log lines, so that whoever sees the end sees the whole log.
const LOG_FIRST: Duration = Duration::from_secs(10);
/// So often an upload is tried while the platform is connected.
const TRIES: u32 = 10;

impl Holder {
    /// Tells the platform until it knows everything, then forgets the task.
    pub(super) async fn deliver(mut self, mut report: Report) {
        let uploads = Uploads { holder: &self };
        // The borrow of `self` ends before the events are read again.
        let uploaded = uploads.all().await;
        match uploaded {
            Ok(names) => report.artifacts = names,
            Err(Stale) => return self.forget().await,
        }
        self.log.close();
        match self.report_until_known(&report).await {
            Ok(()) => tracing::info!(task = self.task.task_id, outcome = ?report.outcome, "a task is reported"),
            Err(Stale) => tracing::warn!(task = self.task.task_id, "the platform no longer wants a task's report"),
        }
        self.forget().await;
    }

    async fn report_until_known(&mut self, report: &Report) -> Result<(), Stale> {
        let (link, log) = (Arc::clone(self.robot.link_of(self.task)), Arc::clone(&self.log));
        let message = FromRobot::Report(report.clone());
        let (mut connections, mut seen, mut known) = (link.connections(), 0, false);
        let mut log_first = std::pin::pin!(async {
            tokio::select! { () = log.delivered() => {}, () = timer::after(LOG_FIRST) => {} }
        });
        let mut log_is_first = true;
        loop {
            let say = tokio::select! {
                newer = connections.newer_than(seen), if !known => { seen = newer; !log_is_first }
                () = &mut log_first, if log_is_first && seen > 0 => { log_is_first = false; true }
                () = timer::after(REPEAT), if !known => !log_is_first,
                () = log.delivered(), if known => return Ok(()),
                event = self.events.recv() => match event {
                    Some(TaskEvent::ReportAcknowledged) => { known = true; false }
                    Some(TaskEvent::Stale(_)) => return Err(Stale),
                    // Whatever else the platform thinks of the task, it gets the report and acknowledges it.
                    Some(_) => false,
                    None => return Err(Stale),
                },
            };
            if say && !known {
                self.say(&message).await;
            }
        }
    }
}

/// The upload of a task's artifacts.
struct Uploads<'a> {
    holder: &'a Holder,
}

impl Uploads<'_> {
    /// Uploads every file of the artifacts folder; returns the names of those that the platform has.
    async fn all(&self) -> Result<Vec<String>, Stale> {
        let folder = self.holder.work_folder().join("artifacts");
        let looked_at = folder.clone();
        let found = tokio::task::spawn_blocking(move || list_artifacts(&looked_at)).await;
        let found = found.map_err(std::io::Error::other).and_then(|found| found).unwrap_or_else(|error| {
            self.warn(&format!("the artifacts cannot be listed: {error}"));
            Vec::new()
        });
        if found.len() > MAX_ARTIFACTS {
            self.warn(&format!("of {} artifacts the first {MAX_ARTIFACTS} by name are kept", found.len()));
        }
        let mut names = Vec::new();
        for artifact in found.into_iter().take(MAX_ARTIFACTS) {
            if self.one(&artifact.name, folder.join(&artifact.name)).await? {
                names.push(artifact.name);
            }
        }
        Ok(names)
    }

    async fn one(&self, name: &str, path: PathBuf) -> Result<bool, Stale> {
        let robot = &self.holder.robot;
        if is_own(self.holder.task) {
            return Ok(self.here(name, path).await);
        }
        let (mut connections, timing) = (robot.link.connections(), &robot.options.timing);
        for attempt in 0..TRIES {
            // Without a connection it would only fail: tries are for a platform that is there.
            connections.newer_than(0).await;
            match robot.transfer.upload(self.holder.task, name, &path).await {
                Ok(()) => return Ok(true),
                Err(TransferError::Stale) => return Err(Stale),
                Err(TransferError::Never(error)) => {
                    self.warn(&format!("the artifact \"{name}\" is not kept: {error}"));
                    return Ok(false);
                }
                Err(TransferError::Later(error)) => {
                    tracing::warn!(task = self.holder.task.task_id, name, %error, "an artifact cannot be sent yet");
                    timer::after(timer::jitter(timing, attempt, &*robot.options.random)).await;
                }
            }
        }
        self.warn(&format!("the artifact \"{name}\" is not kept: the platform did not take it in {TRIES} tries"));
        Ok(false)
    }

    /// An own task's stays on the robot.
    async fn here(&self, name: &str, path: PathBuf) -> bool {
        let kept = keep_artifact(&self.holder.robot.folder, self.holder.task.task_id, name, path).await;
        if let Err(error) = &kept {
            self.warn(&format!("the artifact \"{name}\" is not kept: {error}"));
        }
        kept.is_ok()
    }

    fn warn(&self, message: &str) {
        self.holder.log.write(LogLevel::Warn, message);
    }
}
