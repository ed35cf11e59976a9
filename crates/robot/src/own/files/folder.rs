//! The folder itself. Everything goes through open directories, one name at a time, and no link is ever followed: whatever a task
//! puts into the folder, nothing outside is reached.

use std::{io, path::Path, sync::Arc};

use baigong_model::{Error, Result};
use cap_std::{ambient_authority, fs::Dir};
use tokio::sync::Mutex;

use super::Spot;

/// The folder of files, and that of uploads beside it.
pub(crate) struct FileFolder {
    dirs: Arc<Dirs>,
    /// One change at a time.
    pub(super) turn: Mutex<()>,
}

/// The open directories.
pub(super) struct Dirs {
    root: Dir,
    uploads: Dir,
}

impl FileFolder {
    /// Opens the folders, or makes them.
    pub(crate) fn open(root: &Path, uploads: &Path) -> Result<Self> {
        let open = |path: &Path| -> Result<Dir> {
            let told = |error: io::Error| Error::unavailable(format!("{}: {error}", path.display()));
            std::fs::create_dir_all(path).map_err(told)?;
            Dir::open_ambient_dir(path, ambient_authority()).map_err(told)
        };
        let dirs = Dirs { root: open(root)?, uploads: open(uploads)? };
        Ok(Self { dirs: Arc::new(dirs), turn: Mutex::default() })
    }

    /// Works on the disk, on a thread for that.
    pub(super) async fn work<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Dirs) -> Result<T> + Send + 'static,
    {
        let dirs = Arc::clone(&self.dirs);
        tokio::task::spawn_blocking(move || work(&dirs)).await.map_err(Error::internal)?
    }
}

impl Dirs {
    /// Whether a file, or anything else, lies at this spot.
    pub(super) fn holds(&self, spot: &Spot) -> Result<bool> {
        match self.folder(spot, false)? {
            Some(folder) => Ok(folder.symlink_metadata(&spot.name).is_ok()),
            None => Ok(false),
        }
    }

    /// Whether the upload is still where it was received.
    pub(super) fn has_upload(&self, upload: &str) -> bool {
        self.uploads.symlink_metadata(upload).is_ok()
    }

    /// Removes an upload that is not wanted any more.
    pub(super) fn drop_upload(&self, upload: &str) {
        drop(self.uploads.remove_file(upload));
    }

    /// Removes every upload: nobody was answered for any of them.
    pub(super) fn drop_uploads(&self) -> Result<()> {
        for entry in self.uploads.entries().map_err(cannot)? {
            let entry = entry.map_err(cannot)?;
            self.uploads.remove_file(entry.file_name()).map_err(cannot)?;
        }
        Ok(())
    }

    /// Puts the upload to this spot, durably, in place of the file that may lie there.
    pub(super) fn put(&self, upload: &str, to: &Spot) -> Result<()> {
        let folder = self.folder(to, true)?.ok_or_else(|| Error::unavailable("the folder cannot be made"))?;
        no_link(&folder, &to.name)?;
        let moved = self.uploads.open(upload).and_then(|file| file.sync_all());
        moved.and_then(|()| self.uploads.rename(upload, &folder, &to.name)).map_err(cannot)?;
        sync(&folder)
    }

    /// Moves a file to another spot, durably.
    pub(super) fn rename(&self, from: &Spot, to: &Spot) -> Result<()> {
        let source = self.folder(from, false)?.ok_or_else(|| Error::not_found("file", from.path()))?;
        no_link(&source, &from.name)?;
        let target = self.folder(to, true)?.ok_or_else(|| Error::unavailable("the folder cannot be made"))?;
        source.rename(&from.name, &target, &to.name).map_err(cannot)?;
        sync(&target)?;
        sync(&source)
    }

    /// Removes the file at this spot, if there is one.
    pub(super) fn remove(&self, spot: &Spot) -> Result<()> {
        let Some(folder) = self.folder(spot, false)? else { return Ok(()) };
        match folder.remove_file(&spot.name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot(error)),
            _ => sync(&folder),
        }
    }

    /// The folder of a spot; none where it is not there and not to be made.
    fn folder(&self, spot: &Spot, make: bool) -> Result<Option<Dir>> {
        let mut folder = self.root.try_clone().map_err(cannot)?;
        for name in spot.folders()? {
            let found = folder.symlink_metadata(&name);
            match found {
                Ok(found) if found.is_dir() => {}
                Ok(_) => return Err(Error::invalid("folderPath", format!("\"{name}\" is no folder"))),
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(cannot(error)),
                Err(_) if !make => return Ok(None),
                Err(_) => {
                    folder.create_dir(&name).map_err(cannot)?;
                    sync(&folder)?;
                }
            }
            folder = folder.open_dir(&name).map_err(cannot)?;
        }
        Ok(Some(folder))
    }
}

fn no_link(folder: &Dir, name: &str) -> Result<()> {
    match folder.symlink_metadata(name) {
        Ok(found) if !found.is_file() => Err(Error::invalid("fileName", format!("\"{name}\" is no file"))),
        _ => Ok(()),
    }
}

fn sync(folder: &Dir) -> Result<()> {
    // The directory is open as a place only; to be flushed it is opened to be read.
    folder.open(".").and_then(|folder| folder.sync_all()).map_err(cannot)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn cannot(error: io::Error) -> Error {
    Error::unavailable(format!("the file cannot be kept: {error}"))
}
