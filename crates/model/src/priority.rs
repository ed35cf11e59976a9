//! The priority of a task (T/TSAC 002-2025, 6.2.7.1): 0 high, 1 middle, 2 low. Lower numbers go first.

use crate::{Error, Result};

/// How urgent a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Priority {
    /// 0-高
    High,
    /// 1-中
    #[default]
    Middle,
    /// 2-低
    Low,
}

impl Priority {
    /// The standard's number.
    #[must_use]
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The priority of the standard's number.
    pub fn from_number(number: i64) -> Result<Self> {
        match number {
            0 => Ok(Self::High),
            1 => Ok(Self::Middle),
            2 => Ok(Self::Low),
            _ => Err(Error::invalid("priority", "must be 0 (high), 1 (middle) or 2 (low)")),
        }
    }
}
