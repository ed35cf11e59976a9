//! Writes a package's files into a fresh folder. Nothing is ever written outside it, and the folder appears under its
//! name only when all of it is there.

use std::{
    io,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use cap_std::{
    ambient_authority,
    fs::{Dir, DirBuilder, DirBuilderExt, OpenOptions, OpenOptionsExt},
};

use crate::{Archive, Entry, PackageError, meter::Meter};

/// Folders that begin with this are unfinished.
const UNFINISHED: &str = ".unpacking-";

/// Unpacks into the folder `into`, which must not exist; its parent must. Files are readable by everyone, writable by
/// the owner alone. When it fails, nothing is left behind.
pub fn unpack(archive: &mut Archive, into: &Path) -> Result<(), PackageError> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = into.file_name().ok_or_else(|| {
        PackageError::storage("unpacking")(io::Error::other(format!("{} names no folder", into.display())))
    })?;
    let parent = into.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let at = |action: &str| format!("{action} {}", into.display());
    let parent =
        Dir::open_ambient_dir(parent, ambient_authority()).map_err(PackageError::storage(at("unpacking into")))?;
    if parent.symlink_metadata(name).is_ok() {
        return Err(PackageError::storage(at("unpacking into"))(io::ErrorKind::AlreadyExists.into()));
    }
    let unfinished = format!("{UNFINISHED}{}-{number}", std::process::id());
    let done = fill(archive, &parent, &unfinished).and_then(|()| {
        parent.rename(&unfinished, &parent, name).map_err(PackageError::storage(at("naming")))?;
        sync_folder(&parent).map_err(PackageError::storage(at("keeping")))
    });
    if done.is_err() {
        // The first error is the one to report; a rest that cannot be removed goes with remove_unfinished.
        let _ = parent.remove_dir_all(&unfinished);
    }
    done
}

/// Removes what an interrupted [`unpack`] of an earlier process left in `parent`. Call it before the first unpacking.
pub fn remove_unfinished(parent: &Path) -> io::Result<()> {
    let parent = Dir::open_ambient_dir(parent, ambient_authority())?;
    for entry in parent.entries()? {
        let name = entry?.file_name();
        if name.to_string_lossy().starts_with(UNFINISHED) {
            parent.remove_dir_all(&name)?;
        }
    }
    Ok(())
}

fn fill(archive: &mut Archive, parent: &Dir, unfinished: &str) -> Result<(), PackageError> {
    create_folder(parent, unfinished).map_err(PackageError::storage("making a folder for the package"))?;
    let root = parent.open_dir(unfinished).map_err(PackageError::storage("opening the package's folder"))?;
    archive.for_each(|_, file, meter, entry| write_entry(&root, entry, file, meter))
}

fn write_entry(
    root: &Dir,
    entry: &Entry,
    content: &mut dyn io::Read,
    meter: &mut Meter<'_>,
) -> Result<(), PackageError> {
    let cannot = |error| PackageError::storage(format!("writing {}", entry.name))(error);
    for (at, _) in entry.name.match_indices('/') {
        create_folder(root, &entry.name[..at]).map_err(cannot)?;
    }
    if entry.is_folder {
        create_folder(root, &entry.name).map_err(cannot)?;
        return meter.copy(entry, content, &mut io::sink());
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(if entry.is_executable { 0o755 } else { 0o644 });
    let mut file = root.open_with(&entry.name, &options).map_err(cannot)?;
    meter.copy(entry, content, &mut file)?;
    // Synced before the folder gets its name: a name found after a power cut stands for whole files.
    file.sync_all().map_err(cannot)
}

fn create_folder(root: &Dir, path: &str) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.mode(0o755);
    match root.create_dir_with(path, &builder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn sync_folder(folder: &Dir) -> io::Result<()> {
    folder.open(".")?.sync_all()
}
