//! Pictures of a robot's screen for somebody who watches: the platform asks ([`Watch`]), the robot opens a WebSocket of its
//! own and answers each [`NEXT`] with one picture, so that never more than one is on its way.

use serde::{Deserialize, Serialize};

/// The text by which the platform asks for the next picture; it is answered by a binary message (a JPEG), or by a text
/// that says why there is none.
pub const NEXT: &str = "next";
/// The largest picture.
pub const MAX_PICTURE_BYTES: usize = 4 * 1024 * 1024;

/// Somebody wants to see the robot's screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Watch {
    /// A random name; the robot connects to [`crate::paths::live_view`] of it, once.
    pub view: String,
}
