//! The data folder: made private, taken by one platform at a time, tried out, and cleared of what a crash left behind.

use std::fs::{DirBuilder, File, TryLockError};
use std::io::{self, ErrorKind, Write as _};
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

/// Writes a file into `folder`, syncs it and reads it back: whether packages and artifacts can be stored.
pub(crate) fn try_out(folder: &Path) -> io::Result<()> {
    let path = folder.join("ready.tmp");
    let tried = write_and_read(&path);
    // A disk that is full must not stay full because of this file.
    let removed = std::fs::remove_file(&path);
    tried.and(removed).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", folder.display())))
}

fn write_and_read(path: &Path) -> io::Result<()> {
    let written = [b'.'; 64 * 1024];
    let mut file = File::create(path)?;
    file.write_all(&written)?;
    file.sync_all()?;
    if std::fs::read(path)? == written { Ok(()) } else { Err(ErrorKind::InvalidData.into()) }
}

/// Removes from `uploads` what a platform that ended in the middle of them left there. The folder must be taken.
pub(crate) fn clear_uploads(uploads: &Path) -> io::Result<usize> {
    let entries = match std::fs::read_dir(uploads) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut removed = 0;
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_file() && entry.file_name().as_encoded_bytes().starts_with(b"upload-") {
            std::fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
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
    fn a_folder_that_takes_files_is_fine_and_another_is_named() {
        let folder = tempfile::tempdir().unwrap();
        try_out(folder.path()).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing stays behind");
        let none = folder.path().join("none");
        let told = try_out(&none).unwrap_err().to_string();
        assert!(told.contains(&none.display().to_string()), "{told}");
    }

    #[test]
    fn only_unfinished_uploads_are_cleared() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(clear_uploads(&folder.path().join("none")).unwrap(), 0);
        for name in ["upload-abc", "upload-2", "kept"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        assert_eq!(clear_uploads(folder.path()).unwrap(), 2);
        assert!(folder.path().join("kept").is_file());
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
