//! How much disk a run takes: its folder is measured now and then, and so is what is left of the disk, so that one run
//! cannot fill it for all others.

use std::{fs, path::Path, path::PathBuf, time::Duration};

use crate::timer;

/// How often it is looked. A folder that takes long to measure is measured less often.
const EVERY: Duration = Duration::from_secs(1);

/// What a run may take.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    /// The run's folder.
    pub(crate) folder: PathBuf,
    /// The most it may hold, in bytes.
    pub(crate) most: Option<u64>,
    /// The least that must be left on its disk, in bytes.
    pub(crate) least_free: u64,
}

/// Waits until the run has taken too much; why it must end, in words.
pub(crate) async fn watch(room: Room) -> String {
    let mut wait = EVERY;
    loop {
        timer::after(wait).await;
        let looked_at = room.clone();
        match tokio::task::spawn_blocking(move || look(&looked_at)).await {
            Ok((Some(why), _)) => return why,
            Ok((None, entries)) => wait = EVERY.max(Duration::from_micros(entries * 50)),
            Err(error) => tracing::warn!(%error, "a run's folder cannot be measured"),
        }
    }
}

/// What is wrong, and how many files were looked at.
fn look(room: &Room) -> (Option<String>, u64) {
    let free = rustix::fs::statvfs(&room.folder).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    // Half of what the robot needs to take tasks: it has to write down how this one ended.
    if let Some(free) = free.filter(|free| *free < room.least_free / 2) {
        let why = format!("the disk has only {} MiB left: the run was ended before it filled it", free >> 20);
        return (Some(why), 0);
    }
    let Some(most) = room.most else { return (None, 0) };
    let (mut taken, mut entries) = (0, 0);
    measure(&room.folder, &mut taken, &mut entries);
    let why = (taken > most)
        .then(|| format!("the run's files take {} MiB, {} are allowed: the run was ended", taken >> 20, most >> 20));
    (why, entries)
}

fn measure(folder: &Path, taken: &mut u64, entries: &mut u64) {
    use std::os::unix::fs::MetadataExt;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        *entries += 1;
        // Of the entry itself: a link is not followed out of the folder.
        let Ok(about) = entry.metadata() else { continue };
        // What it takes on the disk: a file with holes takes less than its length.
        *taken += about.blocks() * 512;
        if about.is_dir() {
            measure(&entry.path(), taken, entries);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_takes_is_measured_without_leaving_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("large"), vec![7; 4 << 20]).unwrap();
        fs::create_dir(folder.path().join("below")).unwrap();
        fs::write(folder.path().join("below/file"), vec![7; 1 << 20]).unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).unwrap();
        let room = |most| Room { folder: folder.path().to_owned(), most: Some(most), least_free: 0 };
        assert_eq!(look(&room(2 << 20)).0, None);
        let why = look(&room(1 << 19)).0.unwrap();
        assert!(why.contains("1 MiB"), "{why}");
        let full = look(&Room { folder: folder.path().to_owned(), most: None, least_free: u64::MAX });
        assert!(full.0.unwrap().contains("left"));
    }
}
