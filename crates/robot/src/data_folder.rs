//! The agent's folder: locked against a second agent, bound to one robot once the platform has welcomed it, counting its
//! starts.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use baigong_model::{Clock, Random};
use baigong_protocol::RobotSecret;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::journal::sync_parent;

/// The id of a robot that no platform knows.
const ALONE: i64 = 1;

/// The folder, held until it is dropped.
pub(crate) struct DataFolder {
    path: PathBuf,
    _lock: File,
    identity: Identity,
    /// Changes with each start of the agent.
    pub(crate) incarnation: String,
    /// When the folder was made, milliseconds since the epoch.
    pub(crate) installed_at: i64,
    /// Whether its secret is the one of the last start; otherwise it may be another platform's.
    pub(crate) same_platform: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    robot_id: i64,
    /// Tells secrets apart without giving them away.
    fingerprint: String,
    installed_at: i64,
    starts: u64,
}

impl DataFolder {
    /// Makes or opens the folder for the robot that `secret` belongs to.
    /// Without one, the folder stays who it is: a robot that stands alone is nobody's until a platform knows it.
    pub(crate) fn open(
        path: &Path,
        secret: Option<&RobotSecret>,
        clock: &dyn Clock,
        random: &dyn Random,
    ) -> io::Result<Self> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let path = &std::path::absolute(path).map_err(named)?;
        std::fs::create_dir_all(path).map_err(named)?;
        let lock = lock(path)?;
        let file = path.join("agent.json");
        let before = read(&file).map_err(named)?;
        let before_id = before.as_ref().filter(|before| !before.fingerprint.is_empty()).map(|before| before.robot_id);
        let robot_id = secret.map_or(before_id.unwrap_or(ALONE), RobotSecret::robot_id);
        if let Some(before_id) = before_id.filter(|before| *before != robot_id) {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                format!(
                    "{} belongs to robot {before_id}, the secret to robot {robot_id}: give each robot a folder of its own",
                    path.display(),
                ),
            ));
        }
        let known = before.as_ref().map(|before| before.fingerprint.clone()).unwrap_or_default();
        let fingerprint = secret.map_or(known, |secret| hex::encode(&Sha256::digest(secret.key())[..8]));
        // A robot that stands alone has no platform that could be another one.
        let same_platform = secret.is_none() || before.as_ref().is_some_and(|before| before.fingerprint == fingerprint);
        let identity = Identity {
            robot_id,
            fingerprint,
            installed_at: before.as_ref().map_or_else(|| clock.now(), |before| before.installed_at),
            starts: before.map_or(0, |before| before.starts) + 1,
        };
        if same_platform {
            write(&file, &identity).map_err(named)?;
        }
        let mut start = [0; 8];
        random.fill(&mut start);
        let incarnation = format!("{}-{}", hex::encode(start), identity.starts);
        let installed_at = identity.installed_at;
        Ok(Self { path: path.to_owned(), _lock: lock, identity, incarnation, installed_at, same_platform })
    }

    /// Binds the folder to the robot: the platform has accepted its secret. Until then a mistyped one leaves no trace.
    pub(crate) fn bind(&self) -> io::Result<()> {
        if self.same_platform { Ok(()) } else { write(&self.path.join("agent.json"), &self.identity) }
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The journal's file.
    pub(crate) fn journal(&self) -> PathBuf {
        self.path.join("journal")
    }

    /// Log lines the platform does not have yet.
    pub(crate) fn spool(&self) -> PathBuf {
        self.path.join("spool")
    }

    /// The packages' Python environments.
    pub(crate) fn environments(&self) -> PathBuf {
        self.path.join("environments")
    }

    /// Unpacked packages.
    pub(crate) fn packages(&self) -> PathBuf {
        self.path.join("packages")
    }

    /// The database of what the robot keeps and decides by itself.
    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("robot.db")
    }

    /// The zips of packages that were brought to this robot.
    pub(crate) fn zips(&self) -> PathBuf {
        self.path.join("zips")
    }

    /// The files that were brought to this robot.
    pub(crate) fn files(&self) -> PathBuf {
        self.path.join("files")
    }

    /// Uploads that are not where they belong yet.
    pub(crate) fn uploads(&self) -> PathBuf {
        self.path.join("uploads")
    }

    /// One folder per task.
    pub(crate) fn work(&self) -> PathBuf {
        self.path.join("work")
    }
}

fn lock(folder: &Path) -> io::Result<File> {
    let path = folder.join("lock");
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(named)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let hint = format!("another robot agent runs in {}: stop it, or use another folder", folder.display());
            Err(io::Error::new(io::ErrorKind::ResourceBusy, hint))
        }
        Err(TryLockError::Error(error)) => Err(named(error)),
    }
}

fn read(file: &Path) -> io::Result<Option<Identity>> {
    match std::fs::read(file) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write(file: &Path, identity: &Identity) -> io::Result<()> {
    let new = file.with_extension("new");
    std::fs::write(&new, serde_json::to_vec_pretty(identity)?)?;
    File::open(&new)?.sync_all()?;
    std::fs::rename(&new, file)?;
    sync_parent(file)
}

#[cfg(test)]
mod tests {
    use baigong_model::{ManualClock, SeededRandom};

    use super::*;

    #[test]
    fn one_agent_of_one_robot_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let (random, clock) = (SeededRandom::new(1), ManualClock::at(5));
        let secret = RobotSecret::generate(1, &random);
        let open = |secret: &RobotSecret| DataFolder::open(folder.path(), Some(secret), &clock, &random);
        let first = open(&secret).unwrap();
        assert!(!first.same_platform && first.incarnation.ends_with("-1"));
        let second = open(&secret).err().unwrap().to_string();
        assert!(second.contains("another robot agent runs in"), "{second}");
        first.bind().unwrap();
        drop(first);
        clock.advance(10);
        let again = open(&secret).unwrap();
        assert!(again.same_platform && again.incarnation.ends_with("-2") && again.installed_at == 5);
        drop(again);
        assert!(!open(&RobotSecret::generate(1, &random)).unwrap().same_platform);
        let other = open(&RobotSecret::generate(2, &random)).err().unwrap().to_string();
        assert!(other.contains("belongs to robot 1"), "{other}");
    }

    #[test]
    fn a_secret_that_was_never_accepted_can_be_corrected() {
        let folder = tempfile::tempdir().unwrap();
        let (random, clock) = (SeededRandom::new(1), ManualClock::at(5));
        let open = |secret: &RobotSecret| DataFolder::open(folder.path(), Some(secret), &clock, &random);
        drop(open(&RobotSecret::generate(8, &random)).unwrap());
        let right = RobotSecret::generate(7, &random);
        let accepted = open(&right).unwrap();
        accepted.bind().unwrap();
        drop(accepted);
        drop(open(&RobotSecret::generate(7, &random)).unwrap());
        assert!(open(&right).unwrap().same_platform, "a mistyped key does not take the folder over");
        assert!(open(&RobotSecret::generate(8, &random)).is_err());
    }

    #[test]
    fn a_folder_that_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("lock")).unwrap();
        let random = SeededRandom::new(1);
        let secret = RobotSecret::generate(1, &random);
        let opened = DataFolder::open(folder.path(), Some(&secret), &ManualClock::at(5), &random);
        let told = opened.err().unwrap().to_string();
        assert!(told.contains(&folder.path().join("lock").display().to_string()), "{told}");
    }
}
