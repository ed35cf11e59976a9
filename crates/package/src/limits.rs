//! How large a package may be.

/// The limits of a package. Sizes are in bytes and are counted while inflating, whatever the package says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The zip itself.
    pub package_size: u64,
    /// Files and folders in it.
    pub entries: usize,
    /// All files together, unpacked.
    pub unpacked_size: u64,
    /// One file, unpacked.
    pub file_size: u64,
    /// How many times larger a file may be than its compressed form, once it is larger than `ratio_from`.
    pub ratio: u64,
    /// Files up to this size may be compressed as well as they like.
    pub ratio_from: u64,
    /// Folders within folders.
    pub depth: usize,
    /// The length of a path.
    pub path_length: usize,
    /// A file that is parsed: manifest, robot.yaml, flow.
    pub document_size: u64,
}

const MIB: u64 = 1 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            package_size: 512 * MIB,
            entries: 20_000,
            unpacked_size: 2048 * MIB,
            file_size: 512 * MIB,
            ratio: 100,
            ratio_from: MIB,
            depth: 16,
            path_length: 240,
            document_size: 4 * MIB,
        }
    }
}

/// A size for people: "512 MiB", "1,234 bytes".
pub(crate) fn readable(bytes: u64) -> String {
    match bytes {
        bytes if bytes >= MIB && bytes.is_multiple_of(MIB) => format!("{} MiB", bytes / MIB),
        bytes if bytes >= 10 * MIB => format!("{} MiB", bytes / MIB),
        bytes => format!("{bytes} bytes"),
    }
}
