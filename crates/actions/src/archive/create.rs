//! `zip.create`: packs files and folders into a zip, whole or not at all.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{LARGEST, MOST_ENTRIES};
use crate::{
    file::short_name,
    support::{
        atomic, paths,
        trouble::{file_error, internal, invalid_data, invalid_parameter, too_large},
        work::{blocking, go_on},
    },
};

/// What to pack.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The zip to make: a name among this run's artifacts, or a whole path.
    file: String,
    /// The files and folders to pack: artifacts of this run, files of the package, or whole paths.
    files: Vec<String>,
    /// Replace an existing file outside the artifacts.
    #[serde(default)]
    overwrite: bool,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<atomic::WrittenPath, ActionError> {
    blocking(context, move |context| {
        if parameters.files.is_empty() {
            return Err(invalid_parameter("files must name at least one file"));
        }
        let mut found = Vec::new();
        for name in &parameters.files {
            let path = paths::to_read(context, name)?;
            let inside = short_name(&path);
            collect(context, &path, inside, &mut found)?;
        }
        let mut names = BTreeSet::new();
        if let Some((_, twice)) = found.iter().find(|(_, inside)| !names.insert(inside.to_lowercase())) {
            return Err(invalid_data(format!(
                "two of the files would be called {twice} in the zip. Rename one of them."
            )));
        }
        let target = paths::to_write(context, &parameters.file)?;
        let mut zip = ZipWriter::new(atomic::begin(&target.path)?);
        let options = SimpleFileOptions::default().large_file(true);
        for (path, inside) in &found {
            go_on(context)?;
            let mut file = fs::File::open(path).map_err(|error| file_error("read", path, &error))?;
            zip.start_file(inside.as_str(), options).map_err(|error| internal(error.to_string()))?;
            io::copy(&mut file, &mut zip).map_err(|error| file_error("pack", path, &error))?;
        }
        let file = zip.finish().map_err(|error| internal(error.to_string()))?;
        atomic::finish(file, &target, parameters.overwrite)
    })
    .await
}

/// All plain files at or below `path`; links are an error, since they could lead anywhere.
fn collect(
    context: &ActionContext,
    path: &Path,
    inside: String,
    found: &mut Vec<(PathBuf, String)>,
) -> Result<(), ActionError> {
    go_on(context)?;
    let failed = |error: &io::Error| file_error("read", path, error);
    let kind = fs::symlink_metadata(path).map_err(|error| failed(&error))?;
    if kind.is_dir() {
        let mut entries =
            fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(|error| failed(&error))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            collect(context, &entry.path(), format!("{inside}/{name}"), found)?;
        }
        return Ok(());
    }
    if !kind.is_file() {
        return Err(invalid_data(format!("{} is a link or a device and cannot be packed", path.display())));
    }
    found.push((path.to_path_buf(), inside));
    if found.len() > MOST_ENTRIES || kind.len() > LARGEST {
        return Err(too_large(format!("a zip holds at most {MOST_ENTRIES} files of at most 2 GiB")));
    }
    Ok(())
}
