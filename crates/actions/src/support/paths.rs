//! Where files are (docs/decisions/0011). A relative path that is read is looked up in the artifacts folder first, then in
//! the package; one that is written lies in the artifacts folder; neither may leave its folder. Absolute paths are the
//! user's own files and are taken as they are.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use baigong_flow::{ActionContext, ActionError};

use super::trouble::{file_error, invalid_parameter};

/// A place to write to.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The whole path; its folder exists.
    pub(crate) path: PathBuf,
    /// Whether it lies in the run's artifacts folder: there a file of the same name is replaced without asking.
    pub(crate) is_artifact: bool,
}

/// The existing file or folder that `name` means.
pub(crate) fn to_read(context: &ActionContext, name: &str) -> Result<PathBuf, ActionError> {
    let path = given(name)?;
    if path.is_absolute() {
        return exists(&path).map_err(|error| file_error("read", &path, &error));
    }
    stays_inside(name)?;
    for folder in [&context.artifacts_folder, &context.package_folder] {
        match exists(&folder.join(&path)) {
            Ok(found) => return confined(folder, found, name),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(error) => return Err(file_error("read", &folder.join(&path), &error)),
        }
    }
    Err(ActionError::new(
        "fileNotFound",
        format!(
            "there is no file {name}: it is neither among this run's artifacts nor in the package. For a file elsewhere \
             give the whole path, such as /home/anna/{name}."
        ),
    ))
}

/// The place that `name` means for writing; missing folders are made.
pub(crate) fn to_write(context: &ActionContext, name: &str) -> Result<Target, ActionError> {
    let target = place(context, name)?;
    let folder = target.path.parent().unwrap_or(&target.path);
    fs::create_dir_all(folder).map_err(|error| file_error("make the folder", folder, &error))?;
    Ok(target)
}

/// The existing file that `name` means for changing or deleting: a relative path is one of this run's artifacts.
pub(crate) fn to_change(context: &ActionContext, name: &str) -> Result<PathBuf, ActionError> {
    let target = place(context, name)?;
    exists(&target.path).map_err(|error| file_error("find", &target.path, &error))
}

fn place(context: &ActionContext, name: &str) -> Result<Target, ActionError> {
    let path = given(name)?;
    if path.is_absolute() {
        return Ok(Target { path, is_artifact: false });
    }
    stays_inside(name)?;
    let folder = &context.artifacts_folder;
    fs::create_dir_all(folder).map_err(|error| file_error("make the folder", folder, &error))?;
    let path = confined(folder, folder.join(path), name)?;
    Ok(Target { path, is_artifact: true })
}

fn given(name: &str) -> Result<PathBuf, ActionError> {
    if name.trim().is_empty() || name.contains('\0') {
        return Err(invalid_parameter("the file has no name. Give its path in the step."));
    }
    Ok(PathBuf::from(name))
}

fn exists(path: &Path) -> io::Result<PathBuf> {
    fs::metadata(path).map(|_| path.to_path_buf())
}

fn stays_inside(name: &str) -> Result<(), ActionError> {
    let plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if plain { Ok(()) } else { Err(leaves(name)) }
}

/// Follows the links of the part of `path` that exists: it must still lie in `folder`.
fn confined(folder: &Path, path: PathBuf, name: &str) -> Result<PathBuf, ActionError> {
    let root = folder.canonicalize().map_err(|error| file_error("open the folder", folder, &error))?;
    let existing = path.ancestors().find(|part| part.symlink_metadata().is_ok()).unwrap_or(folder);
    let real = existing.canonicalize().map_err(|error| file_error("open", existing, &error))?;
    if real.starts_with(root) { Ok(path) } else { Err(leaves(name)) }
}

fn leaves(name: &str) -> ActionError {
    invalid_parameter(format!(
        "the path {name} leads out of its folder. Write it without “..”, or give the whole path from the root."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::testing::Desk;

    #[test]
    fn artifacts_come_before_the_package_and_nothing_leaves_either() {
        let desk = Desk::new();
        desk.package_file("a.txt", b"package");
        assert_eq!(to_read(&desk.context, "a.txt").unwrap(), desk.context.package_folder.join("a.txt"));
        desk.artifact("a.txt", b"artifact");
        assert_eq!(to_read(&desk.context, "./a.txt").unwrap(), desk.context.artifacts_folder.join("./a.txt"));
        for bad in ["../a.txt", "x/../../a.txt", "x/../a.txt"] {
            assert_eq!(to_read(&desk.context, bad).unwrap_err().code, "invalidParameter", "{bad}");
            assert_eq!(to_write(&desk.context, bad).unwrap_err().code, "invalidParameter", "{bad}");
        }
        assert_eq!(to_read(&desk.context, "b.txt").unwrap_err().code, "fileNotFound");
        assert_eq!(to_read(&desk.context, " ").unwrap_err().code, "invalidParameter");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_does_not_lead_out_of_the_artifacts() {
        let desk = Desk::new();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret.txt"), "secret").unwrap();
        std::os::unix::fs::symlink(outside.path(), desk.context.artifacts_folder.join("link")).unwrap();
        assert_eq!(to_read(&desk.context, "link/secret.txt").unwrap_err().code, "invalidParameter");
        assert_eq!(to_write(&desk.context, "link/new.txt").unwrap_err().code, "invalidParameter");
        assert_eq!(to_write(&desk.context, "link/deep/new.txt").unwrap_err().code, "invalidParameter");
        assert!(!outside.path().join("deep").exists());
    }

    #[test]
    fn a_users_own_file_is_given_by_its_whole_path() {
        let desk = Desk::new();
        let elsewhere = tempfile::tempdir().unwrap();
        let path = elsewhere.path().join("deep/report.csv");
        let target = to_write(&desk.context, path.to_str().unwrap()).unwrap();
        assert!(!target.is_artifact && path.parent().unwrap().is_dir());
        assert!(to_write(&desk.context, "deep/report.csv").unwrap().is_artifact);
    }
}
