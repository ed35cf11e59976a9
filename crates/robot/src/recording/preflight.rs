//! Whether recordings can be made here: asked once, and answered in words that name what to install.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::process::Command;

use crate::display::is_installed;

/// The program must answer within this.
const PATIENCE: Duration = Duration::from_secs(20);
/// What it must be able to do: the list, the word in it, and what that means.
const NEEDED: [(&str, &str, &str); 2] = [
    ("-encoders", " libx264 ", "the encoder libx264"),
    ("-filters", " drawtext ", "the filter drawtext, which writes time and step into the picture"),
];

/// What is missing for recordings; none when they can be made.
pub(super) async fn missing(ffmpeg: &Path) -> Option<String> {
    if !is_installed(ffmpeg) {
        return Some(format!("{} is not installed (Debian: apt-get install ffmpeg)", ffmpeg.display()));
    }
    for (list, word, meaning) in NEEDED {
        let mut command = Command::new(ffmpeg);
        command.args(["-hide_banner", "-loglevel", "error", list]).stdin(Stdio::null()).kill_on_drop(true);
        let answer = match tokio::time::timeout(PATIENCE, command.output()).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Some(format!("{} cannot be started: {error}", ffmpeg.display())),
            Err(_) => return Some(format!("{} does not answer", ffmpeg.display())),
        };
        if !String::from_utf8_lossy(&answer.stdout).contains(word) {
            return Some(format!("{} lacks {meaning}", ffmpeg.display()));
        }
    }
    None
}
