//! `zip.extract`: unpacks a zip into a new folder, whole or not at all. Refuses names that lead elsewhere, links, and bombs:
//! sizes are counted while inflating, never believed.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use baigong_flow::{ActionContext, ActionError};
use baigong_tabular::encoding;
use encoding_rs::Encoding;
use schemars::JsonSchema;
use serde::Deserialize;
use zip::{ZipArchive, read::ZipFile};

use super::{LARGEST, MOST_ENTRIES, entry_name, failed};
use crate::{
    file::short_name,
    support::{
        paths,
        trouble::{file_error, from_tables, invalid_data, too_large},
        work::{blocking, go_on},
    },
};

/// More than this many bytes out of one byte in is a bomb …
const HIGHEST_RATIO: u64 = 100;
/// … once a file is larger than this.
const HARMLESS: u64 = 1024 * 1024;

/// What to unpack where.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The zip: an artifact of this run, a file of the package, or a whole path.
    file: String,
    /// The folder to make: a name among this run's artifacts, or a whole path. It must not exist or be empty.
    into: String,
    /// The encoding of file names that are not UTF-8; gbk when left empty.
    name_encoding: Option<String>,
}

/// The whole paths of the files.
pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<Vec<String>, ActionError> {
    blocking(context, move |context| {
        let names = encoding::by_name(parameters.name_encoding.as_deref().unwrap_or("gbk")).map_err(from_tables)?;
        let path = paths::to_read(context, &parameters.file)?;
        let file = fs::File::open(&path).map_err(|error| file_error("read", &path, &error))?;
        let mut zip = ZipArchive::new(io::BufReader::new(file)).map_err(|error| failed(&path, error))?;
        let entries = entries(&mut zip, names, &path)?;
        let target = paths::to_write(context, &parameters.into)?.path;
        let beside = target.parent().unwrap_or(&target);
        let folder = tempfile::Builder::new().prefix(".unpacking-").tempdir_in(beside);
        let folder = folder.map_err(|error| file_error("write", &target, &error))?;
        let mut total = 0;
        for entry in &entries {
            go_on(context)?;
            let mut file = zip.by_index(entry.index).map_err(|error| failed(&path, error))?;
            unpack(context, &mut file, &folder.path().join(&entry.path), &mut total, &path)?;
        }
        put_in_place(&folder.keep(), &target)?;
        Ok(entries.iter().map(|entry| target.join(&entry.path).to_string_lossy().into_owned()).collect())
    })
    .await
}

/// One file to unpack.
struct Entry {
    index: usize,
    path: PathBuf,
}

/// The files of the zip. One bad name refuses all of it.
fn entries<R: Read + io::Seek>(
    zip: &mut ZipArchive<R>,
    names: &'static Encoding,
    path: &Path,
) -> Result<Vec<Entry>, ActionError> {
    let source = short_name(path);
    if zip.len() > MOST_ENTRIES {
        return Err(too_large(format!("{source} holds more than {MOST_ENTRIES} files")));
    }
    let mut entries = Vec::new();
    let mut seen = BTreeSet::new();
    let mut folders = BTreeSet::new();
    for index in 0..zip.len() {
        let file = zip.by_index_raw(index).map_err(|error| failed(path, error))?;
        let parts = entry_name::parts(file.name_raw(), names, &source)?;
        let name = parts.join("/");
        let kind = file.unix_mode().map_or(0, |mode| mode & 0o170_000);
        if file.is_symlink() || !matches!(kind, 0 | 0o100_000 | 0o040_000) {
            return Err(invalid_data(format!("{source}: {name} is a link or a device, so nothing was unpacked.")));
        }
        if file.encrypted() {
            return Err(invalid_data(format!(
                "{source}: {name} has a password. Unpack it by hand, or ask for a zip without."
            )));
        }
        let lower: Vec<String> = parts.iter().map(|part| part.to_lowercase()).collect();
        folders.extend((1..lower.len()).map(|length| lower[..length].join("/")));
        if file.is_dir() {
            continue;
        }
        if !seen.insert(lower.join("/")) {
            return Err(invalid_data(format!("{source}: {name} stands twice, so nothing was unpacked.")));
        }
        entries.push(Entry { index, path: parts.iter().collect() });
    }
    match seen.intersection(&folders).next() {
        Some(both) => Err(invalid_data(format!("{source}: {both} is a file and a folder, so nothing was unpacked."))),
        None => Ok(entries),
    }
}

fn unpack<R: Read>(
    context: &ActionContext,
    file: &mut ZipFile<'_, R>,
    to: &Path,
    total: &mut u64,
    zip: &Path,
) -> Result<(), ActionError> {
    let wrong = |error: &io::Error| file_error("unpack", to, error);
    fs::create_dir_all(to.parent().unwrap_or(to)).map_err(|error| wrong(&error))?;
    let mut out = fs::File::create_new(to).map_err(|error| wrong(&error))?;
    let most = HARMLESS.max(file.compressed_size().saturating_mul(HIGHEST_RATIO));
    let mut buffer = vec![0; 64 * 1024];
    let mut size = 0;
    loop {
        go_on(context)?;
        let read = file.read(&mut buffer).map_err(|error| failed(zip, error.into()))?;
        if read == 0 {
            return Ok(());
        }
        size += read as u64;
        *total += read as u64;
        if size > most || *total > LARGEST {
            return Err(too_large(format!(
                "{} unpacks to far more than it should: it may be a bomb.",
                short_name(zip)
            )));
        }
        out.write_all(&buffer[..read]).map_err(|error| wrong(&error))?;
    }
}

fn put_in_place(unpacked: &Path, target: &Path) -> Result<(), ActionError> {
    // An empty folder is replaced; a full one makes rename fail, and nothing is touched.
    let moved = fs::rename(unpacked, target);
    moved.map_err(|error| {
        fs::remove_dir_all(unpacked).ok();
        file_error("unpack into", target, &error)
    })
}
