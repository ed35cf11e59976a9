//! A started task while it runs: what the platform says meanwhile, and how each end is reported.

use std::{pin::Pin, sync::Arc, time::Duration};

use baigong_model::{LogLevel, TaskState};
use baigong_protocol::{Failure, FromRobot, HeldPhase, Outcome, Report, limits::MAX_OUT_PARAMETERS_BYTES};
use tokio_util::task::AbortOnDropHandle;

use super::{Holder, LOST_CONTACT, STOPPED, Stale, package_run::Fetching};
use crate::{
    desk::TaskEvent,
    journal::RunMark,
    own::is_own,
    runner::{RunOutcome, Stop, StopReason},
    survivors, timer,
};

/// A run that does not end so long after it was told to is left to the system's hardest means.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why a run was told to stop.
enum Why {
    Cancelled(String),
    Stale,
    Halted,
    LostContact,
}

impl Why {
    /// For the task's log.
    fn words(&self) -> String {
        match self {
            Self::Cancelled(reason) if reason.is_empty() => "the task is to stop: it was cancelled".to_owned(),
            Self::Cancelled(reason) => format!("the task is to stop: {reason}"),
            Self::Stale => "the task is to stop: the robot's lease of it is over".to_owned(),
            Self::Halted => "the task is to stop: the robot stops".to_owned(),
            Self::LostContact => "the task is to stop: the platform has not answered for so long that it may give the \
                                  task to another robot"
                .to_owned(),
        }
    }
}

impl Holder {
    /// Runs the package to its end; no process of it is left afterwards.
    pub(super) async fn run(&mut self, run: &RunMark, package: Fetching) -> Result<Report, Stale> {
        let stop = Stop::new();
        self.mark_secrets();
        let work = self.run_package(run.clone(), package, stop.clone(), self.pause.clone());
        let mut work = AbortOnDropHandle::new(tokio::spawn(work));
        let robot = Arc::clone(&self.robot);
        let mut why = None;
        let mut patience: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(std::future::pending());
        let outcome = loop {
            let told = tokio::select! {
                outcome = &mut work => break outcome.map_err(|error| format!("the run broke off: {error}")),
                event = self.events.recv() => match event {
                    // Refused: it was granted before, and has ended for the platform since.
                    Some(TaskEvent::Cancel(reason) | TaskEvent::Refused(reason)) => Why::Cancelled(reason),
                    Some(TaskEvent::Stale(_) | TaskEvent::ReportAcknowledged) => Why::Stale,
                    Some(TaskEvent::Pause) => { self.stand_still(why.is_none()).await; continue }
                    Some(TaskEvent::Resume) => { self.stand_still(false).await; continue }
                    Some(TaskEvent::Granted | TaskEvent::AssignedAgain) => continue,
                    None => Why::Halted,
                },
                () = robot.halt.cancelled(), if why.is_none() => Why::Halted,
                () = robot.lease.lost(), if why.is_none() && self.can_be_taken_over() => Why::LostContact,
                () = &mut patience => break Err("the run did not end when told to".into()),
            };
            if why.is_none() {
                self.log.write(LogLevel::Warn, &told.words());
                patience = Box::pin(timer::after(self.patience()));
            }
            // Before anything of it is ended.
            if let Some(screen) = self.screen.get() {
                screen.look_at_end().await;
            }
            stop.request(StopReason::Cancelled);
            // What is to stop must not stand still.
            self.pause.set(false);
            // The first reason is the reported one, but a lease that is over reports nothing.
            if why.is_none() || matches!(told, Why::Stale) {
                why = Some(told);
            }
        };
        drop(work);
        if why.is_some() || outcome.is_err() {
            survivors::end(run).await;
        }
        let outcome = self.leave_screen(outcome).await;
        self.hide_secrets().await;
        self.judge(outcome, why)
    }

    /// Ends the recording; a failure that may come of a display that vanished says so.
    async fn leave_screen(&self, outcome: Result<RunOutcome, String>) -> Result<RunOutcome, String> {
        let Some(screen) = self.screen.get() else { return outcome };
        screen.close().await;
        outcome.map(|outcome| match outcome {
            RunOutcome::Failed { message } => RunOutcome::Failed { message: screen.explain(message) },
            outcome => outcome,
        })
    }

    /// Whether another robot may start the task when the lease ends.
    fn can_be_taken_over(&self) -> bool {
        self.assign.retry_safe && !is_own(self.task)
    }

    /// How long it may take to stop.
    fn patience(&self) -> Duration {
        // Where another robot may start the task when the lease ends, nothing of it may run then.
        if self.can_be_taken_over() { PATIENCE.min(self.robot.lease.left()) } else { PATIENCE }
    }

    fn judge(&self, outcome: Result<RunOutcome, String>, why: Option<Why>) -> Result<Report, Stale> {
        let failed = |message: String| self.failure(Failure::Application, message);
        let interrupted = |message: &str| self.failure(Failure::Interrupted, message.to_owned());
        Ok(match (outcome, why) {
            (_, Some(Why::Stale)) => return Err(Stale),
            // Whatever it came to: it may run again elsewhere, and must not count twice.
            (_, Some(Why::LostContact)) => interrupted(LOST_CONTACT),
            (Ok(RunOutcome::Succeeded { out }), _) => {
                let size: usize = out.iter().map(|parameter| parameter.name.len() + parameter.value.len() + 32).sum();
                if size > MAX_OUT_PARAMETERS_BYTES {
                    failed(format!(
                        "the out-parameters take {size} bytes, {MAX_OUT_PARAMETERS_BYTES} are allowed: \
                         put large results into a file of the artifacts"
                    ))
                } else {
                    Report { out_parameters: out, ..self.report(Outcome::Succeeded, None) }
                }
            }
            (Ok(RunOutcome::RunExpired), _) => {
                let longest = self.assign.max_run_seconds.unwrap_or_default();
                let message = format!("it ran longer than its maximum run time of {longest} seconds");
                self.report(Outcome::RunExpired, Some(message))
            }
            (Ok(RunOutcome::Cancelled) | Err(_), Some(Why::Cancelled(reason))) => {
                self.report(Outcome::Cancelled, Some(reason))
            }
            (Ok(RunOutcome::Cancelled), _) | (Err(_), Some(Why::Halted)) => interrupted(STOPPED),
            // It failed when it was told to stop: nobody knows how far it had come.
            (Ok(RunOutcome::Failed { message }), Some(_)) => interrupted(&message),
            (Ok(RunOutcome::Failed { message }), None) => failed(message),
            (Err(message), None) => interrupted(&message),
        })
    }

    /// Lets the run stand still or go on, and tells the platform, whether that is new or not.
    async fn stand_still(&self, still: bool) {
        if self.pause.set(still) {
            self.note_phase();
            let state = if still { TaskState::Paused } else { TaskState::Running };
            self.see(|sightings, task| sightings.is(task, state));
            self.log.write(LogLevel::Info, if still { "the task is paused" } else { "the task goes on" });
        }
        self.say(&if still { FromRobot::Paused(self.task) } else { FromRobot::Resumed(self.task) }).await;
    }

    /// Notes that it runs, or stands still.
    pub(super) fn note_phase(&self) {
        let phase = if self.pause.is_on() { HeldPhase::Paused } else { HeldPhase::Running };
        self.robot.desk.set_phase(self.task, phase);
    }
}
