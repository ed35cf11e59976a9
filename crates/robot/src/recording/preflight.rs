//! Whether recordings can be made here: asked once, and answered in words that name what to install.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::process::Command;

use crate::display::is_installed;

/// The program must answer within this.
const PATIENCE: Duration = Duration::from_secs(20);
/// What it must be able to do: the list, the word in it, and what that means.
const NEEDED: [(&str, &str, &str); 2] = [
    ("-encoders", " libx264 ", "the encoder libx264"),
    ("-filters", " drawtext ", "the filter drawtext, which writes time and step into the picture"),
];

/// The means of recording on this machine.
pub(super) struct Means {
    /// What is missing; none when recordings can be made.
    pub(super) missing: Option<String>,
    /// The font of the captions; none where the system cannot tell of one.
    pub(super) font: Option<PathBuf>,
}

/// Looks what there is.
pub(super) async fn look(ffmpeg: &Path) -> Means {
    Means { missing: missing(ffmpeg).await, font: font().await }
}

/// The font that shows Chinese as well: the encoder itself takes any that goes by the name it is given.
async fn font() -> Option<PathBuf> {
    let mut command = Command::new("fc-match");
    command.args(["--format", "%{file}", "Sans:lang=zh-cn"]).stdin(Stdio::null()).kill_on_drop(true);
    let answer = tokio::time::timeout(PATIENCE, command.output()).await.ok()?.ok()?;
    let file = PathBuf::from(String::from_utf8(answer.stdout).ok()?);
    file.is_file().then_some(file)
}

/// What is missing, in words.
pub(crate) async fn missing(ffmpeg: &Path) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_font_of_captions_has_chinese() {
        let font = font().await.expect("scripts/install-missing.sh test installs one");
        let languages = Command::new("fc-query").args(["--format", "%{lang}|"]).arg(font).output().await.unwrap();
        let languages = String::from_utf8(languages.stdout).unwrap();
        assert!(languages.split('|').any(|list| list.contains("zh-cn")), "{languages}");
    }
}
