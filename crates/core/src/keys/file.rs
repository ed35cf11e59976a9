//! The key file: 32 random bytes that only the platform's account may read. Made once, never changed, never in a backup of
//! the database.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use baigong_model::{Error, Random, Result, Secret};

/// Its name in the data folder.
pub(super) const NAME: &str = "key.bin";
/// What to say about a key file that opens nothing in the database.
pub(super) const NOT_OURS: &str = "this key file does not belong to this database: put the right one in its place";

/// The key in `folder`. Without one it is made, unless the database has secrets that only the lost one opens.
pub(super) fn read_or_make(folder: &Path, has_secrets: bool, random: &dyn Random) -> Result<Secret<[u8; 32]>> {
    let path = folder.join(NAME);
    let told = |error: std::io::Error| Error::unavailable(format!("{}: {error}", path.display()));
    match read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        other => {
            let key = other.map_err(told)?;
            return key.ok_or_else(|| Error::unavailable(format!("{}: must be 32 bytes long", path.display())));
        }
    }
    if has_secrets {
        let reason = "is missing, and the database has secrets that only it opens: put it back from its copy";
        return Err(Error::unavailable(format!("{} {reason}", path.display())));
    }
    let mut key = [0; 32];
    random.fill(&mut key);
    let key = Secret::new(key);
    make(folder, &path, key.expose()).map_err(told)?;
    Ok(key)
}

fn read(path: &Path) -> std::io::Result<Option<Secret<[u8; 32]>>> {
    let file = File::open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        tracing::warn!(file = %path.display(), "the key file can be read by other accounts: chmod 600 it");
    }
    let mut bytes = Vec::with_capacity(33);
    // One byte more than there should be, to notice a longer file.
    file.take(33).read_to_end(&mut bytes)?;
    let bytes = Secret::new(bytes);
    Ok(<[u8; 32]>::try_from(bytes.expose().as_slice()).ok().map(Secret::new))
}

/// Whole or not at all: written aside, then linked under its name, which fails if there is one by now.
fn make(folder: &Path, path: &Path, key: &[u8; 32]) -> std::io::Result<()> {
    let aside = folder.join(format!("{NAME}.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    let linked = file.write_all(key).and_then(|()| file.sync_all()).and_then(|()| std::fs::hard_link(&aside, path));
    std::fs::remove_file(&aside)?;
    linked?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use baigong_model::SeededRandom;

    use super::*;

    #[test]
    fn it_is_made_once_for_its_owner_only_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let random = SeededRandom::new(1);
        let key = read_or_make(folder.path(), false, &random).unwrap();
        let again = read_or_make(folder.path(), true, &random).unwrap();
        assert!(key == again);
        let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap()).collect();
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_lost_key_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let error = read_or_make(folder.path(), true, &SeededRandom::new(1)).unwrap_err();
        assert!(error.to_string().contains("put it back"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_of_another_length_is_refused() {
        for length in [0, 31, 33] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(NAME), vec![7; length]).unwrap();
            let error = read_or_make(folder.path(), false, &SeededRandom::new(1)).unwrap_err();
            assert!(error.to_string().contains("32 bytes"), "{error}");
        }
    }
}
