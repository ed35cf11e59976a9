//! What is seen here of the platform's tasks, written down so that the robot can be asked for them too. The platform decides;
//! this is a copy, written a little later and in batches, and no run ever waits for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use baigong_model::{Clock, Result, TaskState};
use baigong_package::in_parameters;
use baigong_protocol::{Assign, LogLine, Outcome, Report, TaskRef};
use baigong_robot_store::{
    RobotStore, Tx,
    entity::{task, task_log},
    task_logs,
    tasks::{self as rows, Seen},
};
use futures_util::FutureExt;
use tokio::sync::{mpsc, oneshot};

use crate::timer;

/// Others that come so soon after share a commit.
const LINGER: Duration = Duration::from_millis(200);
/// So many share one at most.
const TOGETHER: usize = 1000;
/// So many bytes of log lines wait to be written at most; what comes then is not copied.
const MOST_WAITING: usize = 8 * 1024 * 1024;
/// After a failed write the next is tried so much later.
const RETRY: Duration = Duration::from_secs(5);

/// Something that was seen.
pub(super) enum Sighting {
    Task(TaskRef, Box<Seen>),
    Lines { row: Box<task_log::Model>, size: usize },
    Written(oneshot::Sender<()>),
}

/// Where to tell what was seen.
#[derive(Clone)]
pub(crate) struct Sightings {
    sender: mpsc::UnboundedSender<Sighting>,
    waiting: Arc<AtomicUsize>,
}

/// Where to tell, and where to hear.
pub(super) fn pair() -> (Sightings, mpsc::UnboundedReceiver<Sighting>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Sightings { sender, waiting: Arc::default() }, receiver)
}

impl Sightings {
    /// A task came to this robot.
    pub(crate) fn came(&self, assign: &Assign, now: i64) {
        let row = task::Model {
            id: assign.task_id,
            is_own: false,
            process_id: assign.process_id,
            process_name: assign.process_name.clone(),
            package_id: None,
            task_name: assign.task_name.clone(),
            priority: 1,
            is_record: assign.record,
            in_parameters: in_parameters::to_text(&assign.in_parameters).unwrap_or_else(|_| "[]".into()),
            out_parameters: None,
            state: TaskState::Assigned.to_string(),
            is_held: true,
            fence: assign.fence,
            message: None,
            max_run_minutes: assign.max_run_seconds.unwrap_or(0) / 60,
            max_wait_minutes: 0,
            wait_until: None,
            paused_at: None,
            retry_safe: assign.retry_safe,
            created_at: now,
            started_at: None,
            ended_at: None,
            revision: 1,
            told_revision: 0,
            platform_id: None,
        };
        self.tell(assign.task_ref(), Seen::Came(Box::new(row)));
    }

    /// It began to run.
    pub(crate) fn began(&self, task: TaskRef) {
        self.tell(task, Seen::Began);
    }

    /// It stands so now.
    pub(crate) fn is(&self, task: TaskRef, state: TaskState) {
        self.tell(task, Seen::Is(state));
    }

    /// It ended.
    pub(crate) fn ended(&self, report: &Report) {
        let state = match report.outcome {
            Outcome::Succeeded => TaskState::Succeeded,
            Outcome::Failed => TaskState::Failed,
            Outcome::Cancelled => TaskState::Cancelled,
            Outcome::RunExpired => TaskState::RunExpired,
        };
        let out_parameters = in_parameters::to_text(&report.out_parameters).unwrap_or_else(|_| "[]".into());
        let task = TaskRef { task_id: report.task_id, fence: report.fence };
        self.tell(task, Seen::Ended { state, message: report.message.clone(), out_parameters });
    }

    /// It left this robot before it began.
    pub(crate) fn left(&self, task: TaskRef) {
        self.tell(task, Seen::Left);
    }

    /// It wrote these lines.
    pub(crate) fn lines(&self, task: TaskRef, first_sequence: i64, lines: &[LogLine]) {
        let Ok(text) = serde_json::to_string(lines) else { return };
        let size = text.len();
        if self.waiting.fetch_add(size, Ordering::Relaxed) > MOST_WAITING {
            self.waiting.fetch_sub(size, Ordering::Relaxed);
            return;
        }
        // The platform has its own.
        let is_told = true;
        let row =
            task_log::Model { id: 0, task_id: task.task_id, fence: task.fence, first_sequence, lines: text, is_told };
        drop(self.sender.send(Sighting::Lines { row: Box::new(row), size }));
    }

    /// Waits until everything that was seen is written down.
    pub(crate) async fn written(&self) {
        let (sender, written) = oneshot::channel();
        if self.sender.send(Sighting::Written(sender)).is_ok() {
            drop(written.await);
        }
    }

    /// How many bytes of lines wait, for whoever writes them.
    fn written_lines(&self, size: usize) {
        self.waiting.fetch_sub(size, Ordering::Relaxed);
    }

    fn tell(&self, task: TaskRef, seen: Seen) {
        // Nobody listens any more when the agent ends.
        drop(self.sender.send(Sighting::Task(task, Box::new(seen))));
    }
}

/// Writes down what is seen until nobody can tell any more.
pub(super) async fn keep_writing(
    (store, sightings): (RobotStore, Sightings),
    clock: Arc<dyn Clock>,
    mut seen: mpsc::UnboundedReceiver<Sighting>,
) {
    let mut batch = Vec::with_capacity(16);
    while seen.recv_many(&mut batch, TOGETHER).await > 0 {
        let is_awaited = |sighting: &Sighting| matches!(sighting, Sighting::Written(_));
        if !batch.iter().any(is_awaited) {
            timer::after(LINGER).await;
            while batch.len() < TOGETHER
                && let Ok(more) = seen.try_recv()
            {
                batch.push(more);
            }
        }
        let (mut rows, mut awaited) = (Vec::new(), Vec::new());
        for sighting in batch.drain(..) {
            match sighting {
                Sighting::Task(task, seen) => rows.push(Row::Task(task, *seen)),
                Sighting::Lines { row, size } => {
                    sightings.written_lines(size);
                    rows.push(Row::Lines(*row));
                }
                Sighting::Written(sender) => awaited.push(sender),
            }
        }
        let now = clock.now();
        while let Err(error) = write(&store, rows.clone(), now).await {
            tracing::warn!(%error, "what the platform's tasks do cannot be written down here yet");
            timer::after(RETRY).await;
        }
        for sender in awaited {
            // Whoever asked may be gone.
            let _ = sender.send(());
        }
    }
}

#[derive(Clone)]
enum Row {
    Task(TaskRef, Seen),
    Lines(task_log::Model),
}

async fn write(store: &RobotStore, rows: Vec<Row>, now: i64) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    store.write(move |tx| async move { write_all(tx, rows, now).await }.boxed()).await
}

async fn write_all(tx: &Tx, rows: Vec<Row>, now: i64) -> Result<()> {
    for row in rows {
        match row {
            Row::Task(task, seen) => rows::seen(tx, (task.task_id, task.fence), seen, now).await?,
            Row::Lines(row) => task_logs::put(tx, row).await?,
        }
    }
    Ok(())
}
