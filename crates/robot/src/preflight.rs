//! Whether this robot can do its work, and what is wrong where it cannot: for `/readyz`, for `baigong robot check`, and for a
//! version on trial. What every task needs decides; what only some tasks need (a display, a browser, fonts) is named.

mod clock;
mod desktop;
mod secret;

use std::{io, net::SocketAddr, path::Path, sync::Arc, sync::PoisonError};

use crate::{DisplayChoice, Options, RecordWhen, ScreenOptions, limits::Means, recording, robot::Robot};

pub use clock::skew_of;
pub use secret::secret;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What: "disk", "display", …
    pub name: &'static str,
    /// What is wrong with it, and what helps, in words.
    pub trouble: Option<String>,
    /// Whether no task can be run without it.
    pub is_needed: bool,
}

impl Check {
    fn needed(name: &'static str, trouble: Option<String>) -> Self {
        Self { name, trouble, is_needed: true }
    }

    fn advised(name: &'static str, trouble: Option<String>) -> Self {
        Self { name, trouble, is_needed: false }
    }
}

/// Everything about a running robot.
pub(crate) async fn checks(robot: &Arc<Robot>) -> Vec<Check> {
    let trouble = || robot.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let is_alone = robot.transfer.platform().is_none();
    let connection = (!is_alone && !robot.link.is_up()).then(trouble);
    let journal = (!robot.journal.is_writable()).then(|| "the journal cannot be written".to_owned());
    let skew = robot.skew.lock().unwrap_or_else(PoisonError::into_inner).and_then(clock::trouble);
    let (options, folder, work) = (robot.options.clone(), robot.folder.path().to_owned(), robot.folder.work());
    let means = robot.means.clone();
    let looked = tokio::task::spawn_blocking(move || of_machine(&options, &folder, &work, &means));
    let mut checks = vec![Check::needed("connection", connection), Check::needed("journal", journal)];
    checks.push(Check::advised("clock", skew));
    let missing = robot.recordings.known_missing().await.map(str::to_owned);
    checks.push(Check { name: "recording", trouble: missing, is_needed: robot.options.screen.recording_required });
    match looked.await {
        Ok(found) => checks.extend(found),
        Err(error) => checks.push(Check::needed("machine", Some(error.to_string()))),
    }
    checks
}

/// What is wrong with a running robot that no task can do without.
pub(crate) async fn troubles(robot: &Arc<Robot>) -> Vec<String> {
    let wrong = checks(robot).await.into_iter().filter(|check| check.is_needed);
    wrong.filter_map(|check| check.trouble.map(|trouble| format!("{}: {trouble}", check.name))).collect()
}

/// Everything about the machine for a robot with these options that does not run now. Makes its folder where it is not
/// there. Blocks.
#[must_use]
pub fn machine(options: &Options) -> Vec<Check> {
    let folder = &options.data_folder;
    let made = std::fs::create_dir_all(folder).err().map(|error| format!("{}: {error}", folder.display()));
    let means = Means::find(options.keeper.as_deref(), options.limits, options.isolation);
    let mut checks = vec![Check::needed("folder", made), Check::needed("address", address(options.listen))];
    checks.extend(of_machine(options, folder, &folder.join("work"), &means));
    checks
}

/// Whether screens can be recorded here, where the robot is to do that.
pub async fn recording(screen: &ScreenOptions) -> Check {
    let trouble = match (screen.record, screen.display) {
        (RecordWhen::Never, _) => None,
        (_, DisplayChoice::None) => screen.recording_required.then(|| "there is no display to record".to_owned()),
        _ => recording::missing(&screen.ffmpeg).await,
    };
    Check { name: "recording", trouble, is_needed: screen.recording_required }
}

fn of_machine(options: &Options, folder: &Path, work: &Path, means: &Means) -> Vec<Check> {
    let missing = (!means.missing().is_empty()).then(|| means.missing().join("; "));
    vec![
        Check::needed("disk", disk(folder, options.min_free_disk)),
        Check::needed("runner", runner(work).err().map(|error| error.to_string())),
        Check { name: "limits", trouble: missing, is_needed: options.limits_required },
        Check::advised("display", desktop::display(&options.screen)),
        Check::advised("browser", desktop::browser()),
        Check::advised("fonts", desktop::fonts()),
        Check::advised("python", desktop::python()),
    ]
}

fn disk(folder: &Path, least: u64) -> Option<String> {
    let free = rustix::fs::statvfs(folder).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    let free = free.filter(|free| *free < least)?;
    Some(format!("{} MiB are free, {} are needed", free >> 20, least >> 20))
}

/// A run needs a folder of its own.
fn runner(work: &Path) -> io::Result<()> {
    let probe = work.join(".probe");
    std::fs::create_dir_all(&probe)?;
    std::fs::remove_dir(&probe)
}

/// Whether the robot's own interface could listen there; a robot that runs already does.
fn address(listen: SocketAddr) -> Option<String> {
    match std::net::TcpListener::bind(listen) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            Some(format!("{listen} is taken: by this robot if it runs already, else choose another with --listen"))
        }
        Err(error) => Some(format!("{listen} cannot be listened on: {error}")),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(disk(folder.path(), u64::MAX).unwrap().contains("MiB are free"));
        assert_eq!(disk(folder.path(), 0), None);
        assert!(runner(folder.path()).is_ok());
        std::fs::write(folder.path().join("file"), "").unwrap();
        assert!(runner(&folder.path().join("file")).is_err());
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(address(taken.local_addr().unwrap()).unwrap().contains("is taken"));
    }
}
