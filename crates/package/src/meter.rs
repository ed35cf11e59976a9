//! Counts what comes out while a package is inflated, and stops it the moment it is too much. What the zip says of its
//! own sizes is only compared with the count, never believed.

use std::io::{self, Read, Write};

use crate::{Limits, PackageError, Problem, archive::Entry, limits::readable};

const BOMB: &str = "Such a file is refused, since it would fill the disk; leave it out of the package";

/// The bytes inflated so far from one package.
#[derive(Debug)]
pub(crate) struct Meter<'a> {
    limits: &'a Limits,
    total: u64,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self { limits, total: 0 }
    }

    /// Copies one entry into `sink`; refuses as soon as a limit is passed, so that at most one buffer more is written.
    pub(crate) fn copy(
        &mut self,
        entry: &Entry,
        from: &mut (impl Read + ?Sized),
        sink: &mut impl Write,
    ) -> Result<(), PackageError> {
        let mut buffer = vec![0; 64 * 1024];
        let mut file = 0_u64;
        loop {
            let read = match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(damaged(entry, error)),
            };
            file += read as u64;
            self.total += read as u64;
            self.check(entry, file)?;
            sink.write_all(&buffer[..read]).map_err(PackageError::storage(format!("writing {}", entry.name)))?;
        }
        if file < entry.size {
            return Err(lying(entry, file).into());
        }
        Ok(())
    }

    fn check(&self, entry: &Entry, file: u64) -> Result<(), PackageError> {
        let Limits { file_size, unpacked_size, .. } = *self.limits;
        if let Some(problem) = too_large(entry, file, self.limits) {
            return Err(problem.into());
        }
        if self.total > unpacked_size {
            return Err(PackageError::refused(
                "zip",
                format!("the files are together larger than {}", readable(unpacked_size)),
                BOMB,
            ));
        }
        debug_assert!(file <= file_size);
        if file > entry.size { Err(lying(entry, file).into()) } else { Ok(()) }
    }
}

/// Whether `size` bytes are too many for this file, in themselves or for its compressed form.
pub(crate) fn too_large(entry: &Entry, size: u64, limits: &Limits) -> Option<Problem> {
    if size > limits.file_size {
        let message = format!("the file is larger than {}", readable(limits.file_size));
        return Some(Problem::new(&entry.name, message, "Fetch such data when the process runs instead of packing it"));
    }
    if size > limits.ratio_from && size > entry.compressed.saturating_mul(limits.ratio) {
        let message = format!("the file grows more than {} times when it is unpacked", limits.ratio);
        return Some(Problem::new(&entry.name, message, BOMB));
    }
    None
}

fn lying(entry: &Entry, size: u64) -> Problem {
    let message = format!("the zip says the file has {} bytes, but it has {size} or more", entry.size);
    let message = if size < entry.size { message.replace(" or more", "") } else { message };
    Problem::new(&entry.name, message, "The zip is damaged or made by hand: pack it again")
}

/// A fault while inflating is the package's, unless the system itself reports one.
fn damaged(entry: &Entry, error: io::Error) -> PackageError {
    if error.raw_os_error().is_some() {
        return PackageError::storage(format!("reading {}", entry.name))(error);
    }
    let message = format!("the file is damaged ({error})");
    PackageError::refused(&entry.name, message, "Pack the package again, or send it again")
}
