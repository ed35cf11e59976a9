//! What the platform says to the robot.

use baigong_model::{LogLevel, Parameter};
use serde::{Deserialize, Serialize};

use crate::{
    call::Reply, from_robot::TaskRef, limits::Timing, live_view::Watch, operation::Operation, own_task::OwnTaskKnown,
    recording::RecorderKey,
};

/// One frame from the platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum ToRobot {
    /// The answer to `Hello`, sent when what it said about held tasks is dealt with.
    Welcome(Welcome),
    /// Here is a task: journal it, then ask to start.
    Assign(Assign),
    /// The process may start.
    Granted(TaskRef),
    /// The process must not start; the robot forgets the task.
    Refused(TaskNotice),
    /// Stop the task and report it. Sent again until a report comes; harmless for a task the robot does not know.
    Cancel(TaskNotice),
    /// Hold the task between two steps.
    Pause(TaskRef),
    /// Let it go on.
    Resume(TaskRef),
    /// The lines up to this one are stored.
    LogAck(LogAck),
    /// The report is stored, or came too late to matter: the robot forgets the task.
    ReportAck(TaskRef),
    /// The answer to a `Call`.
    Reply(Reply),
    /// The answer to a `Heartbeat`.
    HeartbeatAck {
        /// The heartbeat's number.
        sequence: u64,
    },
    /// The robot's lease of this task is no longer in force: stop it and throw away everything kept for it, unsent.
    Stale(TaskNotice),
    /// Another agent with the same identity has taken over: stop everything and exit. The connection closes after it.
    Fenced {
        /// Why, for the operator.
        #[serde(default)]
        reason: String,
    },
    /// Take no new tasks; finish those that run.
    Drain,
    /// Do this with yourself or your machine. Sent again until it is answered.
    Operate(Operation),
    /// What came of a trigger of the robot's own is stored, up to this number.
    FiredAck {
        /// The number.
        number: i64,
    },
    /// How the robot's own tasks stand is stored.
    OwnTasksAck {
        /// Which of them, and how far.
        tasks: Vec<OwnTaskKnown>,
    },
    /// What came of an operation is stored: the robot need not say it again.
    OperatedAck {
        /// The operation.
        #[serde(rename = "operationId")]
        operation_id: i64,
    },
    /// Somebody wants to see the screen. Said again while they wait for a picture.
    Watch(Watch),
    /// A message of a newer platform: ignore it.
    #[serde(other)]
    Unknown,
}

/// What the robot has to know of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// Its id.
    pub robot_id: i64,
    /// Its name.
    #[serde(default)]
    pub robot_name: String,
    /// Seconds between two heartbeats.
    #[serde(default = "Timing::default_heartbeat_seconds")]
    pub heartbeat_seconds: u64,
    /// Seconds a lease lasts without renewal.
    #[serde(default = "Timing::default_lease_seconds")]
    pub lease_seconds: u64,
    /// How many tasks it may run at once.
    #[serde(default = "one")]
    pub max_tasks: u32,
    /// What keys of recordings are sealed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorder_key: Option<RecorderKey>,
    /// The screen its tasks are to have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screen: Option<Screen>,
    /// The platform's time, milliseconds since the epoch; 0 when it does not say.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub time: i64,
}

/// The size of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Screen {
    /// In pixels.
    pub width: u16,
    /// In pixels.
    pub height: u16,
    /// Bits of a pixel's colour.
    pub depth: u8,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "this is how serde asks")]
fn is_zero(time: &i64) -> bool {
    *time == 0
}

fn one() -> u32 {
    1
}

/// A task and a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskNotice {
    /// The task.
    pub task_id: i64,
    /// The number of the lease.
    pub fence: i64,
    /// Why, for the operator.
    #[serde(default)]
    pub reason: String,
}

/// A task for the robot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assign {
    /// The task.
    pub task_id: i64,
    /// The number of the lease; every later message about the task carries it.
    pub fence: i64,
    /// The process it belongs to.
    pub process_id: i64,
    /// The process's name.
    #[serde(default)]
    pub process_name: String,
    /// The package version to run.
    pub package: PackageRef,
    /// What goes in.
    #[serde(default)]
    pub in_parameters: Vec<Parameter>,
    /// Which of the package's tasks; none = its only or first one.
    #[serde(default)]
    pub task_name: Option<String>,
    /// After how many seconds the robot stops it; none = never.
    #[serde(default)]
    pub max_run_seconds: Option<i64>,
    /// The finest level whose lines are kept.
    #[serde(default)]
    pub log_level: LogLevel,
    /// Whether the process may safely run twice.
    #[serde(default)]
    pub retry_safe: bool,
    /// Whether its screen is to be recorded.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub record: bool,
    /// Who it runs for, to be shown in the recording.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub operator: String,
    /// What a recording of this run is brought with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub recording_ticket: String,
}

/// Where a package is and how to know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageRef {
    /// Its id.
    pub package_id: i64,
    /// The SHA-256 of the zip, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// The size of the zip in bytes.
    pub size: u64,
    /// The path below the platform's address, as [`crate::paths::package`] makes it.
    pub path: String,
}

/// Which log lines are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogAck {
    /// The task.
    pub task_id: i64,
    /// The number of the lease.
    pub fence: i64,
    /// The number of the last line that is stored, with all before it.
    pub last_sequence: i64,
}

impl Assign {
    /// The task and its lease.
    #[must_use]
    pub fn task_ref(&self) -> TaskRef {
        TaskRef { task_id: self.task_id, fence: self.fence }
    }
}

impl TaskNotice {
    /// The task and its lease.
    #[must_use]
    pub fn task_ref(&self) -> TaskRef {
        TaskRef { task_id: self.task_id, fence: self.fence }
    }
}
