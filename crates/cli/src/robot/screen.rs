//! The options of a robot's screen and its recordings.

use baigong_robot::{DisplayChoice, Options, RecordWhen, ScreenSize};
use clap::{Args, ValueEnum};

const MIB: u64 = 1024 * 1024;

/// What stands behind `--display`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Display {
    /// The one in DISPLAY; where there is none, one of its own if Xvfb is installed
    Auto,
    /// One of its own, always
    Own,
    /// None
    None,
}

/// What stands behind `--record`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Record {
    /// The tasks that say so
    Asked,
    /// All tasks
    Always,
    /// No task
    Never,
}

/// What is told of the screen with `baigong robot`.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Screen")]
pub(crate) struct ScreenArguments {
    /// Where tasks find a screen.
    #[arg(long, value_enum, default_value_t = Display::Auto, global = true, env = "BAIGONG_ROBOT_DISPLAY")]
    display: Display,
    /// The size of a display of its own [default: what the platform says of the robot, else 1920x1080].
    #[arg(long, value_name = "WxH", value_parser = size, global = true, env = "BAIGONG_ROBOT_SCREEN")]
    screen: Option<ScreenSize>,
    /// Which tasks' screens are recorded.
    #[arg(long, value_enum, default_value_t = Record::Asked, global = true, env = "BAIGONG_ROBOT_RECORD")]
    record: Record,
    /// Turn tasks down that are to be recorded and cannot be; otherwise they run, and their logs say so.
    #[arg(long, global = true, env = "BAIGONG_ROBOT_RECORDING_REQUIRED")]
    recording_required: bool,
    /// Disk space for recordings that the platform does not have yet, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 2048, global = true, env = "BAIGONG_ROBOT_RECORDING_SPACE")]
    recording_space: u64,
}

impl ScreenArguments {
    /// Sets the options.
    pub(crate) fn apply(&self, options: &mut Options) {
        let screen = &mut options.screen;
        screen.display = match self.display {
            Display::Auto => DisplayChoice::Auto,
            Display::Own => DisplayChoice::Own,
            Display::None => DisplayChoice::None,
        };
        screen.size = self.screen;
        screen.record = match self.record {
            Record::Asked => RecordWhen::Asked,
            Record::Always => RecordWhen::Always,
            Record::Never => RecordWhen::Never,
        };
        screen.recording_required = self.recording_required;
        screen.recording_limit = self.recording_space.saturating_mul(MIB);
    }
}

fn size(text: &str) -> Result<ScreenSize, String> {
    let wrong = || format!("\"{text}\" is no size: give it as 1280x720");
    let (width, height) = text.split_once('x').ok_or_else(wrong)?;
    let (width, height) = (width.parse().map_err(|_| wrong())?, height.parse().map_err(|_| wrong())?);
    Ok(ScreenSize { width, height, depth: 24 })
}
