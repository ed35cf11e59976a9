//! What a run leaves behind, without the secrets that it has fetched: the texts among its artifacts are gone through before
//! anybody gets them. Knows nothing of programs and of the platform.

use std::{
    borrow::Cow,
    fs::{self, File},
    io::{self, BufRead, BufReader, BufWriter, Read, Write},
    path::Path,
};

use encoding_rs::{Encoding, GBK, UTF_16BE, UTF_16LE};

use baigong_model::LogLevel;

use super::Holder;
use crate::{masks::Masks, runner::list_artifacts};

/// The file beside the artifacts that says that the run had secrets: an agent that was ended does not know them any more.
const MARK: &str = "has-secrets";

/// Whole lines of at least so many bytes are looked at together.
const BLOCK: usize = 1 << 20;
/// No line is looked at that is longer.
const LONGEST: u64 = 32 << 20;
/// What tells texts from everything else: there, nothing is 0.
const HEAD: usize = 8 * 1024;

/// What became of an artifact.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It held a secret, which is left out of it.
    Hidden(String),
    /// It cannot be gone through, and is deleted.
    Deleted(String, String),
}

/// Leaves the secrets out of the texts in `folder`, beside which there is room for a file.
pub(super) fn hide(masks: &Masks, folder: &Path) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    for name in list_artifacts(folder)?.into_iter().map(|artifact| artifact.name) {
        let file = folder.join(&name);
        match hide_in(masks, &file, &folder.with_extension("hiding")) {
            Ok(false) => {}
            Ok(true) => found.push(Found::Hidden(name)),
            Err(error) => {
                fs::remove_file(&file)?;
                found.push(Found::Deleted(name, error.to_string()));
            }
        }
    }
    Ok(found)
}

/// Deletes the texts in `folder`: of a run whose secrets nobody knows any more.
pub(super) fn delete_texts(folder: &Path) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    for name in list_artifacts(folder)?.into_iter().map(|artifact| artifact.name) {
        let file = folder.join(&name);
        if Kind::of(&file)? != Kind::Other {
            fs::remove_file(&file)?;
            found.push(Found::Deleted(name, "the robot was ended before secrets could be looked for in it".to_owned()));
        }
    }
    Ok(found)
}

impl Holder {
    /// From the first secret that the run fetches a file says so.
    pub(super) fn mark_secrets(&self) {
        let mark = self.work_folder().join(MARK);
        self.log.masks().before_the_first(move || {
            if let Err(error) = File::create(&mark) {
                tracing::warn!(%error, "it cannot be noted that a run has secrets");
            }
        });
    }

    /// The run has ended: its artifacts are without its secrets when this returns.
    pub(super) async fn hide_secrets(&self) {
        if self.log.masks().is_empty() {
            return;
        }
        let log = std::sync::Arc::clone(&self.log);
        self.go_through(move |folder| hide(log.masks(), folder)).await;
    }

    /// The same for a run that an earlier run of the agent began.
    pub(super) async fn delete_unhidden(&self) {
        if self.work_folder().join(MARK).exists() {
            self.go_through(delete_texts).await;
        }
    }

    async fn go_through(&self, how: impl FnOnce(&Path) -> io::Result<Vec<Found>> + Send + 'static) {
        let folder = self.work_folder().join("artifacts");
        let whole = folder.clone();
        let gone = tokio::task::spawn_blocking(move || how(&folder)).await.map_err(io::Error::other);
        let words = match gone.and_then(|found| found) {
            Ok(found) => found.iter().map(Found::words).collect(),
            Err(error) => {
                // Nothing is better than a secret: what cannot be gone through is not delivered.
                let deleted = fs::remove_dir_all(whole);
                tracing::error!(%error, ?deleted, task = self.task.task_id, "artifacts cannot be gone through");
                vec![format!("the artifacts are not kept: secrets cannot be looked for in them: {error}")]
            }
        };
        words.iter().for_each(|words| self.log.write(LogLevel::Warn, words));
    }
}

impl Found {
    fn words(&self) -> String {
        match self {
            Self::Hidden(name) => format!("the artifact \"{name}\" held a secret, which is left out of it"),
            Self::Deleted(name, why) => format!("the artifact \"{name}\" is not kept: {why}"),
        }
    }
}

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A text line by line, whatever its encoding: that of a line feed is the same in all of these.
    Lines,
    /// A text that says of itself that each of its letters takes two bytes.
    Wide(&'static Encoding),
    /// No text.
    Other,
}

impl Kind {
    fn of(file: &Path) -> io::Result<Self> {
        let mut head = Vec::new();
        File::open(file)?.take(HEAD as u64).read_to_end(&mut head)?;
        Ok(match Encoding::for_bom(&head) {
            Some((encoding, _)) if encoding == UTF_16LE || encoding == UTF_16BE => Self::Wide(encoding),
            _ if head.contains(&0) => Self::Other,
            _ => Self::Lines,
        })
    }
}

/// Whether the file held a secret; then it is another now, that was written as `new`.
fn hide_in(masks: &Masks, file: &Path, new: &Path) -> io::Result<bool> {
    let is_changed = match Kind::of(file)? {
        Kind::Other => false,
        Kind::Lines => lines(masks, file, new)?,
        Kind::Wide(encoding) => wide(masks, encoding, file, new)?,
    };
    if is_changed {
        fs::rename(new, file)?;
    } else if new.exists() {
        fs::remove_file(new)?;
    }
    Ok(is_changed)
}

fn lines(masks: &Masks, file: &Path, new: &Path) -> io::Result<bool> {
    let (mut reader, mut writer) = (BufReader::new(File::open(file)?), BufWriter::new(File::create(new)?));
    let (mut is_changed, mut block) = (false, Vec::new());
    loop {
        block.clear();
        while block.len() < BLOCK {
            let read = (&mut reader).take(LONGEST).read_until(b'\n', &mut block)?;
            if read as u64 == LONGEST && !block.ends_with(b"\n") {
                return Err(io::Error::other(
                    "it has a line in which secrets cannot be looked for, of more than 32 MiB",
                ));
            }
            if read == 0 {
                break;
            }
        }
        if block.is_empty() {
            writer.flush()?;
            return Ok(is_changed);
        }
        let hidden = hidden(masks, &block);
        is_changed |= matches!(hidden, Cow::Owned(_));
        writer.write_all(&hidden)?;
    }
}

/// A text, and how it is written again.
type Written<'t> = (Cow<'t, str>, fn(&str) -> Vec<u8>);

/// The same bytes where there is no secret in them.
fn hidden<'b>(masks: &Masks, bytes: &'b [u8]) -> Cow<'b, [u8]> {
    let (text, back): Written<'_> = match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), |text| text.as_bytes().to_vec()),
        Err(_) => match GBK.decode_without_bom_handling_and_without_replacement(bytes) {
            Some(text) => (text, |text| GBK.encode(text).0.into_owned()),
            // Of any other encoding a letter for each byte, so that at least what is plain ASCII is found.
            None => {
                (bytes.iter().map(|byte| char::from(*byte)).collect(), |text| text.chars().map(|it| it as u8).collect())
            }
        },
    };
    match masks.hide_in_file(&text) {
        Cow::Borrowed(_) => Cow::Borrowed(bytes),
        Cow::Owned(hidden) => Cow::Owned(back(&hidden)),
    }
}

fn wide(masks: &Masks, encoding: &'static Encoding, file: &Path, new: &Path) -> io::Result<bool> {
    if fs::metadata(file)?.len() > LONGEST {
        return Err(io::Error::other("secrets cannot be looked for in it: it is UTF-16 of more than 32 MiB"));
    }
    let bytes = fs::read(file)?;
    let (text, _) = encoding.decode_without_bom_handling(&bytes);
    let Cow::Owned(hidden) = masks.hide_in_file(&text) else { return Ok(false) };
    let is_little = encoding == UTF_16LE;
    let bytes = hidden.encode_utf16().flat_map(|unit| if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() });
    fs::write(new, bytes.collect::<Vec<u8>>())?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "Zq7!密码 #91";

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn secrets_are_left_out_of_texts_of_any_encoding_and_nothing_else_is_touched() {
        let (work, masks) = (tempfile::tempdir().unwrap(), Masks::default());
        let folder = work.path().join("artifacts");
        fs::create_dir_all(folder.join("deep")).unwrap();
        masks.add(SECRET);
        masks.add("4711");
        let long = "x".repeat(BLOCK + 7);
        let json = serde_json::json!({ "p": SECRET }).to_string();
        let files: [(&str, Vec<u8>, Vec<u8>); 8] = [
            ("a.txt", format!("it is {SECRET}.\n").into(), "it is ******.\n".into()),
            ("b.json", json.into(), "{\"p\":\"******\"}".into()),
            ("c.csv", GBK.encode(&format!("密码,{SECRET}\n")).0.into(), GBK.encode("密码,******\n").0.into()),
            ("d.txt", utf16(&format!("\u{feff}it is {SECRET}")), utf16("\u{feff}it is ******")),
            ("deep/e.log", format!("{long}\n{SECRET}\n{long}").into(), format!("{long}\n******\n{long}").into()),
            ("f.csv", b"14711.00,4711,Zq7!\n".to_vec(), b"14711.00,******,Zq7!\n".to_vec()),
            ("g.bin", [b"\0", SECRET.as_bytes()].concat(), [b"\0", SECRET.as_bytes()].concat()),
            ("h.txt", b"\xff\xfe\xff plain".to_vec(), b"\xff\xfe\xff plain".to_vec()),
        ];
        for (name, before, _) in &files {
            fs::write(folder.join(name), before).unwrap();
        }
        let found = hide(&masks, &folder).unwrap();
        for (name, _, after) in &files {
            let is = fs::read(folder.join(name)).unwrap();
            assert!(is == *after, "{name}: {}", String::from_utf8_lossy(&is[..is.len().min(200)]));
        }
        let hidden = ["a.txt", "b.json", "c.csv", "d.txt", "deep/e.log", "f.csv"];
        assert_eq!(found, hidden.map(|name| Found::Hidden(name.to_owned())));
        assert_eq!(fs::read_dir(work.path()).unwrap().count(), 1, "nothing else lies there");
        let deleted = delete_texts(&folder).unwrap();
        assert_eq!(deleted.len(), 7, "{deleted:?}");
        assert!(folder.join("g.bin").exists());
    }

    #[test]
    fn what_cannot_be_gone_through_is_not_kept() {
        let (work, masks) = (tempfile::tempdir().unwrap(), Masks::default());
        let folder = work.path().join("artifacts");
        fs::create_dir(&folder).unwrap();
        masks.add(SECRET);
        fs::write(folder.join("a.txt"), vec![b'x'; LONGEST as usize + 1]).unwrap();
        let [Found::Deleted(name, why)] = &hide(&masks, &folder).unwrap()[..] else { panic!("it is deleted") };
        assert!(name == "a.txt" && why.contains("32 MiB"), "{why}");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    }
}
