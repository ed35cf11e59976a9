//! What platform and robot must agree on: the messages of the uplink (a WebSocket of JSON text frames that the robot
//! opens), their limits and timings, the paths beside it and the form of a robot's secret. No HTTP, no SQL, no I/O.
//!
//! Compatibility: fields may be added (readers ignore unknown ones, new ones have a default), message types may be added
//! (readers get `Unknown` and carry on), nothing is renamed or removed. `src/wire_tests.rs` holds the printed form.

pub mod call;
pub mod frame;
pub mod from_robot;
pub mod km_signature;
pub mod limits;
pub mod live_view;
pub mod operation;
pub mod own_task;
pub mod password_text;
pub mod paths;
pub mod recording;
pub mod request_signature;
pub mod robot_secret;
pub mod sealing;
pub mod to_robot;

pub use call::{
    Call, CallAnswer, CallError, CallRequest, CallResult, Credential, NewQueueItem, QueueItem, QueueOrigin,
    QueueOutcome, Reply,
};
pub use frame::{FrameError, decode, encode};
pub use from_robot::{
    Declined, Disk, Failure, FromRobot, Heartbeat, Held, HeldPhase, Hello, HostInfo, Log, LogLine, MAX_DISKS,
    MachineReading, Outcome, OwnFiring, Progress, Report, Space, StepState, TaskRef, Wants,
};
pub use limits::{PROTOCOL_VERSION, Timing};
pub use live_view::Watch;
pub use operation::{AgentVersion, Operated, Operation, OperationKind, OperationStage, VersionRef};
pub use own_task::{MOST_OWN_TASKS, OwnTask, OwnTaskKnown, OwnTasks};
pub use recording::{ChunkNote, RecorderKey, RecordingEnd, RecordingHead, RecordingKey, RecordingRef};
pub use robot_secret::RobotSecret;
pub use to_robot::{Assign, LogAck, PackageRef, Screen, TaskNotice, ToRobot, Welcome};

#[cfg(test)]
mod wire_tests;
