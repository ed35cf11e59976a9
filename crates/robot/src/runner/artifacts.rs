//! The folder of results: made before the run, listed after it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::RunRequest;

/// More results than this are not listed.
const MOST: usize = 10_000;
/// Folders deeper than this are not looked into.
const DEEPEST: usize = 32;

/// One result of a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Artifact {
    /// Its path inside the folder of results, with `/` between the parts.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
}

/// Makes the folders of a run.
pub(crate) fn prepare(request: &RunRequest) -> io::Result<()> {
    fs::create_dir_all(&request.artifacts_folder)?;
    fs::create_dir_all(&request.work_folder)
}

/// The plain files below `folder`, sorted by name. Links are not followed and not listed, nor are names that are not
/// UTF-8: nobody could ask for them.
pub fn list_artifacts(folder: &Path) -> io::Result<Vec<Artifact>> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), String::new(), 0)];
    while let Some((path, prefix, depth)) = folders.pop() {
        let entries = match fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let kind = entry.file_type()?;
            let name = format!("{prefix}{name}");
            if kind.is_dir() && depth < DEEPEST {
                folders.push((entry.path(), format!("{name}/"), depth + 1));
            } else if kind.is_file() && found.len() < MOST {
                found.push(Artifact { name, size: entry.metadata()?.len() });
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Copies what a process left in the package's own folder of results (`artifactsDir`), for the many that write there
/// rather than to where `ROBOT_ARTIFACTS` points. A result that is there already is kept.
pub(crate) fn collect(from: &Path, to: &Path) -> io::Result<()> {
    if from == to || same(from, to) {
        return Ok(());
    }
    for artifact in list_artifacts(from)? {
        let target: PathBuf = to.join(&artifact.name);
        if target.symlink_metadata().is_ok() {
            continue;
        }
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(from.join(&artifact.name), target)?;
    }
    Ok(())
}

fn same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
