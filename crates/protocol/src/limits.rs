//! Bounds and default timings of the uplink, the same at both ends.

use std::time::Duration;

/// The version of the messages; raised only when an old end could not carry on.
pub const PROTOCOL_VERSION: u32 = 1;
/// The largest frame, in bytes of its text.
pub const MAX_FRAME_BYTES: usize = 1024 * 1024;
/// The most lines of one `Log`.
pub const MAX_LOG_LINES: usize = 500;
/// The most bytes of one `Log`, as JSON text.
pub const MAX_LOG_BATCH_BYTES: usize = 256 * 1024;
/// The longest log line in bytes; a longer one is cut by the robot, and says so.
pub const MAX_LOG_LINE_BYTES: usize = 16 * 1024;
/// The longest text of a failure in a report, in bytes; a longer one is cut by the robot.
pub const MAX_REPORT_MESSAGE_BYTES: usize = 16 * 1024;
/// The most bytes of all out-parameters together; a task that gives more fails with a message that says so.
pub const MAX_OUT_PARAMETERS_BYTES: usize = 512 * 1024;
/// The most artifacts of one task.
pub const MAX_ARTIFACTS: usize = 1000;

/// The timings, all configurable on the platform, which tells them to robots in `Welcome`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Between two heartbeats.
    pub heartbeat: Duration,
    /// Without a heartbeat for so long, a robot counts as offline.
    pub offline_after: Duration,
    /// How long a lease lasts without renewal.
    pub lease: Duration,
    /// How often leases are renewed.
    pub renew: Duration,
    /// The shortest wait before a reconnect.
    pub reconnect_min: Duration,
    /// The longest wait before a reconnect.
    pub reconnect_max: Duration,
}

impl Timing {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        heartbeat: Duration::from_secs(10),
        offline_after: Duration::from_secs(30),
        lease: Duration::from_secs(60),
        renew: Duration::from_secs(20),
        reconnect_min: Duration::from_millis(500),
        reconnect_max: Duration::from_secs(30),
    };

    pub(crate) fn default_heartbeat_seconds() -> u64 {
        Self::DEFAULT.heartbeat.as_secs()
    }

    pub(crate) fn default_lease_seconds() -> u64 {
        Self::DEFAULT.lease.as_secs()
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self::DEFAULT
    }
}
