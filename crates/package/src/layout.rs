//! The bones of a zip, read by our own eyes before any library looks at it: one end record at the very end, one central
//! directory right before it, nothing else. Whatever two readers could read in two ways is refused here.

use std::io::{Read, Seek, SeekFrom};

use crate::{Limits, PackageError, Problem, limits::readable};

const END: [u8; 4] = *b"PK\x05\x06";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END_LENGTH: usize = 22;
const CENTRAL_LENGTH: usize = 46;
const LONGEST_COMMENT: u64 = 0xffff;
const REPACK: &str = "Pack it again, for example with `baigong package build`";

/// One entry as the central directory has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawEntry {
    pub(crate) name: Vec<u8>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) compressed: u64,
    pub(crate) size: u64,
    pub(crate) attributes: u32,
    pub(crate) extra: Vec<u8>,
}

fn refuse(message: impl Into<String>) -> PackageError {
    Problem::new("zip", message, REPACK).into()
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Reads the central directory of a zip of `length` bytes.
pub(crate) fn read(file: &mut (impl Read + Seek), length: u64, limits: &Limits) -> Result<Vec<RawEntry>, PackageError> {
    let cannot = |error| PackageError::storage("reading the package")(error);
    let mut magic = [0; 4];
    if length < END_LENGTH as u64 {
        return Err(PackageError::refused("zip", "the file is not a zip", "A package is a zip file"));
    }
    file.seek(SeekFrom::Start(0)).and_then(|_| file.read_exact(&mut magic)).map_err(cannot)?;
    if magic != *b"PK\x03\x04" && magic != END {
        return Err(PackageError::refused(
            "zip",
            "the file is not a zip",
            "A package is a zip file, whatever its name",
        ));
    }
    let tail_length = length.min(END_LENGTH as u64 + LONGEST_COMMENT);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(length - tail_length)).map_err(cannot)?;
    file.take(tail_length).read_to_end(&mut tail).map_err(cannot)?;
    let (count, directory_size, directory_start) = end_record(&tail, length, limits)?;
    let mut directory = Vec::new();
    file.seek(SeekFrom::Start(directory_start)).map_err(cannot)?;
    file.take(directory_size).read_to_end(&mut directory).map_err(cannot)?;
    walk(&directory, count)
}

/// The count of entries, size and start of the central directory, from the end record.
fn end_record(tail: &[u8], length: u64, limits: &Limits) -> Result<(usize, u64, u64), PackageError> {
    let at = tail.windows(4).rposition(|window| window == END).filter(|at| tail.len() - at >= END_LENGTH);
    let at = at.ok_or_else(|| refuse("the zip has no end: it was cut off on its way"))?;
    let end = &tail[at..];
    if usize::from(u16_at(end, 20)) + END_LENGTH != end.len() {
        return Err(refuse("something follows the end of the zip"));
    }
    if u16_at(end, 4) != 0 || u16_at(end, 6) != 0 || u16_at(end, 8) != u16_at(end, 10) {
        return Err(refuse("the zip is one part of several"));
    }
    let (count, size, start) = (u16_at(end, 10), u32_at(end, 12), u32_at(end, 16));
    if count == u16::MAX || size == u32::MAX || start == u32::MAX {
        return Err(refuse("the zip is in the form for more than 4 GiB or 65,534 files (zip64)"));
    }
    if usize::from(count) > limits.entries {
        let message = format!("the zip has {count} files, more than {}", limits.entries);
        return Err(PackageError::refused("zip", message, "Leave out what the process does not need"));
    }
    let end_at = length - (tail.len() - at) as u64;
    if u64::from(size) + u64::from(start) != end_at {
        return Err(refuse(
            "the zip's directory is not where its end record says: something was put before or between",
        ));
    }
    // Names are at most 65,535 bytes, but those we take are far shorter: a directory larger than this is not read at all.
    let largest = usize::from(count) as u64 * (CENTRAL_LENGTH + limits.path_length + 1024) as u64;
    if u64::from(size) > largest {
        return Err(refuse(format!("the zip's directory is larger than {}", readable(largest))));
    }
    Ok((usize::from(count), u64::from(size), u64::from(start)))
}

fn walk(directory: &[u8], count: usize) -> Result<Vec<RawEntry>, PackageError> {
    let mut entries = Vec::with_capacity(count);
    let mut rest = directory;
    while !rest.is_empty() {
        if rest.len() < CENTRAL_LENGTH || rest[..4] != CENTRAL {
            return Err(refuse("the zip's directory is damaged"));
        }
        let name = usize::from(u16_at(rest, 28));
        let extra = usize::from(u16_at(rest, 30));
        let comment = usize::from(u16_at(rest, 32));
        let whole = CENTRAL_LENGTH + name + extra + comment;
        if rest.len() < whole {
            return Err(refuse("the zip's directory is damaged"));
        }
        entries.push(RawEntry {
            name: rest[CENTRAL_LENGTH..CENTRAL_LENGTH + name].to_vec(),
            flags: u16_at(rest, 8),
            method: u16_at(rest, 10),
            compressed: u64::from(u32_at(rest, 20)),
            size: u64::from(u32_at(rest, 24)),
            attributes: u32_at(rest, 38),
            extra: rest[CENTRAL_LENGTH + name..CENTRAL_LENGTH + name + extra].to_vec(),
        });
        rest = &rest[whole..];
    }
    if entries.len() != count {
        return Err(refuse(format!("the zip says it has {count} files and lists {}", entries.len())));
    }
    Ok(entries)
}

impl RawEntry {
    /// What else than its name keeps this entry from being a plain file or folder.
    pub(crate) fn unfit(&self, is_folder: bool) -> Option<&'static str> {
        const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
        const PATCH: u16 = 1 << 5;
        let file_type = (self.attributes >> 16) & 0o170_000;
        match file_type {
            _ if self.flags & ENCRYPTED != 0 => Some("the file is encrypted"),
            _ if self.flags & PATCH != 0 => Some("the file is a patch of another"),
            0o120_000 => Some("it is a symbolic link"),
            0o020_000 | 0o060_000 => Some("it is a device"),
            0o010_000 => Some("it is a named pipe"),
            0o140_000 => Some("it is a socket"),
            0 | 0o100_000 if is_folder && self.size > 0 => Some("it is a folder with content of its own"),
            0o040_000 if is_folder && self.size > 0 => Some("it is a folder with content of its own"),
            0o040_000 if !is_folder => Some("it is a folder whose name does not end in /"),
            0o100_000 if is_folder => Some("it is a file whose name ends in /"),
            0 | 0o100_000 | 0o040_000 if self.has_link() => Some("it is a link"),
            0 | 0o100_000 | 0o040_000 if self.method != 0 && self.method != 8 => {
                Some("it is compressed in another way than deflate")
            }
            0 | 0o100_000 | 0o040_000 => None,
            _ => Some("it is neither a file nor a folder"),
        }
    }

    /// The two Unix extra fields that can name a link's target.
    fn has_link(&self) -> bool {
        let mut rest = self.extra.as_slice();
        while rest.len() >= 4 {
            let (id, length) = (u16_at(rest, 0), usize::from(u16_at(rest, 2)));
            let longest = match id {
                0x000d => 12,
                0x756e => 14,
                _ => usize::MAX,
            };
            if length > longest {
                return true;
            }
            rest = rest.get(4 + length..).unwrap_or_default();
        }
        false
    }

    /// Whether its Unix mode lets anyone execute it.
    pub(crate) fn is_executable(&self) -> bool {
        (self.attributes >> 16) & 0o111 != 0
    }
}
