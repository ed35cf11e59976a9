//! A package that is still a folder on disk: what would be packed, under the same rules of names as a zip.

use std::{io::Read, path::Path};

use cap_std::{
    ambient_authority,
    fs::{Dir, MetadataExt},
};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::{
    Limits, PackageError, Problem, entry_name::EntryName, limits::readable, manifest, robot_yaml, robot_yaml::RobotYaml,
};

/// The file of a Baigong package that says, in the form of `.gitignore`, what is not packed.
const IGNORE_FILE: &str = ".baigongignore";
/// Never part of a package.
const NEVER: [&str; 10] = [
    ".git/",
    ".hg/",
    ".svn/",
    "__pycache__/",
    "*.pyc",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
    ".unpacking-*",
    ".packing-*",
];

/// One file of the folder that belongs to the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FolderFile {
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) is_executable: bool,
}

/// A folder and the files of it that would be packed, sorted by name.
#[derive(Debug)]
pub(crate) struct Folder {
    root: Dir,
    files: Vec<FolderFile>,
}

impl Folder {
    pub(crate) fn open(path: &Path, limits: &Limits) -> Result<Self, PackageError> {
        let root = Dir::open_ambient_dir(path, ambient_authority())
            .map_err(PackageError::storage(format!("opening the folder {}", path.display())))?;
        let ignored = ignored(&root, limits)?;
        let mut walk = Walk { ignored, limits, files: Vec::new(), problems: Vec::new() };
        walk.folder(&root, "")?;
        let Walk { mut files, mut problems, .. } = walk;
        files.sort_by(|one, other| one.name.cmp(&other.name));
        problems.extend(too_much(&files, limits));
        if problems.is_empty() { Ok(Self { root, files }) } else { Err(PackageError::Refused(problems)) }
    }

    pub(crate) fn files(&self) -> &[FolderFile] {
        &self.files
    }

    pub(crate) fn open_file(&self, name: &str) -> Result<impl Read + use<>, PackageError> {
        self.root.open(name).map_err(PackageError::storage(format!("reading {name}")))
    }
}

fn too_much(files: &[FolderFile], limits: &Limits) -> Vec<Problem> {
    let mut problems = Vec::new();
    let total = files.iter().map(|file| file.size).sum::<u64>();
    let mut keys = std::collections::BTreeMap::new();
    for file in files {
        if file.size > limits.file_size {
            let message = format!("the file is larger than {}", readable(limits.file_size));
            problems.push(Problem::new(&file.name, message, "Fetch such data when the process runs"));
        }
        if let Some(other) = keys.insert(EntryName::twin_key(&file.name), &file.name) {
            let message = format!("{other} is the same file on some systems");
            problems.push(Problem::new(&file.name, message, "Rename one of them"));
        }
    }
    if total > limits.unpacked_size || files.len() > limits.entries {
        let message = format!("{} files with {total} bytes are too many for a package", files.len());
        problems.push(Problem::new(".", message, format!("Name what is not needed in {IGNORE_FILE}")));
    }
    if files.is_empty() {
        problems.push(Problem::new(".", "the folder has no files", "Give the folder that holds baigong.yaml"));
    }
    problems
}

/// What is not packed: version control, caches, and what the package's own ignore files name.
fn ignored(root: &Dir, limits: &Limits) -> Result<Gitignore, PackageError> {
    let mut builder = GitignoreBuilder::new("");
    let mut problems = Vec::new();
    let mut add = |place: &str, line: &str| {
        if let Err(error) = builder.add_line(None, line) {
            problems.push(Problem::new(place, format!("\"{line}\": {error}"), "Write patterns as in .gitignore"));
        }
    };
    NEVER.iter().for_each(|line| add(IGNORE_FILE, line));
    for file in ignore_files(root, limits) {
        if let Ok(bytes) = read_bounded(root, &file, limits) {
            String::from_utf8_lossy(&bytes).lines().for_each(|line| add(&file, line));
        }
    }
    let built = builder.build().map_err(|error| Problem::new(IGNORE_FILE, error.to_string(), ""));
    if problems.is_empty() { Ok(built?) } else { Err(PackageError::Refused(problems)) }
}

fn ignore_files(root: &Dir, limits: &Limits) -> Vec<String> {
    let mut files = vec![IGNORE_FILE.to_owned()];
    // A robot.yaml with faults is reported by the check; here it only names no ignore files.
    let robot_yaml =
        (!root.exists(manifest::FILE)).then(|| read_bounded(root, robot_yaml::FILE, limits).ok()).flatten();
    if let Some(robot) = robot_yaml.and_then(|bytes| RobotYaml::parse(&bytes).ok()) {
        files.extend(robot.ignore_files);
    }
    files
}

fn read_bounded(root: &Dir, name: &str, limits: &Limits) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    root.open(name)?.take(limits.document_size).read_to_end(&mut bytes)?;
    Ok(bytes)
}

struct Walk<'a> {
    ignored: Gitignore,
    limits: &'a Limits,
    files: Vec<FolderFile>,
    problems: Vec<Problem>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Dir, prefix: &str) -> Result<(), PackageError> {
        let cannot = |error| PackageError::storage(format!("reading the folder {prefix}"))(error);
        for entry in folder.entries().map_err(cannot)? {
            let entry = entry.map_err(cannot)?;
            let Ok(name) = entry.file_name().into_string() else {
                let shown = format!("{prefix}{}", entry.file_name().to_string_lossy());
                self.problems.push(Problem::new(shown, "the file name is not UTF-8", "Rename the file"));
                continue;
            };
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(cannot)?;
            if self.ignored.matched(&path, kind.is_dir()).is_ignore() {
                continue;
            }
            if self.files.len() > self.limits.entries || self.problems.len() >= 20 {
                return Ok(());
            }
            if let Err(problem) = EntryName::parse(path.as_bytes(), self.limits) {
                self.problems.push(problem);
            } else if kind.is_dir() {
                self.folder(&entry.open_dir().map_err(cannot)?, &format!("{path}/"))?;
            } else if kind.is_file() {
                let metadata = entry.metadata().map_err(cannot)?;
                let is_executable = metadata.mode() & 0o111 != 0;
                self.files.push(FolderFile { name: path, size: metadata.len(), is_executable });
            } else {
                let message = "it is a link, device or socket, and a package holds plain files only";
                self.problems.push(Problem::new(
                    path,
                    message,
                    format!("Put the file itself here, or name it in {IGNORE_FILE}"),
                ));
            }
        }
        Ok(())
    }
}
