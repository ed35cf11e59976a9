//! What is burnt into every picture: time, operator, robot, task and the current step. The encoder reads it from a file
//! before each picture.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use jiff::{Timestamp, tz::TimeZone};

/// More letters of a name or a step are not shown.
const LONGEST: usize = 60;

/// The line under the pictures of one run.
pub(super) struct Caption {
    who: String,
    step: Mutex<String>,
    zone: TimeZone,
}

impl Caption {
    /// The line of a run.
    pub(super) fn new(operator: &str, robot: &str, task_id: i64, zone: TimeZone) -> Self {
        let who = format!("{}  {}  #{task_id}", plain(operator), plain(robot));
        Self { who, step: Mutex::default(), zone }
    }

    /// The run is at this step now.
    pub(super) fn step(&self, title: &str) {
        *self.step.lock().unwrap_or_else(PoisonError::into_inner) = plain(title);
    }

    /// The line at a moment.
    pub(super) fn at(&self, now: i64) -> String {
        let time = Timestamp::from_millisecond(now).unwrap_or_default().to_zoned(self.zone.clone());
        let step = self.step.lock().unwrap_or_else(PoisonError::into_inner).clone();
        format!("{}  {}  {step}", time.strftime("%Y-%m-%d %H:%M:%S"), self.who)
    }
}

/// One short line without anything that is not to be seen.
fn plain(text: &str) -> String {
    let line: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let mut short: String = line.trim().chars().take(LONGEST).collect();
    if line.trim().chars().count() > LONGEST {
        short.push('…');
    }
    short
}

/// The file that the encoder reads, replaced whole each time.
pub(super) struct CaptionFile {
    path: PathBuf,
    written: String,
}

impl CaptionFile {
    /// In the folder of a recording.
    pub(super) fn new(folder: &Path) -> Self {
        Self { path: folder.join("caption.txt"), written: String::new() }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the line unless it is the one that is there.
    pub(super) fn write(&mut self, line: String) -> io::Result<()> {
        if self.written != line {
            let new = self.path.with_extension("new");
            std::fs::write(&new, &line)?;
            std::fs::rename(&new, &self.path)?;
            self.written = line;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_when_who_where_and_what() {
        let caption = Caption::new("张三", "r1\n", 77, TimeZone::UTC);
        assert_eq!(caption.at(1_790_000_000_000), "2026-09-21 14:13:20  张三  r1  #77  ");
        caption.step(&format!(" 读取\n表格 {}", "x".repeat(100)));
        let line = caption.at(1_790_000_001_000);
        assert!(line.starts_with("2026-09-21 14:13:21  张三  r1  #77  读取 表格 xxx"), "{line}");
        assert!(line.ends_with("x…") && !line.contains('\n'), "{line}");
    }
}
