//! A zip that has been looked through: its names, kinds, sizes and headers are in order. What its files hold is counted
//! and compared while it is inflated (`meter.rs`).

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use sha2::{Digest, Sha256};
use zip::{ZipArchive, read::ArchiveOffset, read::Config, result::ZipError};

use crate::{
    Limits, PackageError, Problem,
    entry_name::EntryName,
    layout::{self, RawEntry},
    limits::readable,
    meter::{BOMB, Meter, too_large},
};

/// How many problems are listed before the rest is cut.
const MOST_PROBLEMS: usize = 20;

/// One file or folder of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path with `/` between the parts.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Whether it is to be executable.
    pub is_executable: bool,
    /// Its size as the zip states it; checked when it is inflated.
    pub size: u64,
    /// Its size in the zip.
    pub(crate) compressed: u64,
    /// Its place in the zip's directory.
    pub(crate) index: usize,
}

/// An opened package: a zip whose directory is in order.
#[derive(Debug)]
pub struct Archive {
    zip: ZipArchive<File>,
    entries: Vec<Entry>,
    limits: Limits,
    sha256: String,
    size: u64,
}

/// Opens the zip at `path` and looks through its directory; inflates nothing.
pub fn open(path: &Path, limits: &Limits) -> Result<Archive, PackageError> {
    let mut file = File::open(path).map_err(PackageError::storage(format!("opening {}", path.display())))?;
    let size = file.metadata().map_err(PackageError::storage("reading the package's size"))?.len();
    if size > limits.package_size {
        let message = format!("the package is larger than {}", readable(limits.package_size));
        return Err(PackageError::refused("zip", message, "Leave out data that the process can fetch when it runs"));
    }
    let raw = layout::read(&mut file, size, limits)?;
    let entries = accept(&raw, limits)?;
    let sha256 = digest(&mut file)?;
    let config = Config { archive_offset: ArchiveOffset::Known(0) };
    let mut zip = ZipArchive::with_config(config, file).map_err(from_zip)?;
    zip.validate_header_consistency().map_err(from_zip)?;
    same_as_ours(&zip, &raw)?;
    Ok(Archive { zip, entries, limits: limits.clone(), sha256, size })
}

fn digest(file: &mut File) -> Result<String, PackageError> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    let cannot = |error| PackageError::storage("reading the package")(error);
    file.seek(SeekFrom::Start(0)).map_err(cannot)?;
    loop {
        match file.read(&mut buffer).map_err(cannot)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

fn from_zip(error: ZipError) -> PackageError {
    match error {
        ZipError::Io(error) if error.raw_os_error().is_some() => PackageError::storage("reading the package")(error),
        error => PackageError::refused("zip", error.to_string(), "The zip is damaged: pack it again"),
    }
}

/// The library must have read the same directory as we did, name by name.
fn same_as_ours(zip: &ZipArchive<File>, raw: &[RawEntry]) -> Result<(), PackageError> {
    let same = zip.len() == raw.len() && zip.file_names_raw().eq(raw.iter().map(|entry| entry.name.as_slice()));
    let message = "the zip's directory can be read in two ways";
    if same { Ok(()) } else { Err(PackageError::refused("zip", message, "Pack it again")) }
}

/// Checks every entry of the directory and lists all that is wrong.
fn accept(raw: &[RawEntry], limits: &Limits) -> Result<Vec<Entry>, PackageError> {
    let mut problems = Vec::new();
    let mut entries = Vec::with_capacity(raw.len());
    for (index, raw) in raw.iter().enumerate() {
        match accept_one(index, raw, limits) {
            Ok(entry) => entries.push(entry),
            Err(problem) => problems.push(problem),
        }
    }
    let mut problems = bombs_once(problems);
    problems.extend(twins(&entries));
    let total = entries.iter().map(|entry| entry.size).sum::<u64>();
    if total > limits.unpacked_size {
        let message = format!("the files are together larger than {}", readable(limits.unpacked_size));
        problems.push(Problem::new("zip", message, "Leave out data that the process can fetch when it runs"));
    }
    if entries.iter().all(|entry| entry.is_folder) && problems.is_empty() {
        problems.push(Problem::new("zip", "the package has no files", "Pack the folder that holds the process"));
    }
    if problems.is_empty() {
        return Ok(entries);
    }
    let more = problems.len().saturating_sub(MOST_PROBLEMS);
    problems.truncate(MOST_PROBLEMS);
    if more > 0 {
        problems.push(Problem::new("zip", format!("and {more} problems more"), ""));
    }
    Err(PackageError::Refused(problems))
}

/// Of a thousand files that grow too much the first is named: a line for each would tell nothing more.
fn bombs_once(problems: Vec<Problem>) -> Vec<Problem> {
    let (bombs, mut problems): (Vec<_>, Vec<_>) = problems.into_iter().partition(|problem| problem.remedy == BOMB);
    let more = bombs.len().saturating_sub(1);
    if let Some(mut first) = bombs.into_iter().next() {
        if more > 0 {
            first.message.push_str(&format!("; so do {more} more"));
        }
        problems.insert(0, first);
    }
    problems
}

fn accept_one(index: usize, raw: &RawEntry, limits: &Limits) -> Result<Entry, Problem> {
    let name = EntryName::parse(&raw.name, limits)?;
    if let Some(message) = raw.unfit(name.is_folder) {
        return Err(Problem::new(name.path, message, "A package holds plain files and folders only"));
    }
    let entry = Entry {
        name: name.path,
        is_folder: name.is_folder,
        is_executable: raw.is_executable(),
        size: raw.size,
        compressed: raw.compressed,
        index,
    };
    too_large(&entry, raw.size, limits).map_or(Ok(entry), Err)
}

/// Names that would be one file on some system, and files that stand where another entry needs a folder.
fn twins(entries: &[Entry]) -> Vec<Problem> {
    const REMEDY: &str = "Rename one of them";
    let mut problems = Vec::new();
    let mut names = BTreeMap::new();
    for entry in entries {
        if let Some(other) = names.insert(EntryName::twin_key(&entry.name), entry) {
            let message =
                format!("the package has two files of this name on some systems, the other is {}", other.name);
            problems.push(Problem::new(&entry.name, message, REMEDY));
        }
    }
    // Every folder on the way to an entry, spelt in one way only, and never a file.
    let mut folders = BTreeMap::<String, &str>::new();
    for entry in entries {
        let own = entry.is_folder.then_some(entry.name.as_str());
        for folder in entry.name.match_indices('/').map(|(at, _)| &entry.name[..at]).chain(own) {
            let key = EntryName::twin_key(folder);
            if names.get(&key).is_some_and(|other| !other.is_folder) {
                problems.push(Problem::new(&entry.name, format!("{folder} is a file and a folder"), REMEDY));
            }
            let spelt = folders.entry(key).or_insert(folder);
            if *spelt != folder {
                let message = format!("the folder is also written {spelt}: they are one on some systems");
                problems.push(Problem::new(&entry.name, message, REMEDY));
            }
        }
    }
    problems
}

impl Archive {
    /// Its files and folders, in the order of the zip.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The SHA-256 of the zip in lower-case hex.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The size of the zip in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Reads one file that is parsed, at most [`Limits::document_size`] bytes.
    pub fn read_document(&mut self, name: &str) -> Result<Vec<u8>, PackageError> {
        let limits = Limits { file_size: self.limits.document_size, ..self.limits.clone() };
        let found = self.entries.iter().find(|entry| entry.name == name && !entry.is_folder);
        let Some(entry) = found.cloned() else {
            return Err(PackageError::refused(name, "the package has no such file", "Check the spelling"));
        };
        let mut bytes = Vec::new();
        let mut file = self.zip.by_index(entry.index).map_err(from_zip)?;
        Meter::new(&limits).copy(&entry, &mut file, &mut bytes)?;
        Ok(bytes)
    }

    /// Inflates every file and throws it away: sizes, ratios and checksums are right afterwards.
    pub fn verify(&mut self) -> Result<(), PackageError> {
        self.for_each(|_, file, meter, entry| meter.copy(entry, file, &mut std::io::sink()))
    }

    /// Calls `each` with every entry, its content and the meter that has to count it.
    pub(crate) fn for_each(
        &mut self,
        mut each: impl FnMut(usize, &mut dyn Read, &mut Meter<'_>, &Entry) -> Result<(), PackageError>,
    ) -> Result<(), PackageError> {
        let mut meter = Meter::new(&self.limits);
        for (number, entry) in self.entries.iter().enumerate() {
            let mut file = self.zip.by_index(entry.index).map_err(from_zip)?;
            each(number, &mut file, &mut meter, entry)?;
        }
        Ok(())
    }
}
