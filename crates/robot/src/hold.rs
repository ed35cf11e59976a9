//! One task in the robot's hands, from its assignment to the acknowledgement of its report: this file reads as its life.
//! Every promise is in the journal before it is acted upon.

mod confined;
mod deliver;
mod hidden;
mod package_run;
mod running;

use std::{
    io,
    sync::{Arc, OnceLock},
    time::Duration,
};

use baigong_flow::Pause;
use baigong_protocol::{
    Assign, Declined, Failure, FromRobot, HeldPhase, Outcome, Report, TaskRef, limits::MAX_REPORT_MESSAGE_BYTES,
};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{
    desk::{NoSeat, Seated, TaskEvent},
    journal::{Entry, HeldTask, RunMark, Stage},
    keeper::Ahead,
    own::{Sightings, is_own},
    recording::RunScreen,
    robot::Robot,
    spool::{Copy, TaskLog, folder_name},
    survivors, timer,
};

/// What is said and not answered is said again after this, even if the connection holds.
const REPEAT: Duration = Duration::from_secs(30);
/// A process has so long to end by itself when told to.
pub(crate) const GRACE: Duration = Duration::from_secs(3);
/// What a person reads when the robot's end was the task's end.
const STOPPED: &str = "the robot stopped while the task ran";
/// What a person reads when the end of the lease was the task's end.
const LOST_CONTACT: &str = "the robot lost contact with the platform and stopped the task before its lease ended";

/// The one who sees a task through.
struct Holder {
    robot: Arc<Robot>,
    assign: Assign,
    task: TaskRef,
    events: UnboundedReceiver<TaskEvent>,
    log: Arc<TaskLog>,
    /// Whether the platform wants the run to stand still.
    pause: Pause,
    /// The screen of the run, once it has begun.
    screen: Arc<OnceLock<Arc<RunScreen>>>,
    /// The keeper of the run's program, started before it is needed.
    ahead: Ahead,
    _serving: AbortOnDropHandle<()>,
}

/// How the wait for the start ended.
enum Answer {
    Granted,
    Refused(String),
    Cancelled(String),
    Stopping,
}

/// The lease is over: everything kept for the task is thrown away.
struct Stale;

/// The robot assigns a task of its own to itself. Its seat is taken when this returns.
pub(crate) fn assign(robot: &Arc<Robot>, assign: Assign) {
    let seated = seat(robot, assign.task_ref());
    robot.crew.spawn(take_on(Arc::clone(robot), assign, seated));
}

/// The platform assigns a task.
pub(crate) async fn assigned(robot: Arc<Robot>, assign: Assign) {
    let seated = seat(&robot, assign.task_ref());
    take_on(robot, assign, seated).await;
}

fn seat(robot: &Robot, task: TaskRef) -> Result<Seated, NoSeat> {
    match robot.journal.look(|ledger| ledger.has_ended(task)) {
        true => Err(NoSeat::Because("this lease of the task is over on this robot".to_owned())),
        false => match robot.cannot_start() {
            Some(reason) => Err(NoSeat::Because(reason)),
            None => robot.desk.admit(task),
        },
    }
}

async fn take_on(robot: Arc<Robot>, assign: Assign, seated: Result<Seated, NoSeat>) {
    let task = assign.task_ref();
    let refused = if seated.is_ok() { robot.recordings.refuses(assign.record).await } else { None };
    if let Some(reason) = refused {
        decline(&robot, task, reason).await;
        return robot.desk.leave(task);
    }
    match seated {
        Err(NoSeat::HeldAlready) => {
            robot.desk.tell(task, TaskEvent::AssignedAgain);
        }
        Err(NoSeat::Because(reason)) => decline(&robot, task, reason).await,
        Ok(seated) => match Holder::new(&robot, assign, seated.events).await {
            Ok(holder) => holder.fresh(seated.earlier).await,
            Err(error) => {
                decline(&robot, task, format!("the robot cannot keep the task's log: {error}")).await;
                robot.desk.leave(task);
            }
        },
    }
}

/// An earlier run of the agent began the task.
pub(crate) async fn found_unfinished(robot: Arc<Robot>, held: HeldTask) {
    let task = held.assign.task_ref();
    let phase = if matches!(held.stage, Stage::Finished(_)) { HeldPhase::Finished } else { HeldPhase::Running };
    let mut events = robot.desk.seat_again(task, phase);
    let holder = loop {
        match Holder::new(&robot, held.assign.clone(), events).await {
            Ok(holder) => break holder,
            Err(error) => tracing::error!(%error, task = task.task_id, "the log of a task cannot be opened yet"),
        }
        timer::after(REPEAT).await;
        events = robot.desk.seat_again(task, phase);
    };
    match held.stage {
        Stage::Started(run) => holder.survived(run).await,
        Stage::Finished(report) => holder.unreported(report).await,
        Stage::Accepted => robot.desk.leave(task),
    }
}

/// The platform cancels a task that is over here, or that an earlier run of the agent took on and never started.
pub(crate) async fn cancelled_unheld(robot: Arc<Robot>, task: TaskRef, reason: String) {
    let report = FromRobot::Report(report(&robot, task, Outcome::Cancelled, Some(reason)));
    if let Err(error) = robot.link_of(task).send(&report).await {
        tracing::error!(%error, task = task.task_id, "a message cannot be written");
    }
}

fn report(robot: &Robot, task: TaskRef, outcome: Outcome, message: Option<String>) -> Report {
    Report {
        task_id: task.task_id,
        fence: task.fence,
        outcome,
        message: message.map(|text| crate::spool::cut(&text, MAX_REPORT_MESSAGE_BYTES)),
        failure: None,
        out_parameters: Vec::new(),
        artifacts: Vec::new(),
        ended_at: robot.options.clock.now(),
    }
}

async fn decline(robot: &Robot, task: TaskRef, reason: String) {
    tracing::info!(task = task.task_id, fence = task.fence, reason, "a task is declined");
    let declined = Declined { task_id: task.task_id, fence: task.fence, reason };
    if let Err(error) = robot.link_of(task).send(&FromRobot::Declined(declined)).await {
        tracing::error!(%error, "a message cannot be written");
    }
}

impl Holder {
    async fn new(robot: &Arc<Robot>, assign: Assign, events: UnboundedReceiver<TaskEvent>) -> io::Result<Self> {
        let (task, level) = (assign.task_ref(), assign.log_level);
        let opener = Arc::clone(robot);
        let log = tokio::task::spawn_blocking(move || opener.spool.log_of(task, level));
        let log = log.await.map_err(io::Error::other)??;
        let sightings = robot.own.sightings.clone();
        let copy: Copy = Box::new(move |first, lines| sightings.lines(task, first, lines));
        let log = Arc::new(log.copied((!is_own(task)).then_some(copy)));
        robot.desk.set_log(task, Arc::clone(&log));
        let (serving, link) = (Arc::clone(&log), Arc::clone(robot.link_of(task)));
        let serving = AbortOnDropHandle::new(tokio::spawn(async move { serving.serve(&link).await }));
        let (pause, screen) = (Pause::new(), Arc::default());
        let (robot, ahead) = (Arc::clone(robot), Ahead::default());
        Ok(Self { robot, assign, task, events, log, pause, screen, ahead, _serving: serving })
    }

    /// A new task: journal, ask, journal, run, journal, report.
    async fn fresh(mut self, earlier: Option<CancellationToken>) {
        if !is_own(self.task) {
            self.robot.own.sightings.came(&self.assign, self.robot.options.clock.now());
        }
        if let Err(error) = self.robot.journal.append(Entry::Accepted { assign: self.assign.clone() }).await {
            decline(&self.robot, self.task, error.to_string()).await;
            return self.forget().await;
        }
        if let Some(earlier) = earlier {
            earlier.cancelled().await;
        }
        let package = self.fetch_ahead();
        self.ahead.prepare(self.robot.options.keeper.as_deref());
        match self.ask().await {
            Answer::Granted => {}
            Answer::Refused(reason) => {
                tracing::info!(task = self.task.task_id, fence = self.task.fence, reason, "a task is not started");
                self.see(Sightings::left);
                return self.forget().await;
            }
            Answer::Cancelled(reason) => {
                let report = self.report(Outcome::Cancelled, Some(reason));
                return self.finish(report).await;
            }
            Answer::Stopping => {
                decline(&self.robot, self.task, "the robot stops".to_owned()).await;
                return self.drop_unstarted().await;
            }
        }
        let mut token = [0; 16];
        self.robot.options.random.fill(&mut token);
        let run = RunMark { token: hex::encode(token), boot: survivors::boot_id() };
        if let Err(error) = self.robot.journal.append(Entry::Started { task: self.task, run: run.clone() }).await {
            let report = self.failure(Failure::Interrupted, format!("{error}; the task was not started"));
            return self.finish(report).await;
        }
        self.note_phase();
        self.see(Sightings::began);
        match self.run(&run, package).await {
            Ok(report) => self.finish(report).await,
            Err(Stale) => self.forget().await,
        }
    }

    /// The agent ended while the task ran: make sure that nothing of it is left, then say so.
    async fn survived(self, run: RunMark) {
        survivors::end(&run).await;
        self.delete_unhidden().await;
        self.log.write(baigong_model::LogLevel::Error, STOPPED);
        let report = self.failure(Failure::Interrupted, STOPPED.to_owned());
        self.finish(report).await;
    }

    /// The task ended before the agent did, and the platform may not know.
    async fn unreported(self, report: Report) {
        self.deliver(report).await;
    }

    /// Asks to start until there is an answer, over as many connections as it takes.
    async fn ask(&mut self) -> Answer {
        let robot = Arc::clone(&self.robot);
        let (mut connections, mut seen) = (robot.link_of(self.task).connections(), 0);
        loop {
            let again = tokio::select! {
                newer = connections.newer_than(seen) => { seen = newer; true }
                () = timer::after(REPEAT) => true,
                () = robot.stopping.cancelled() => return Answer::Stopping,
                event = self.events.recv() => match event {
                    Some(TaskEvent::Granted) => return Answer::Granted,
                    Some(TaskEvent::Refused(reason) | TaskEvent::Stale(reason)) => return Answer::Refused(reason),
                    Some(TaskEvent::Cancel(reason)) => return Answer::Cancelled(reason),
                    Some(TaskEvent::ReportAcknowledged) => return Answer::Refused("the platform has ended it".into()),
                    Some(TaskEvent::AssignedAgain) => true,
                    // Said before the grant of a run that is to begin by standing still.
                    Some(TaskEvent::Pause) => { self.pause.set(true); false }
                    Some(TaskEvent::Resume) => { self.pause.set(false); false }
                    None => return Answer::Stopping,
                },
            };
            if again {
                self.say(&FromRobot::Accepted(self.task)).await;
                self.say(&FromRobot::Start(self.task)).await;
            }
        }
    }

    /// The task ended: journal it, then tell the platform until it knows.
    async fn finish(self, report: Report) {
        self.log.settled().await;
        if let Err(error) = self.robot.journal.append(Entry::Finished { report: report.clone() }).await {
            // The platform is told all the same; only a crash before it knows would lose the result.
            tracing::error!(%error, task = self.task.task_id, "a result is not in the journal");
        }
        self.robot.desk.set_phase(self.task, HeldPhase::Finished);
        if !is_own(self.task) {
            self.robot.own.sightings.ended(&report);
        }
        self.deliver(report).await;
    }

    /// Nothing is left to do for this lease.
    async fn forget(self) {
        if let Err(error) = self.robot.journal.append(Entry::Ended { task: self.task }).await {
            tracing::error!(%error, task = self.task.task_id, "the end of a task is not in the journal");
        }
        self.clear().await;
        self.robot.desk.leave(self.task);
    }

    /// The start was asked for, and will not be made use of. The grant may be on its way: until a `Hello` has told the
    /// platform, the journal keeps the task.
    async fn drop_unstarted(self) {
        if is_own(self.task) {
            // There is nobody who would have to be told.
            return self.forget().await;
        }
        self.see(Sightings::left);
        self.clear().await;
        self.robot.desk.leave_unstarted(self.task);
    }

    /// Deletes what was kept on disk.
    async fn clear(&self) {
        self.log.remove().await;
        let work = self.work_folder();
        let removed = tokio::task::spawn_blocking(move || match std::fs::remove_dir_all(&work) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        });
        if let Ok(Err(error)) = removed.await {
            tracing::warn!(%error, task = self.task.task_id, "a work folder is removed at the next start");
        }
    }

    /// Lets it be written down here what a task of the platform does.
    fn see(&self, what: impl FnOnce(&Sightings, TaskRef)) {
        if !is_own(self.task) {
            what(&self.robot.own.sightings, self.task);
        }
    }

    fn report(&self, outcome: Outcome, message: Option<String>) -> Report {
        report(&self.robot, self.task, outcome, message)
    }

    fn failure(&self, kind: Failure, message: String) -> Report {
        Report { failure: Some(kind), ..self.report(Outcome::Failed, Some(message)) }
    }

    async fn say(&self, message: &FromRobot) {
        if let Err(error) = self.robot.link_of(self.task).send(message).await {
            tracing::error!(%error, task = self.task.task_id, "a message cannot be written");
        }
    }

    fn work_folder(&self) -> std::path::PathBuf {
        self.robot.folder.work().join(folder_name(self.task))
    }
}
