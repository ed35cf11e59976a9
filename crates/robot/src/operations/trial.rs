//! A version on trial: what the agent that makes room for it, whoever runs the agents, and the agent after them have to
//! know of it. It lies in the robot's folder, so that a power cut in between ends nothing badly.

use std::{
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::book::{read_json, write_json};

/// Where versions lie, below the robot's folder.
pub const VERSIONS: &str = "versions";
/// The link to the program in force, there.
const CURRENT: &str = "current";
const FILE: &str = "trial.json";
/// So often a version is tried: a power cut is not its fault, a machine that it takes down is.
pub const TRIES: u32 = 2;

/// A version on trial, or the last one that was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trial {
    /// The version that makes room.
    pub from: String,
    /// The version on trial.
    pub to: String,
    /// Its program.
    pub program: PathBuf,
    /// How often it has been started.
    pub starts: u32,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", content = "why", rename_all = "camelCase")]
pub enum Verdict {
    /// Nothing yet.
    Open,
    /// It is in force.
    Passed,
    /// It is not, and why.
    Failed(String),
}

impl Trial {
    pub(super) fn new(from: &str, to: &str, program: &Path) -> Self {
        let program = program.to_owned();
        Self { from: from.to_owned(), to: to.to_owned(), program, starts: 0, verdict: Verdict::Open }
    }

    /// The last trial in a robot's folder.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn read(folder: &Path) -> io::Result<Option<Self>> {
        read_json(&folder.join(VERSIONS).join(FILE))
    }

    /// Writes it down.
    ///
    /// # Errors
    /// When the disk takes nothing.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder.join(VERSIONS))?;
        write_json(&folder.join(VERSIONS).join(FILE), self)
    }

    /// The version passed: its program is the one that later starts run.
    ///
    /// # Errors
    /// When the disk takes nothing.
    pub fn pass(&mut self, folder: &Path) -> io::Result<()> {
        let versions = folder.join(VERSIONS);
        let new = versions.join("current.new");
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        std::os::unix::fs::symlink(&self.program, &new)?;
        std::fs::rename(&new, versions.join(CURRENT))?;
        self.verdict = Verdict::Passed;
        self.write(folder)
    }

    /// Why it failed, if it did.
    pub(super) fn failure(&self) -> Option<String> {
        if let Verdict::Failed(why) = &self.verdict { Some(why.clone()) } else { None }
    }
}

/// The program that an earlier upgrade has put in force, if it is there.
#[must_use]
pub fn program_in_force(folder: &Path) -> Option<PathBuf> {
    let program = std::fs::read_link(folder.join(VERSIONS).join(CURRENT)).ok()?;
    program.is_file().then_some(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_is_found_again_and_what_passed_is_in_force() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Trial::read(folder.path()).unwrap(), None);
        assert_eq!(program_in_force(folder.path()), None);
        for version in ["1", "2"] {
            let program = folder.path().join(version);
            std::fs::write(&program, version).unwrap();
            let mut trial = Trial::new("0", version, &program);
            trial.write(folder.path()).unwrap();
            assert_eq!(Trial::read(folder.path()).unwrap().as_ref(), Some(&trial));
            trial.pass(folder.path()).unwrap();
            assert_eq!(program_in_force(folder.path()), Some(program));
        }
        std::fs::remove_file(folder.path().join("2")).unwrap();
        assert_eq!(program_in_force(folder.path()), None, "a program that is gone is not run");
    }
}
