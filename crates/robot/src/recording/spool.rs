//! Recordings on the robot's disk until the platform has them: a folder for each, a file for each chunk, all of it sealed.
//! Bounded; what does not fit is lost, and a file says so in its place.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use baigong_protocol::{ChunkNote, RecordingEnd, RecordingHead, RecordingKey, RecordingRef};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::Notify;

use crate::journal::sync_parent;

const HEAD: &str = "head.json";
const END: &str = "end.json";
const LIMIT_REACHED: &str = "the robot had no more space for recordings that the platform did not take";

/// All recordings on this disk.
pub(crate) struct Spool {
    folder: PathBuf,
    limit: u64,
    used: AtomicU64,
    /// There is something new to deliver.
    pub(super) news: Notify,
}

/// A recording that is being made.
pub(super) struct Part {
    spool: Arc<Spool>,
    folder: PathBuf,
    name: RecordingRef,
    key: RecordingKey,
    next: i32,
    size: u64,
}

/// A file of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) number: i32,
    pub(super) started_at: i64,
    pub(super) ended_at: i64,
    pub(super) kind: Kind,
    pub(super) path: PathBuf,
}

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A sealed chunk.
    Chunk,
    /// Says why there is none.
    Lost,
    /// The platform has it.
    Sent,
}

impl Spool {
    /// Opens the folder. What an earlier run of the agent did not end was broken off.
    pub(crate) fn open(folder: &Path, limit: u64) -> io::Result<Arc<Self>> {
        fs::create_dir_all(folder)?;
        let spool = Self { folder: folder.to_owned(), limit, used: AtomicU64::new(0), news: Notify::new() };
        for part in spool.parts()? {
            let Ok(head) = read::<RecordingHead>(&part.join(HEAD)) else {
                // It ended before it had begun: there is nothing of it.
                fs::remove_dir_all(&part)?;
                continue;
            };
            let entries = entries(&part)?;
            if !part.join(END).exists() {
                let last = entries.last();
                let ended_at = last.map_or(head.started_at, |last| last.ended_at);
                let chunks = last.map_or(0, |last| last.number + 1);
                write(&part.join(END), &RecordingEnd { ended_at, chunks, in_order: false })?;
            }
            for entry in entries {
                spool.used.fetch_add(fs::metadata(&entry.path)?.len(), Ordering::Relaxed);
            }
        }
        Ok(Arc::new(spool))
    }

    /// The folders of all recordings, in the order of their names.
    pub(super) fn parts(&self) -> io::Result<Vec<PathBuf>> {
        let mut parts = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                parts.push(entry.path());
            }
        }
        parts.sort();
        Ok(parts)
    }

    /// Begins a recording.
    pub(super) fn begin(self: &Arc<Self>, head: &RecordingHead, key: RecordingKey) -> io::Result<Part> {
        let RecordingRef { task_id, fence, part, .. } = head.recording;
        let folder = self.folder.join(format!("{task_id}-{fence}-{part}"));
        fs::create_dir(&folder)?;
        write(&folder.join(HEAD), head)?;
        sync_parent(&folder)?;
        self.news.notify_one();
        Ok(Part { spool: Arc::clone(self), folder, name: head.recording, key, next: 0, size: 0 })
    }

    /// The platform has a file's content: it is not kept, only that it was there, as long as it is the last.
    pub(super) fn sent(&self, entry: &Entry, former: Option<&Entry>) -> io::Result<()> {
        let length = fs::metadata(&entry.path)?.len();
        File::create(entry.path.with_extension("sent"))?;
        fs::remove_file(&entry.path)?;
        self.used.fetch_sub(length, Ordering::Relaxed);
        former.map_or(Ok(()), |former| fs::remove_file(&former.path))
    }

    /// The platform does not take a chunk.
    pub(super) fn spoilt(&self, entry: &Entry, reason: &str) -> io::Result<()> {
        let length = fs::metadata(&entry.path)?.len();
        fs::write(entry.path.with_extension("lost"), reason)?;
        fs::remove_file(&entry.path)?;
        self.used.fetch_sub(length, Ordering::Relaxed);
        Ok(())
    }

    /// The platform has all of a recording.
    pub(super) fn forget(&self, part: &Path) -> io::Result<()> {
        for entry in entries(part)? {
            self.used.fetch_sub(fs::metadata(&entry.path)?.len(), Ordering::Relaxed);
        }
        fs::remove_dir_all(part)
    }
}

impl Part {
    /// Its folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The bytes of it so far.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Seals and keeps the next chunk. An error says why it is lost.
    pub(super) fn add(&mut self, bytes: &[u8], (started_at, ended_at): (i64, i64)) -> Result<(), String> {
        let number = self.next;
        self.next += 1;
        let sealed = self.key.seal(self.name, number, bytes);
        let length = sealed.len() as u64;
        let path = self.folder.join(format!("{number:07}-{started_at}-{ended_at}.chunk"));
        let used = self.spool.used.fetch_add(length, Ordering::Relaxed) + length;
        // The head is small, and without it nothing else can be played.
        let kept = if used > self.spool.limit && number > 0 {
            Err(LIMIT_REACHED.to_owned())
        } else {
            put(&path, &sealed).map_err(|error| format!("the robot could not keep it: {error}"))
        };
        if let Err(reason) = &kept {
            self.spool.used.fetch_sub(length, Ordering::Relaxed);
            // Where not even this can be written, the number is missing, which says the same.
            let _ = put(&path.with_extension("lost"), reason.as_bytes());
        } else {
            self.size += bytes.len() as u64;
        }
        self.spool.news.notify_one();
        kept
    }

    /// Ends it.
    pub(super) fn end(&self, ended_at: i64, in_order: bool) -> io::Result<()> {
        write(&self.folder.join(END), &RecordingEnd { ended_at, chunks: self.next, in_order })?;
        self.spool.news.notify_one();
        Ok(())
    }
}

/// The head of the recording in this folder.
pub(super) fn head(part: &Path) -> io::Result<RecordingHead> {
    read(&part.join(HEAD))
}

/// Its end, when it has ended.
pub(super) fn end(part: &Path) -> io::Result<Option<RecordingEnd>> {
    match read(&part.join(END)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        end => end.map(Some),
    }
}

/// The files of the recording in this folder, by number.
pub(super) fn entries(part: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for file in fs::read_dir(part)? {
        entries.extend(entry(file?.path()));
    }
    entries.sort_by_key(|entry: &Entry| entry.number);
    Ok(entries)
}

fn entry(path: PathBuf) -> Option<Entry> {
    let kind = match path.extension()?.to_str()? {
        "chunk" => Kind::Chunk,
        "lost" => Kind::Lost,
        "sent" => Kind::Sent,
        _ => return None,
    };
    let mut numbers = path.file_stem()?.to_str()?.split('-');
    let number = numbers.next()?.parse().ok()?;
    let (started_at, ended_at) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    Some(Entry { number, started_at, ended_at, kind, path })
}

impl Entry {
    /// What is said of it beside its bytes.
    pub(super) fn note(&self, lost: Option<String>) -> ChunkNote {
        ChunkNote { started_at: self.started_at, ended_at: self.ended_at, lost }
    }
}

/// Writes a file that is there whole or not at all, also after a power cut.
fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_data());
    if let Err(error) = written.and_then(|()| fs::rename(&new, path)) {
        // What is left of it must not take space for ever.
        let _ = fs::remove_file(&new);
        return Err(error);
    }
    sync_parent(path)
}

fn write(path: &Path, value: &impl Serialize) -> io::Result<()> {
    put(path, &serde_json::to_vec(value)?)
}

fn read<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

#[cfg(test)]
mod tests {
    use baigong_model::SeededRandom;

    use super::*;

    const NAME: RecordingRef = RecordingRef { robot_id: 1, task_id: 7, fence: 3, part: 1 };

    fn head_of(name: RecordingRef) -> RecordingHead {
        RecordingHead { recording: name, ticket: "t".into(), started_at: 100, sealed_key: "k".into() }
    }

    fn key() -> RecordingKey {
        RecordingKey::generate(&SeededRandom::new(1))
    }

    fn kinds(part: &Path) -> Vec<(i32, Kind)> {
        entries(part).unwrap().into_iter().map(|entry| (entry.number, entry.kind)).collect()
    }

    #[test]
    fn nothing_lies_there_in_plain_and_what_an_agent_left_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path(), 10_000).unwrap();
        let mut part = spool.begin(&head_of(NAME), key()).unwrap();
        part.add(b"a head", (100, 100)).unwrap();
        part.add(b"a picture of a screen", (100, 140)).unwrap();
        let at = part.folder().to_owned();
        drop((part, spool));
        for entry in entries(&at).unwrap() {
            let bytes = fs::read(&entry.path).unwrap();
            assert!(!bytes.windows(4).any(|part| part == b"pict" || part == b"head"), "{entry:?}");
        }
        assert_eq!(end(&at).unwrap(), None);
        let again = Spool::open(folder.path(), 10_000).unwrap();
        assert_eq!(end(&at).unwrap(), Some(RecordingEnd { ended_at: 140, chunks: 2, in_order: false }));
        assert_eq!(again.used.load(Ordering::Relaxed), 6 + 21 + 32);
        let found = entries(&at).unwrap();
        let opened = key().open(NAME, 1, &fs::read(&found[1].path).unwrap());
        assert_eq!(opened.as_deref(), Some(&b"a picture of a screen"[..]));
    }

    #[test]
    fn what_was_sent_takes_no_space_and_its_number_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path(), 10_000).unwrap();
        let mut part = spool.begin(&head_of(NAME), key()).unwrap();
        for number in 0..3 {
            part.add(b"bytes", (100 + number, 101 + number)).unwrap();
        }
        let at = part.folder().to_owned();
        let there = entries(&at).unwrap();
        spool.sent(&there[0], None).unwrap();
        let former = entries(&at).unwrap().remove(0);
        spool.sent(&there[1], Some(&former)).unwrap();
        spool.spoilt(&there[2], "changed").unwrap();
        assert_eq!(kinds(&at), [(1, Kind::Sent), (2, Kind::Lost)]);
        assert_eq!(spool.used.load(Ordering::Relaxed), 0);
        drop((part, spool));
        let again = Spool::open(folder.path(), 10_000).unwrap();
        assert_eq!(end(&at).unwrap().map(|end| end.chunks), Some(3));
        again.forget(&at).unwrap();
        assert!(again.parts().unwrap().is_empty());
    }

    #[test]
    fn what_does_not_fit_leaves_a_word_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path(), 100).unwrap();
        let mut part = spool.begin(&head_of(NAME), key()).unwrap();
        part.add(&[1; 200], (100, 100)).expect("the head is kept whatever it takes");
        assert_eq!(part.add(&[1; 10], (100, 140)), Err(LIMIT_REACHED.to_owned()));
        part.end(140, true).unwrap();
        assert_eq!(kinds(part.folder()), [(0, Kind::Chunk), (1, Kind::Lost)]);
        assert_eq!(end(part.folder()).unwrap().map(|end| end.chunks), Some(2));
    }

    #[test]
    fn a_disk_that_takes_nothing_loses_the_chunk_and_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path(), 10_000).unwrap();
        let mut part = spool.begin(&head_of(NAME), key()).unwrap();
        part.add(b"head", (100, 100)).unwrap();
        fs::remove_dir_all(part.folder()).unwrap();
        let refused = part.add(b"bytes", (100, 140)).unwrap_err();
        assert!(refused.contains("could not keep it"), "{refused}");
        assert_eq!(spool.used.load(Ordering::Relaxed), 20, "what was not kept takes no space");
    }
}
