//! Where a package's documents are read from: a zip or a folder, alike for whoever reads them.

use std::{io::Read, path::Path};

use crate::{Archive, Limits, PackageError, archive, folder::Folder, limits::readable};

/// A package as files by name.
#[derive(Debug)]
pub(crate) enum Source {
    Zip(Archive),
    Folder(Folder, Limits),
}

impl Source {
    /// Opens a zip or a folder.
    pub(crate) fn open(path: &Path, limits: &Limits) -> Result<Self, PackageError> {
        if path.is_dir() {
            return Ok(Self::Folder(Folder::open(path, limits)?, limits.clone()));
        }
        let mut archive = archive::open(path, limits)?;
        archive.verify()?;
        Ok(Self::Zip(archive))
    }

    /// The names of all files.
    pub(crate) fn files(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::Zip(zip) => Box::new(zip.entries().iter().filter(|e| !e.is_folder).map(|e| e.name.as_str())),
            Self::Folder(folder, _) => Box::new(folder.files().iter().map(|file| file.name.as_str())),
        }
    }

    pub(crate) fn has_file(&self, name: &str) -> bool {
        self.files().any(|file| file == name)
    }

    /// Whether there is a file, or a folder with files, of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        let name = name.trim_end_matches('/');
        name == "."
            || self
                .files()
                .any(|file| file.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }

    /// The zip's hash; empty for a folder.
    pub(crate) fn sha256(&self) -> String {
        match self {
            Self::Zip(zip) => zip.sha256().to_owned(),
            Self::Folder(..) => String::new(),
        }
    }

    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Zip(zip) => zip.size(),
            Self::Folder(folder, _) => folder.files().iter().map(|file| file.size).sum(),
        }
    }

    /// Reads a file that is parsed, bounded.
    pub(crate) fn read_document(&mut self, name: &str) -> Result<Vec<u8>, PackageError> {
        match self {
            Self::Zip(zip) => zip.read_document(name),
            Self::Folder(folder, limits) => {
                let mut bytes = Vec::new();
                let file = folder.open_file(name)?;
                let read = file.take(limits.document_size + 1).read_to_end(&mut bytes);
                read.map_err(PackageError::storage(format!("reading {name}")))?;
                if bytes.len() as u64 > limits.document_size {
                    let message = format!("the file is larger than {}", readable(limits.document_size));
                    return Err(PackageError::refused(name, message, "It is a document, not a place for data"));
                }
                Ok(bytes)
            }
        }
    }
}
