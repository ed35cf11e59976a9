//! The secrets of a run in the text of its results: reports and logs of tools show what a program was given. What is no text
//! stays as it is.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, BufWriter, Read, Write},
    path::Path,
    sync::Arc,
};

use baigong_flow::Host;
use baigong_model::LogLevel;

use super::artifacts::list_artifacts;

/// So much is looked at in one go.
const BLOCK: usize = 1024 * 1024;
/// Endings of files that hold data: only what cannot stand there by chance is hidden in them.
const DATA: [&str; 8] = ["csv", "tsv", "json", "jsonl", "ndjson", "yaml", "yml", "sql"];

/// Hides the run's secrets in every text below `folder`.
pub(super) async fn hide_secrets(folder: &Path, host: &Arc<dyn Host>) {
    if host.longest_secret() == 0 {
        return;
    }
    let (folder, host) = (folder.to_owned(), Arc::clone(host));
    let work = tokio::task::spawn_blocking(move || {
        for artifact in list_artifacts(&folder)? {
            let hidden = hide_in_file(&folder.join(&artifact.name), host.as_ref());
            match hidden {
                Ok(false) => {}
                Ok(true) => {
                    let message = format!("the artifact \"{}\" held a secret, which is left out of it", artifact.name);
                    host.log(LogLevel::Warn, &message);
                }
                Err(error) => {
                    let name = artifact.name;
                    let message = format!("the artifact \"{name}\" cannot be searched for secrets: {error}");
                    host.log(LogLevel::Warn, &message);
                }
            }
        }
        Ok::<_, io::Error>(())
    });
    match work.await.map_err(io::Error::other) {
        Ok(Ok(())) => {}
        Ok(Err(error)) | Err(error) => tracing::warn!(%error, "results cannot be searched for secrets"),
    }
}

/// Whether there was a secret in it.
fn hide_in_file(path: &Path, host: &dyn Host) -> io::Result<bool> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let is_data = DATA.contains(&ending.as_str());
    let mut hidden = path.as_os_str().to_owned();
    hidden.push(".without-secrets");
    let written = write_hidden(
        path,
        Path::new(&hidden),
        |text| match is_data {
            true => host.hide_in_data(text),
            false => host.hide(text),
        },
        host.longest_secret(),
    );
    match written {
        Ok(true) => std::fs::rename(&hidden, path).map(|()| true),
        other => {
            drop(std::fs::remove_file(&hidden));
            other
        }
    }
}

/// Writes what `from` holds without secrets; whether that is something else. No text has nothing to hide.
fn write_hidden<'h>(
    from: &Path,
    to: &Path,
    hide: impl Fn(&str) -> Cow<'_, str> + 'h,
    longest: usize,
) -> io::Result<bool> {
    let (mut from, mut to) = (File::open(from)?, BufWriter::new(File::create(to)?));
    let (mut block, mut bytes, mut text) = (vec![0; BLOCK], Vec::new(), String::new());
    let mut is_changed = false;
    loop {
        let count = from.read(&mut block)?;
        bytes.extend_from_slice(&block[..count]);
        let whole = match std::str::from_utf8(&bytes) {
            Ok(whole) => whole,
            // A letter may go on in the next block.
            Err(error) if error.error_len().is_none() && count > 0 => {
                std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
            }
            Err(_) => return Ok(false),
        };
        if whole.contains('\0') {
            return Ok(false);
        }
        text.push_str(whole);
        bytes.drain(..whole.len());
        if let Cow::Owned(other) = hide(&text) {
            is_changed |= other != text;
            text = other;
        }
        // A secret may begin at the end of this block.
        let end = if count == 0 { text.len() } else { text.floor_char_boundary(text.len().saturating_sub(longest)) };
        to.write_all(&text.as_bytes()[..end])?;
        text.drain(..end);
        if count == 0 {
            to.flush()?;
            return Ok(is_changed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "correct horse";

    fn hide(text: &str) -> Cow<'_, str> {
        if text.contains(SECRET) { Cow::Owned(text.replace(SECRET, "******")) } else { Cow::Borrowed(text) }
    }

    fn hidden(content: &[u8]) -> Option<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        std::fs::write(&from, content).unwrap();
        write_hidden(&from, &to, hide, SECRET.len()).unwrap().then(|| std::fs::read(&to).unwrap())
    }

    #[test]
    fn secrets_are_hidden_in_text_wherever_a_block_ends() {
        assert_eq!(hidden(b"a correct horse b").unwrap(), b"a ****** b");
        assert_eq!(hidden(b"nothing to hide"), None);
        assert_eq!(hidden(b"\xff\xfe correct horse"), None, "it is no text");
        assert_eq!(hidden(b"a\0correct horse"), None);
        for before in BLOCK - 20..BLOCK + 3 {
            let text = format!("{}\u{4f30}{SECRET}, end", "x".repeat(before));
            let expected = text.replace(SECRET, "******");
            assert!(hidden(text.as_bytes()).as_deref() == Some(expected.as_bytes()), "{before}");
        }
    }
}
