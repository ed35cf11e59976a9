//! Makes a package from a folder: the same folder gives the same bytes, wherever and whenever it is packed.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
};

use zip::{CompressionMethod, DateTime, ZipWriter, result::ZipError, write::SimpleFileOptions};

use crate::{Limits, PackageError, archive, folder::Folder};

/// A package that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The SHA-256 of the zip in lower-case hex.
    pub sha256: String,
    /// The size of the zip in bytes.
    pub size: u64,
    /// The files in it, sorted.
    pub files: Vec<String>,
}

/// Packs the folder `from` into the zip `to`, which is replaced if it exists. Version control, caches and what the
/// package's ignore files name stay out, and so does `to` itself.
pub fn pack(from: &Path, to: &Path, limits: &Limits) -> Result<Packed, PackageError> {
    let mut name = std::ffi::OsString::from(".packing-");
    name.push(to.file_name().unwrap_or_default());
    let unfinished = to.with_file_name(name);
    let own = own_name(from, to);
    let packed = write(from, &unfinished, own.as_deref(), limits).and_then(|files| {
        // Opened as a stranger would: what is made here is taken everywhere.
        let mut archive = archive::open(&unfinished, limits)?;
        archive.verify()?;
        Ok(Packed { sha256: archive.sha256().to_owned(), size: archive.size(), files })
    });
    let named = packed.and_then(|packed| {
        fs::rename(&unfinished, to).map_err(PackageError::storage(format!("writing {}", to.display())))?;
        Ok(packed)
    });
    if named.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&unfinished);
    }
    named
}

/// The name of the zip inside the folder, when it lies there from an earlier time.
fn own_name(from: &Path, to: &Path) -> Option<String> {
    let inside = to.canonicalize().ok()?.strip_prefix(from.canonicalize().ok()?).ok()?.to_owned();
    Some(inside.to_str()?.to_owned())
}

fn write(from: &Path, to: &Path, own: Option<&str>, limits: &Limits) -> Result<Vec<String>, PackageError> {
    let folder = Folder::open(from, limits)?;
    let cannot = |error| PackageError::storage(format!("writing {}", to.display()))(error);
    let from_zip = |error: ZipError| cannot(error.into());
    let file = File::create(to).map_err(cannot)?;
    let mut zip = ZipWriter::new(BufWriter::new(file));
    let mut files = Vec::new();
    for file in folder.files().iter().filter(|file| own != Some(file.name.as_str())) {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(6))
            .last_modified_time(DateTime::default())
            .unix_permissions(if file.is_executable { 0o755 } else { 0o644 });
        zip.start_file(&file.name, options).map_err(from_zip)?;
        let mut content = folder.open_file(&file.name)?;
        std::io::copy(&mut content, &mut zip).map_err(PackageError::storage(format!("packing {}", file.name)))?;
        files.push(file.name.clone());
    }
    let mut file = zip.finish().map_err(from_zip)?;
    file.flush().map_err(cannot)?;
    file.get_ref().sync_all().map_err(cannot)?;
    Ok(files)
}
