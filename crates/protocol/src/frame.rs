//! One message as one text frame, bounded in size both ways.

use serde::{Serialize, de::DeserializeOwned};

use crate::limits::MAX_FRAME_BYTES;

/// Why a frame cannot be sent or read. Never quotes the frame, which may hold business data.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// It is larger than both ends allow.
    #[error("a message of {0} bytes is larger than the {MAX_FRAME_BYTES} bytes the uplink allows")]
    TooLarge(usize),
    /// It is not a message.
    #[error("not an uplink message: wrong at line {line}, column {column}")]
    Malformed {
        /// Line of the fault, from 1; 0 when the shape as a whole is wrong.
        line: usize,
        /// Column of the fault, from 1; 0 when the shape as a whole is wrong.
        column: usize,
    },
}

/// Writes a message.
pub fn encode<T: Serialize>(message: &T) -> Result<String, FrameError> {
    let text = serde_json::to_string(message).map_err(|error| malformed(&error))?;
    if text.len() > MAX_FRAME_BYTES { Err(FrameError::TooLarge(text.len())) } else { Ok(text) }
}

/// Reads a message. A message type that this version does not know is `Unknown`, not an error.
pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T, FrameError> {
    if text.len() > MAX_FRAME_BYTES {
        return Err(FrameError::TooLarge(text.len()));
    }
    serde_json::from_str(text).map_err(|error| malformed(&error))
}

fn malformed(error: &serde_json::Error) -> FrameError {
    FrameError::Malformed { line: error.line(), column: error.column() }
}
