//! The ids. T/TSAC 002-2025 prints every id as `int`, so all of them are 64-bit integers; the names say which is meant.

/// A department (部门).
pub type DepartmentId = i64;
/// A user (用户, "employee" in the interfaces).
pub type UserId = i64;
/// A role.
pub type RoleId = i64;
/// A process package version (流程包).
pub type PackageId = i64;
/// A process (流程).
pub type ProcessId = i64;
/// A trigger (调度).
pub type TriggerId = i64;
/// A calendar (日历).
pub type CalendarId = i64;
/// A task (任务).
pub type TaskId = i64;
/// A data queue (数据队列).
pub type QueueId = i64;
/// One item of a data queue.
pub type QueueItemId = i64;
/// A machine (服务器).
pub type MachineId = i64;
/// A robot (机器人).
pub type RobotId = i64;
/// A robot group (机器人组).
pub type RobotGroupId = i64;
/// The set of robots that may run a task: a group, one robot, or a list of robots.
pub type PoolId = i64;
/// A number that grows with each lease of a task or a queue item; a write with a lower one is refused.
pub type Fence = i64;
/// An application: an API client with a key pair.
pub type ApplicationId = i64;
/// A bridge: a foreign platform that is seen and worked from here.
pub type BridgeId = i64;
/// A license (许可).
pub type LicenseId = i64;
/// A version of the agent's program.
pub type AgentVersionId = i64;
/// A rolling upgrade of robots.
pub type RolloutId = i64;
/// Something that a robot is asked to do with itself.
pub type OperationId = i64;
/// A recording (录屏).
pub type RecordingId = i64;
