//! The journal's file: append and fsync, cut off what a failed write left, rewrite it when it has grown.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::{Entry, Ledger, record};

/// A journal larger than this, and than twice what it holds, is rewritten.
const REWRITE_FROM: u64 = 4 * 1024 * 1024;

/// The open file.
pub(super) struct JournalFile {
    path: PathBuf,
    file: File,
    length: u64,
    rewritten_length: u64,
    /// The last write failed half-way: the file is rewritten before anything is appended.
    broken: bool,
}

impl JournalFile {
    /// Opens the journal, or makes an empty one. A torn end is cut off; the second value is how many bytes that were.
    pub(super) fn open(path: &Path) -> io::Result<(Self, Ledger, usize)> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let (ledger, torn) = replay(&bytes).map_err(named)?;
        let mut journal = Self { path: path.to_owned(), file, length: 0, rewritten_length: 0, broken: true };
        journal.rewrite(&ledger)?;
        Ok((journal, ledger, torn))
    }

    /// Puts the entries on disk: when this returns `Ok`, they survive a power cut; when not, none of them counts.
    /// Not while it [`needs_rewriting`](Self::needs_rewriting).
    pub(super) fn append(&mut self, entries: &[Entry]) -> io::Result<()> {
        let bytes = encode(entries.iter().cloned())?;
        self.broken = true;
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Best effort: what cannot be cut off now is left behind by the rewrite that must come first.
            let _ = self.file.set_len(self.length).and_then(|()| self.file.seek(SeekFrom::Start(self.length)));
            return Err(error);
        }
        self.broken = false;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Whether a rewrite must come before the next entry: the last write failed, or the file has grown.
    pub(super) fn needs_rewriting(&self) -> bool {
        self.broken || self.length > REWRITE_FROM.max(2 * self.rewritten_length)
    }

    /// Replaces the file by the shortest one that says the same.
    pub(super) fn rewrite(&mut self, ledger: &Ledger) -> io::Result<()> {
        let new = self.path.with_extension("new");
        let mut bytes = record::HEAD.to_vec();
        bytes.extend(encode(ledger.entries())?);
        let mut file = File::create(&new)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        std::fs::rename(&new, &self.path)?;
        sync_parent(&self.path)?;
        self.file = file;
        self.length = bytes.len() as u64;
        self.rewritten_length = self.length;
        self.broken = false;
        Ok(())
    }
}

/// What the bytes of a journal add up to, and how many bytes at its end were not written whole.
pub(super) fn replay(bytes: &[u8]) -> io::Result<(Ledger, usize)> {
    if bytes.len() >= record::HEAD.len() && !bytes.starts_with(record::HEAD) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not a journal of this version"));
    }
    let (payloads, good) = record::read(bytes);
    let mut ledger = Ledger::default();
    for payload in payloads {
        ledger.apply(&serde_json::from_slice(payload)?);
    }
    Ok((ledger, if good == 0 { 0 } else { bytes.len() - good }))
}

fn encode(entries: impl Iterator<Item = Entry>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for entry in entries {
        record::append(&mut bytes, &serde_json::to_vec(&entry)?);
    }
    Ok(bytes)
}

/// Makes a rename or a new file in the folder of `path` survive a power cut.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(parent)?.sync_all() } else { Ok(()) }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use baigong_protocol::TaskRef;

    use super::*;

    #[test]
    fn a_full_disk_is_an_error_and_leaves_a_sound_journal_when_there_is_room_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let ended = |task_id| Entry::Ended { task: TaskRef { task_id, fence: 1 } };
        let (mut journal, mut ledger, _) = JournalFile::open(&path).unwrap();
        journal.append(&[ended(1)]).unwrap();
        ledger.apply(&ended(1));

        journal.file = OpenOptions::new().write(true).open("/dev/full").unwrap();
        assert_eq!(journal.append(&[ended(2)]).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert!(journal.needs_rewriting(), "nothing may be appended to what a failed write left");
        journal.rewrite(&ledger).unwrap();
        journal.append(&[ended(3)]).unwrap();

        ledger.apply(&ended(3));
        assert_eq!(JournalFile::open(&path).unwrap().1, ledger);
    }
}
