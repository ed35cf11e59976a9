//! Counts what comes out while a package is inflated, and stops it the moment it is too much. What the zip says of its
//! own sizes is only compared with the count, never believed.

use std::io::{self, Read, Write};

use crate::{Limits, PackageError, Problem, archive::Entry, limits::readable};

pub(crate) const BOMB: &str = "Such a file is refused, since it would fill the disk; leave it out of the package";

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

#[cfg(test)]
mod tests {
    use super::*;

    /// What `content` zero bytes of an entry that says `size` and `compressed` come to, and how many were let through.
    fn copied(meter: &mut Meter<'_>, content: u64, size: u64, compressed: u64) -> (u64, String) {
        let entry = Entry { name: "x".into(), is_folder: false, is_executable: false, size, compressed, index: 0 };
        let mut written = Vec::new();
        let result = meter.copy(&entry, &mut io::repeat(0).take(content), &mut written);
        (written.len() as u64, result.map_or_else(|error| error.to_string(), |()| String::new()))
    }

    #[test]
    fn an_endless_stream_is_cut_at_every_limit_whatever_the_zip_says() {
        const ENDLESS: u64 = u64::MAX;
        let limits = Limits { file_size: 3 << 20, unpacked_size: 5 << 20, ..Limits::default() };
        let (written, why) = copied(&mut Meter::new(&limits), ENDLESS, ENDLESS, ENDLESS);
        assert!(written <= limits.file_size && why.contains("larger than 3 MiB"), "{written} {why}");
        let (written, why) = copied(&mut Meter::new(&limits), ENDLESS, ENDLESS, 1000);
        assert!(written <= limits.ratio_from && why.contains("more than 100 times"), "{written} {why}");
        let (written, why) = copied(&mut Meter::new(&limits), ENDLESS, 1000, 1000);
        assert!(written <= 1000 && why.contains("says the file has 1000 bytes"), "{written} {why}");
        let mut meter = Meter::new(&limits);
        assert_eq!(copied(&mut meter, 3 << 20, 3 << 20, 3 << 20), (3 << 20, String::new()));
        let (written, why) = copied(&mut meter, 3 << 20, 3 << 20, 3 << 20);
        assert!(written <= 2 << 20 && why.contains("together larger than 5 MiB"), "{written} {why}");
    }

    #[test]
    fn what_is_within_the_limits_passes_whole() {
        let limits = Limits::default();
        assert_eq!(copied(&mut Meter::new(&limits), 1 << 20, 1 << 20, 10), (1 << 20, String::new()));
        assert_eq!(copied(&mut Meter::new(&limits), 0, 0, 0), (0, String::new()));
        let (_, why) = copied(&mut Meter::new(&limits), 9, 10, 10);
        assert_eq!(
            why,
            "x: the zip says the file has 10 bytes, but it has 9. The zip is damaged or made by hand: pack it again"
        );
    }
}
