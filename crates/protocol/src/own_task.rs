//! Tasks that were made on a robot itself, as its platform is told of them. The robot decides their steps; the platform shows
//! them, and gives them what it gives its own tasks.

use baigong_model::Parameter;
use serde::{Deserialize, Serialize};

/// More tasks than this are not told of in one frame.
pub const MOST_OWN_TASKS: usize = 50;

/// Tasks as they stand now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnTasks {
    /// Which book of the robot's they stand in: another one after its folder was lost.
    pub book: i64,
    /// The tasks, at most [`MOST_OWN_TASKS`].
    pub tasks: Vec<OwnTask>,
}

/// A task as it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnTask {
    /// Its number on the robot.
    pub number: i64,
    /// Grows with every change; a lower one than seen is late and changes nothing.
    pub revision: i64,
    /// The number of its process on the robot.
    pub process: i64,
    /// The process's name.
    pub process_name: String,
    /// Which of the package's tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_name: Option<String>,
    /// 0 high, 1 middle, 2 low.
    pub priority: i32,
    /// Whether its screen is recorded; the recording stays on the robot.
    #[serde(default)]
    pub record: bool,
    /// What goes in.
    #[serde(default)]
    pub in_parameters: Vec<Parameter>,
    /// What came out; none until it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_parameters: Option<Vec<Parameter>>,
    /// See `TaskState`.
    pub state: String,
    /// How many runs it has had; its log and its calls carry this number as their fence.
    #[serde(default)]
    pub run: i64,
    /// Why it ended as it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// 0 for no limit.
    #[serde(default)]
    pub max_run_minutes: i64,
    /// 0 for no limit.
    #[serde(default)]
    pub max_wait_minutes: i64,
    /// When its last run began, by the robot's clock, milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<i64>,
    /// When it ended, by the robot's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
}

/// The platform knows a task so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnTaskKnown {
    /// Its number on the robot.
    pub number: i64,
    /// The change that is stored.
    pub revision: i64,
    /// Its id on the platform.
    pub task_id: i64,
}
