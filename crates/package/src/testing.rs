//! Builds zips byte by byte, right or wrong in any one place.

use std::{
    io::{Cursor, Read, Write},
    path::PathBuf,
};

use baigong_flow::ActionTable;
use tempfile::TempDir;
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::{Limits, PackageError, PackageInfo, check};

/// A manifest of a package that passes.
pub(crate) const MANIFEST: &str = "kind: command\ncommand: [\"true\"]\n";

/// One entry; the fields may lie.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) name: Vec<u8>,
    pub(crate) local_name: Vec<u8>,
    pub(crate) data: Vec<u8>,
    pub(crate) method: u16,
    pub(crate) flags: u16,
    pub(crate) crc: u32,
    pub(crate) size: u32,
    pub(crate) mode: u32,
    pub(crate) extra: Vec<u8>,
    /// Where the central directory says the entry begins; its place unless said.
    pub(crate) offset: Option<u32>,
}

impl Made {
    /// A stored file.
    pub(crate) fn file(name: impl AsRef<[u8]>, data: impl AsRef<[u8]>) -> Self {
        let (name, data) = (name.as_ref().to_vec(), data.as_ref().to_vec());
        let (crc, size) = (crc32(&data), data.len() as u32);
        let local_name = name.clone();
        Self {
            name,
            local_name,
            data,
            method: 0,
            flags: 1 << 11,
            crc,
            size,
            mode: 0o100_644,
            extra: vec![],
            offset: None,
        }
    }

    /// A deflated file.
    pub(crate) fn deflated(name: &str, data: &[u8]) -> Self {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("x", SimpleFileOptions::default()).unwrap();
        writer.write_all(data).unwrap();
        let mut zip = ZipArchive::new(writer.finish().unwrap()).unwrap();
        let mut compressed = Vec::new();
        zip.by_index_raw(0).unwrap().read_to_end(&mut compressed).unwrap();
        Self { data: compressed, method: 8, ..Self::file(name, data) }
    }

    fn header(&self, name: &[u8]) -> Vec<u8> {
        let mut bytes = vec![20, 0];
        for word in [self.flags, self.method, 0, 0x21] {
            bytes.extend(word.to_le_bytes());
        }
        for long in [self.crc, self.data.len() as u32, self.size] {
            bytes.extend(long.to_le_bytes());
        }
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.extend((self.extra.len() as u16).to_le_bytes());
        bytes
    }
}

/// A zip of these entries and one end record.
pub(crate) fn zip_of(entries: &[Made]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        let offset = entry.offset.unwrap_or(bytes.len() as u32);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(entry.header(&entry.local_name));
        bytes.extend([&entry.local_name, &entry.extra, &entry.data].into_iter().flatten());
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(entry.header(&entry.name));
        directory.extend([0; 6]);
        directory.extend((entry.mode << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend([&entry.name, &entry.extra].into_iter().flatten());
    }
    let start = bytes.len() as u32;
    bytes.extend(&directory);
    bytes.extend(end_record(entries.len() as u16, directory.len() as u32, start));
    bytes
}

/// An end record without a comment.
pub(crate) fn end_record(count: u16, size: u32, start: u32) -> Vec<u8> {
    let mut bytes = b"PK\x05\x06\0\0\0\0".to_vec();
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(size.to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}

/// A package that passes but for `entries`.
pub(crate) fn package_with(entries: impl IntoIterator<Item = Made>) -> Vec<u8> {
    let mut all = vec![Made::file("baigong.yaml", MANIFEST)];
    all.extend(entries);
    zip_of(&all)
}

/// The checksum of zips, the slow way.
pub(crate) fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

/// A folder for one test, with what it holds.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Checks `bytes` as a zip under `limits`.
    pub(crate) fn check(&self, bytes: &[u8], limits: &Limits) -> Result<PackageInfo, PackageError> {
        check(&self.write("package.zip", bytes), &ActionTable::new(), limits)
    }

    /// Checks files as a zip; gives what is wrong as text.
    pub(crate) fn problems(&self, files: &[(&str, &str)]) -> String {
        let made: Vec<_> = files.iter().map(|(name, content)| Made::file(name, content)).collect();
        match self.check(&zip_of(&made), &Limits::default()) {
            Ok(_) => String::new(),
            Err(error @ PackageError::Refused(_)) => error.to_string(),
            Err(error) => panic!("the machine was blamed: {error}"),
        }
    }
}
