//! Writes a whole file or nothing: into a neighbour first, then renamed. A reader never sees half of it, and a full disk
//! leaves the old file as it was.

use std::{io::Write, path::Path};

use baigong_flow::{ActionContext, ActionError};
use tempfile::NamedTempFile;

use super::{
    paths::{Target, to_write},
    trouble::file_error,
};

/// Writes `bytes` to the file called `name`; returns its path. A file outside the artifacts is replaced only with `overwrite`.
pub(crate) fn write(
    context: &ActionContext,
    name: &str,
    bytes: &[u8],
    overwrite: bool,
) -> Result<WrittenPath, ActionError> {
    let target = to_write(context, name)?;
    let mut file = begin(&target.path)?;
    file.write_all(bytes).map_err(|error| file_error("write", &target.path, &error))?;
    finish(file, &target, overwrite)
}

/// A new file beside `path`, to be filled and given to [`finish`].
pub(crate) fn begin(path: &Path) -> Result<NamedTempFile, ActionError> {
    let folder = path.parent().unwrap_or(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".writing-").suffix(".part");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666)); // less the umask, as any new file
    builder.tempfile_in(folder).map_err(|error| file_error("write", path, &error))
}

/// Puts a filled file in its place.
pub(crate) fn finish(file: NamedTempFile, target: &Target, overwrite: bool) -> Result<WrittenPath, ActionError> {
    let failed = |error: &std::io::Error| file_error("write", &target.path, error);
    file.as_file().sync_all().map_err(|error| failed(&error))?;
    let put =
        if overwrite || target.is_artifact { file.persist(&target.path) } else { file.persist_noclobber(&target.path) };
    put.map_err(|error| failed(&error.error))?;
    Ok(target.path.to_string_lossy().into_owned())
}

/// The whole path of a file that was written.
pub(crate) type WrittenPath = String;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::testing::Desk;

    #[test]
    fn an_artifact_is_replaced_and_a_users_file_only_when_told() {
        let desk = Desk::new();
        write(&desk.context, "a.txt", b"1", false).unwrap();
        write(&desk.context, "a.txt", b"2", false).unwrap();
        assert_eq!(std::fs::read(desk.context.artifacts_folder.join("a.txt")).unwrap(), b"2");

        let elsewhere = tempfile::tempdir().unwrap();
        let path = elsewhere.path().join("b.txt");
        let name = path.to_str().unwrap();
        write(&desk.context, name, b"1", false).unwrap();
        let refused = write(&desk.context, name, b"2", false).unwrap_err();
        assert_eq!(refused.code, "fileExists");
        assert!(refused.message.contains("overwrite: true"), "{refused}");
        assert_eq!(std::fs::read(&path).unwrap(), b"1");
        write(&desk.context, name, b"3", true).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"3");
        assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 1, "no part of a file stays behind");
    }
}
