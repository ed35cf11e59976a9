//! What the robot says to the platform.

use baigong_model::{LogLevel, Parameter};
use serde::{Deserialize, Serialize};

use crate::{call::Call, operation::Operated, own_task::OwnTasks};

/// One frame from the robot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum FromRobot {
    /// The first frame of every connection.
    Hello(Hello),
    /// "I live, and I hold these."
    Heartbeat(Heartbeat),
    /// The assignment is in the robot's journal, on disk.
    Accepted(TaskRef),
    /// The robot turns the assignment down: nothing of it was started.
    Declined(Declined),
    /// May I start? Sent again after a reconnect until it is answered; the platform answers a repetition alike.
    Start(TaskRef),
    /// Where a running task is. Not kept, not acknowledged.
    Progress(Progress),
    /// Lines of the task log, kept by the robot until acknowledged.
    Log(Log),
    /// How a task ended, kept by the robot until acknowledged.
    Report(Report),
    /// A running task needs something of the platform.
    Call(Call),
    /// The task is paused.
    Paused(TaskRef),
    /// The task goes on.
    Resumed(TaskRef),
    /// Somebody asked the robot itself to hold a task of the platform, or to let it go on: the platform decides.
    Wants(Wants),
    /// What the machine is doing: after each welcome, then now and then. Not kept, not acknowledged.
    Machine(MachineReading),
    /// A trigger of the robot's own was decided, kept by the robot until acknowledged.
    Fired(OwnFiring),
    /// What came of an operation, kept by the robot until acknowledged.
    Operated(Operated),
    /// How tasks that were made on the robot itself stand now, said again until acknowledged.
    OwnTasks(OwnTasks),
    /// A message of a newer robot: ignore it.
    #[serde(other)]
    Unknown,
}

/// What came of one instant of a trigger of the robot's own. They are told one after the other, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnFiring {
    /// Which book of the robot's it stands in: another one after its folder was lost.
    pub book: i64,
    /// Its number there; numbers grow.
    pub number: i64,
    /// The trigger's name.
    pub trigger: String,
    /// `fired` or `skipped`.
    pub outcome: String,
    /// Which file or keys, or why not.
    #[serde(default)]
    pub detail: String,
    /// The robot's own tasks that were made.
    #[serde(default)]
    pub tasks: Vec<i64>,
    /// When, milliseconds since the epoch.
    pub at: i64,
}

/// A task under one lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskRef {
    /// The task.
    pub task_id: i64,
    /// The number of the lease.
    pub fence: i64,
}

/// What somebody asked the robot itself to do with a task of the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wants {
    /// The task.
    pub task_id: i64,
    /// The number of the lease.
    pub fence: i64,
    /// Whether it is to stand still; otherwise it is to go on.
    pub still: bool,
}

/// Who is connecting and what it still holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// [`crate::PROTOCOL_VERSION`] of the robot.
    pub protocol: u32,
    /// The version of the agent's program.
    #[serde(default)]
    pub agent_version: String,
    /// Changes with each start of the agent and stays the same over its reconnects: `<random>-<start counter>`.
    pub incarnation: String,
    /// How many tasks the robot can run at once at most; the platform may allow fewer.
    #[serde(default = "one")]
    pub capacity: u32,
    /// The folder of the agent's program.
    #[serde(default)]
    pub install_path: String,
    /// When the agent first ran in its data folder, milliseconds since the epoch.
    #[serde(default)]
    pub installed_at: i64,
    /// The machine.
    #[serde(default)]
    pub host: HostInfo,
    /// Every task the robot knows of and that the platform has not acknowledged as ended.
    #[serde(default)]
    pub held: Vec<Held>,
}

fn one() -> u32 {
    1
}

/// The machine a robot runs on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HostInfo {
    /// Its host name.
    #[serde(default)]
    pub machine_name: String,
    /// The address it reaches the platform from, as it sees it.
    #[serde(default)]
    pub ip: String,
    /// The operating system: "linux debian 12 x86_64".
    #[serde(default)]
    pub system: String,
}

/// What a robot read on its machine. What it cannot read is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MachineReading {
    /// How busy the processors were since the reading before, in thousandths of all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_permille: Option<u32>,
    /// The memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Space>,
    /// The disks, at most [`MAX_DISKS`].
    #[serde(default)]
    pub disks: Vec<Disk>,
}

/// More disks than this are not told of.
pub const MAX_DISKS: usize = 16;

/// Room, and how much of it is taken, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Space {
    /// All of it.
    pub total: u64,
    /// What is taken.
    pub used: u64,
}

/// A disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Disk {
    /// Where it is mounted: `/`, `C:\\`.
    pub name: String,
    /// Its room.
    pub space: Space,
}

/// A task the robot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// The task.
    pub task_id: i64,
    /// The number of the lease.
    pub fence: i64,
    /// How far it is.
    pub phase: HeldPhase,
}

/// How far a held task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HeldPhase {
    /// Journalled, waiting to be allowed to start.
    Accepted,
    /// Its process runs.
    Running,
    /// Its process is held: it was started, and stands still.
    Paused,
    /// It ended; its report follows.
    Finished,
    /// It was accepted before the agent restarted, certainly never started, and never will be under this lease: the
    /// platform may assign it anew. Repeated until a `Welcome` has answered it.
    Dropped,
    /// A phase of a newer robot.
    #[serde(other)]
    Unknown,
}

/// The sign of life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Heartbeat {
    /// Grows by one with each heartbeat of a connection; comes back in the `HeartbeatAck`.
    #[serde(default)]
    pub sequence: u64,
    /// The tasks whose leases it renews.
    #[serde(default)]
    pub held: Vec<TaskRef>,
    /// How many more tasks it would take now; 0 while it drains.
    #[serde(default)]
    pub free_slots: u32,
    /// Those of them that stand still: where the platform thinks otherwise it says so again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paused: Vec<TaskRef>,
    /// Why it takes no tasks although it has room, for the operator: its disk is full, say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declines: Option<String>,
}

/// An assignment turned down before its start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Declined {
    /// The task.
    pub task_id: i64,
    /// The number of the lease.
    pub fence: i64,
    /// Why, for the operator.
    #[serde(default)]
    pub reason: String,
}

/// One event of a running task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The task.
    pub task_id: i64,
    /// The number of the lease.
    pub fence: i64,
    /// Grows with each event of the task; a lower one than seen is late and can be dropped.
    pub sequence: i64,
    /// The step's own id.
    pub step: String,
    /// Where it stands in the flow.
    #[serde(default)]
    pub path: String,
    /// Its title.
    #[serde(default)]
    pub title: String,
    /// What happened to it.
    pub state: StepState,
}

/// What happened to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StepState {
    /// It began.
    Started,
    /// It ended well.
    Succeeded,
    /// It ended with an error.
    Failed,
    /// Something of a newer robot.
    #[serde(other)]
    Unknown,
}

/// Consecutive lines of one task's log. A batch is sent again with exactly the same bounds until it is acknowledged, so
/// `(taskId, fence, firstSequence)` identifies it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Log {
    /// The task.
    pub task_id: i64,
    /// The number of the lease.
    pub fence: i64,
    /// The number of the first line, from 1; the others follow without a hole.
    pub first_sequence: i64,
    /// The lines, at most [`crate::limits::MAX_LOG_LINES`].
    pub lines: Vec<LogLine>,
}

impl Log {
    /// The number of the last line.
    #[must_use]
    pub fn last_sequence(&self) -> i64 {
        self.first_sequence + i64::try_from(self.lines.len()).unwrap_or(i64::MAX) - 1
    }
}

/// One line of a task log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// When, by the robot's clock, milliseconds since the epoch.
    pub at: i64,
    /// How grave.
    pub level: LogLevel,
    /// The text, at most [`crate::limits::MAX_LOG_LINE_BYTES`] bytes.
    pub message: String,
}

/// How a task ended. Identified by `(taskId, fence)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The task.
    pub task_id: i64,
    /// The number of the lease.
    pub fence: i64,
    /// The end.
    pub outcome: Outcome,
    /// Why, unless it succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What kind of failure it is, where the outcome is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// What came out.
    #[serde(default)]
    pub out_parameters: Vec<Parameter>,
    /// The names of the artifacts that were uploaded before this report.
    #[serde(default)]
    pub artifacts: Vec<String>,
    /// When the process ended, by the robot's clock, milliseconds since the epoch.
    #[serde(default)]
    pub ended_at: i64,
}

/// What kind of failure ended a run: by this the platform decides whether the task may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Failure {
    /// The run came to its own end, with an error: what it did is known.
    Application,
    /// The run says that what it was given is wrong: another try would fail alike.
    Business,
    /// It was broken off (the robot stopped, or lost contact): nobody knows how far it came.
    Interrupted,
    /// A kind of a newer robot.
    #[serde(other)]
    Unknown,
}

/// The ends a robot can report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It ended well.
    Succeeded,
    /// It ended with an error, or the robot stopped while it ran.
    Failed,
    /// It was stopped because the platform asked for it.
    Cancelled,
    /// It was stopped because it ran longer than allowed.
    RunExpired,
}
