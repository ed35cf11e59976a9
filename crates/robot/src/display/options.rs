//! What a robot's screen is to be, and what is recorded of it.

use std::{path::PathBuf, time::Duration};

use baigong_protocol::Screen;

/// Where a robot's tasks find a screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DisplayChoice {
    /// The one in `DISPLAY`; where there is none, one of its own if Xvfb is installed.
    #[default]
    Auto,
    /// One of its own, always.
    Own,
    /// None at all.
    None,
}

/// When screens are recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RecordWhen {
    /// When the task says so.
    #[default]
    Asked,
    /// Every task's.
    Always,
    /// Never, whatever the task says.
    Never,
}

/// A robot's screen and its recordings.
#[derive(Debug, Clone)]
pub struct ScreenOptions {
    /// Where tasks find a screen.
    pub display: DisplayChoice,
    /// The size of one of its own; where it is not given what the platform says, else 1920 x 1080.
    pub size: Option<Screen>,
    /// One of its own that no task has used for so long is ended, and started again when the next task wants it.
    pub rest: Duration,
    /// When it is recorded.
    pub record: RecordWhen,
    /// Whether a task that is to be recorded and cannot be is turned down; otherwise it runs, and its log says so.
    pub recording_required: bool,
    /// Pictures in a second.
    pub frames_per_second: u32,
    /// How long a chunk lasts. What is not yet in one is lost with the agent.
    pub chunk: Duration,
    /// Disk space for recordings that the platform does not have yet, in bytes; what does not fit is lost, and shown as lost.
    pub recording_limit: u64,
    /// The encoder.
    pub ffmpeg: PathBuf,
    /// The server of displays of its own.
    pub xvfb: PathBuf,
}

/// The size of a display that nobody says anything about.
pub(crate) const DEFAULT_SCREEN: Screen = Screen { width: 1920, height: 1080, depth: 24 };

impl Default for ScreenOptions {
    fn default() -> Self {
        Self {
            display: DisplayChoice::Auto,
            size: None,
            rest: Duration::from_secs(10 * 60),
            record: RecordWhen::Asked,
            recording_required: false,
            frames_per_second: 4,
            chunk: Duration::from_secs(4),
            recording_limit: 2048 * 1024 * 1024,
            ffmpeg: "ffmpeg".into(),
            xvfb: "Xvfb".into(),
        }
    }
}

impl ScreenOptions {
    /// Whether a task is to be recorded that says so, or does not.
    pub(crate) fn records(&self, is_asked: bool) -> bool {
        match self.record {
            RecordWhen::Asked => is_asked,
            RecordWhen::Always => true,
            RecordWhen::Never => false,
        }
    }
}
