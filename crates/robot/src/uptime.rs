//! The clock that leases are measured by: it cannot be set, and it goes on while the machine sleeps. A laptop that wakes
//! up after an hour must know that its leases are long over.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A clock that only goes forward.
pub trait Uptime: Send + Sync + 'static {
    /// The time since some moment that stays the same while the agent runs; time in which the machine was suspended
    /// counts.
    fn now(&self) -> Duration;
}

/// The time since the machine was booted.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemUptime;

impl Uptime for SystemUptime {
    fn now(&self) -> Duration {
        // Not CLOCK_MONOTONIC, which stands still in a suspended machine. The time since the boot is never negative.
        Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap_or_default()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_system_tells_the_time_since_the_boot() {
        let read = || {
            let text = std::fs::read_to_string("/proc/uptime").unwrap();
            // Printed in hundredths, cut off.
            Duration::from_secs_f64(text.split(' ').next().unwrap().parse().unwrap())
        };
        let (before, now, after) = (read(), SystemUptime.now(), read());
        let unit = Duration::from_millis(10);
        assert!(before <= now && now <= after + unit, "{before:?} {now:?} {after:?}");
    }
}
