//! Which environments go: those that nobody has used for long, and the longest unused while all together take too much.

use std::{fs, fs::File, io, path::Path, time::UNIX_EPOCH};

use serde::Deserialize;

use super::MARK;

/// How long and how much is kept.
#[derive(Debug, Clone, Copy)]
pub struct Keep {
    /// All environments together, in bytes.
    pub size: u64,
    /// Unused for so many milliseconds, an environment goes.
    pub unused: i64,
}

impl Default for Keep {
    fn default() -> Self {
        Self { size: 10 << 30, unused: 30 * 24 * 3_600_000 }
    }
}

#[derive(Deserialize)]
struct Marked {
    size: u64,
}

/// Deletes in `folder` what is not to be kept at `now`. What a run uses, here or in another agent, stays.
pub(super) fn prune(folder: &Path, keep: &Keep, now: i64) -> io::Result<()> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "lock") {
            let used = path.metadata()?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
            let environment = path.with_extension("");
            let size =
                fs::read(environment.join(MARK)).ok().and_then(|text| serde_json::from_slice::<Marked>(&text).ok());
            found.push((
                i64::try_from(used).unwrap_or(i64::MAX),
                path,
                environment,
                size.map_or(0, |marked| marked.size),
            ));
        }
    }
    found.sort();
    let mut total: u64 = found.iter().map(|(.., size)| size).sum();
    for (used, lock, environment, size) in found {
        if total <= keep.size && now - used <= keep.unused {
            break;
        }
        let lock = File::options().write(true).open(lock)?;
        if !environment.is_dir() || lock.try_lock().is_err() {
            continue;
        }
        // Without its mark it is nobody's any more, wherever the deleting breaks off.
        match fs::remove_file(environment.join(MARK)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::remove_dir_all(&environment)?,
        }
        total -= size;
    }
    Ok(())
}

/// The bytes of all files below `folder`; links are not followed.
pub(super) fn size_of(folder: &Path) -> io::Result<u64> {
    let mut total = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        total += if kind.is_dir() { size_of(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(folder: &Path, name: &str, size: u64) {
        fs::create_dir_all(folder.join(name)).unwrap();
        fs::write(folder.join(name).join(MARK), format!("{{\"size\":{size}}}")).unwrap();
        File::create(folder.join(format!("{name}.lock"))).unwrap();
    }

    #[test]
    fn what_is_old_or_too_much_goes_and_what_is_in_use_stays() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        for name in ["a", "b", "c"] {
            environment(folder, name, 100);
        }
        let there = || ["a", "b", "c"].map(|name| folder.join(name).is_dir());
        let used = folder.join("a.lock").metadata().unwrap().modified().unwrap();
        let now = i64::try_from(used.duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
        let keep = Keep { size: 250, unused: 1_000_000 };
        prune(folder, &keep, now).unwrap();
        assert_eq!(there(), [false, true, true], "the longest unused goes first");
        let lock = File::open(folder.join("b.lock")).unwrap();
        lock.lock_shared().unwrap();
        prune(folder, &keep, now + 2_000_000).unwrap();
        assert_eq!(there(), [false, true, false], "a run uses b");
        drop(lock);
        prune(folder, &keep, now + 2_000_000).unwrap();
        assert_eq!(there(), [false; 3]);
    }
}
