//! Scripts in the folders of a package's PATH. A zip that was packed on Windows knows no x bit and ends lines with CR LF; the
//! tools such projects were made with let their scripts run all the same.

use std::{fs, io, path::Path};

/// A script longer than this is none.
const LONGEST: u64 = 4 * 1024 * 1024;

/// Lets every script (`#!`) that lies in one of these folders of `package` be run by its name. What cannot be done is found
/// out by whoever runs it.
pub(super) fn make_runnable(package: &Path, folders: &[String]) {
    for folder in folders {
        let Ok(entries) = fs::read_dir(package.join(folder)) else { continue };
        for entry in entries.flatten() {
            if let Err(error) = make_one_runnable(&entry.path()) {
                tracing::debug!(%error, file = %entry.path().display(), "a script stays as it is");
            }
        }
    }
}

fn make_one_runnable(file: &Path) -> io::Result<()> {
    let found = fs::symlink_metadata(file)?;
    if !found.is_file() || found.len() > LONGEST || !begins_with_interpreter(file)? {
        return Ok(());
    }
    let text = fs::read(file)?;
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if first.ends_with(b"\r") {
        let mut unix = text.clone();
        unix.retain(|byte| *byte != b'\r');
        fs::write(file, unix)?;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = found.permissions().mode();
        if mode & 0o111 == 0 {
            fs::set_permissions(file, fs::Permissions::from_mode(mode | 0o755))?;
        }
    }
    Ok(())
}

fn begins_with_interpreter(file: &Path) -> io::Result<bool> {
    use io::Read;
    let mut first = [0; 2];
    match fs::File::open(file)?.read_exact(&mut first) {
        Ok(()) => Ok(first == *b"#!"),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
