//! The data folder: made private, and taken by one platform at a time.

use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Makes `folder` if it is absent and takes it: the file's lock lasts as long as the file, whatever ends the process.
pub(crate) fn take(folder: &Path) -> Result<File> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("making the data folder {}", folder.display()))?;
    let path = folder.join("platform.lock");
    let mut options = File::options();
    let opened = options.write(true).create(true).truncate(false).open(&path);
    let file = opened.with_context(|| format!("opening {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!("the data folder {} is in use by another platform: stop it, or give another --data", folder.display())
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("locking {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_taken_once_and_free_again_afterwards() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("new/data");
        let taken = take(&folder).unwrap();
        let refusal = format!("{:#}", take(&folder).unwrap_err());
        assert!(refusal.contains("in use") && refusal.contains("--data"), "{refusal}");
        drop(taken);
        take(&folder).unwrap();
    }

    #[test]
    fn a_file_in_its_place_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        std::fs::write(&path, "").unwrap();
        let refusal = format!("{:#}", take(&path).unwrap_err());
        assert!(refusal.contains(&path.display().to_string()), "{refusal}");
    }
}
