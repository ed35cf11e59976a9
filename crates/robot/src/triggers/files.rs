//! Files that arrive: a folder is read once a second – that works on every kind of disk, network disks among them –, and a file
//! has arrived when neither its size nor its time has changed for a while. A file that is written anew arrives anew.

use std::{
    collections::HashMap,
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use super::Arrival;

/// A file as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) path: PathBuf,
    size: u64,
    changed: (i64, i64),
    inode: u64,
}

impl Seen {
    /// What tells this content of this file from every other.
    pub(super) fn instant(&self) -> String {
        let (seconds, nanoseconds) = self.changed;
        format!("file {} {} {seconds}.{nanoseconds:09} {}", self.inode, self.size, self.path.display())
    }
}

/// Files that have been seen and not lain still long enough, with the time for which they have.
#[derive(Debug, Default)]
pub(super) struct Unsettled(HashMap<PathBuf, (Seen, Duration)>);

impl Unsettled {
    /// Those of `found` that have lain still for the trigger's time, when `passed` has passed since it was last looked.
    pub(super) fn settle(&mut self, found: Vec<Seen>, rest: Duration, passed: Duration) -> Vec<Seen> {
        let mut before = std::mem::take(&mut self.0);
        let mut settled = Vec::new();
        for seen in found {
            let still = match before.remove(&seen.path) {
                Some((same, still)) if same == seen => still + passed,
                _ => Duration::ZERO,
            };
            if still >= rest {
                settled.push(seen.clone());
            }
            self.0.insert(seen.path.clone(), (seen, still));
        }
        settled
    }
}

/// The files that are meant, as they are now. Blocks.
pub(super) fn look(arrival: &Arrival) -> io::Result<Vec<Seen>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(Path::new(&arrival.folder))? {
        let entry = entry?;
        let fits = entry.file_name().to_str().is_some_and(|name| arrival.fits(name));
        // Of the entry itself: a link is no file that has arrived.
        let Some(about) = entry.metadata().ok().filter(|about| fits && about.is_file()) else { continue };
        let changed = (about.mtime(), about.mtime_nsec());
        found.push(Seen { path: entry.path(), size: about.len(), changed, inode: about.ino() });
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// The instants and paths of the files that are there now.
pub(super) async fn present(arrival: &Arrival) -> Vec<(String, String)> {
    let arrival = arrival.clone();
    let looked = tokio::task::spawn_blocking(move || look(&arrival).unwrap_or_default()).await.unwrap_or_default();
    looked.into_iter().map(|seen| (seen.instant(), seen.path.display().to_string())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_arrived_when_it_lies_still() {
        let folder = tempfile::tempdir().unwrap();
        let arrival =
            Arrival { folder: folder.path().display().to_string(), pattern: "*.csv".into(), rest: 2, parameter: None };
        let second = Duration::from_secs(1);
        let mut unsettled = Unsettled::default();
        let mut settled = || {
            let found = look(&arrival).unwrap();
            unsettled.settle(found, 2 * second, second).into_iter().map(|seen| seen.instant()).collect::<Vec<_>>()
        };
        let file = folder.path().join("a.csv");
        fs::write(&file, "1").unwrap();
        fs::write(folder.path().join("b.part"), "1").unwrap();
        fs::create_dir(folder.path().join("c.csv")).unwrap();
        std::os::unix::fs::symlink(&file, folder.path().join("d.csv")).unwrap();
        assert!(settled().is_empty() && settled().is_empty());
        fs::write(&file, "longer").unwrap();
        assert!(settled().is_empty() && settled().is_empty(), "it is still being written");
        let first = settled();
        assert_eq!(first.len(), 1);
        assert_eq!(settled(), first, "the same file is the same instant");
        fs::write(&file, "and once more").unwrap();
        assert!(settled().is_empty() && settled().is_empty());
        assert_ne!(settled(), first, "written anew, it arrives anew");
    }
}
