//! What the demo remembers between runs on one data folder: the password it chose and what it has set up. The file holds
//! secrets and is readable by its owner only.

use std::fs::{DirBuilder, File};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use baigong_model::{Random, SystemRandom};
use serde::{Deserialize, Serialize};

/// The remembered facts; what is absent has not been set up yet.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    #[serde(skip)]
    path: PathBuf,
    /// Of the user `admin`.
    pub(super) password: String,
    pub(super) robot_id: Option<i64>,
    pub(super) robot_secret: Option<String>,
    pub(super) group_id: Option<i64>,
    pub(super) process_id: Option<i64>,
    pub(super) queue_id: Option<i64>,
    /// The SHA-256 of the package version that the process runs.
    pub(super) package: Option<String>,
}

impl State {
    /// What `folder` remembers; a new folder is made, with a new password.
    pub(super) fn load(folder: &Path) -> Result<Self> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("making {}", folder.display()))?;
        let path = folder.join("demo.json");
        let mut state = match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .with_context(|| format!("{} cannot be read: remove the folder to begin anew", path.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::default(),
            Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
        };
        state.path = path;
        if state.password.is_empty() {
            state.password = new_password();
            state.save()?;
        }
        Ok(state)
    }

    /// Writes it down.
    pub(super) fn save(&self) -> Result<()> {
        write_private(&self.path, &serde_json::to_vec_pretty(self)?)
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = path.with_extension("new");
    let mut options = File::options();
    let opened = options.write(true).create(true).truncate(true).mode(0o600).open(&beside);
    let mut file = opened.with_context(|| format!("writing {}", beside.display()))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).with_context(|| format!("writing {}", beside.display()))?;
    std::fs::rename(&beside, path).with_context(|| format!("writing {}", path.display()))
}

fn new_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 20];
    SystemRandom.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn what_is_saved_is_there_again_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = State::load(folder.path()).unwrap();
        assert_eq!(state.password.len(), 20);
        state.robot_id = Some(7);
        state.save().unwrap();
        let again = State::load(folder.path()).unwrap();
        assert_eq!((again.robot_id, &again.password), (Some(7), &state.password));
        let mode = std::fs::metadata(folder.path().join("demo.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("demo.json"), "{").unwrap();
        let text = format!("{:#}", State::load(folder.path()).unwrap_err());
        assert!(text.contains("remove the folder"), "{text}");
    }
}
