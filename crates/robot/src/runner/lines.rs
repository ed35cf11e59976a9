//! Bytes of a process's output as lines of text: whatever the encoding, however long, with or without colours.

use std::sync::Arc;

use baigong_flow::Host;
use encoding_rs::GBK;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Cuts a stream of bytes into lines, and hides the run's secrets in them before a long one is cut.
pub(crate) struct Splitter {
    host: Arc<dyn Host>,
    line: Vec<u8>,
    longest: usize,
    /// All bytes of the line, also those that are not kept.
    length: usize,
}

impl Splitter {
    pub(crate) fn new(longest: usize, host: Arc<dyn Host>) -> Self {
        Self { host, line: Vec::new(), longest, length: 0 }
    }

    /// Takes the next bytes; calls `each` with every line that is complete.
    pub(crate) fn push(&mut self, bytes: &[u8], each: &mut impl FnMut(String)) {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.append(&rest[..end]);
            each(self.take());
            rest = &rest[end + 1..];
        }
        self.append(rest);
    }

    /// The stream has ended; what is left is the last line.
    pub(crate) fn finish(&mut self, each: &mut impl FnMut(String)) {
        if self.length > 0 {
            each(self.take());
        }
    }

    fn append(&mut self, bytes: &[u8]) {
        // A secret that the cut would fall into is kept whole, so that it is known as one.
        let room = (self.longest + self.host.longest_secret()).saturating_sub(self.line.len());
        let taken = bytes.len().min(room);
        self.line.extend_from_slice(&bytes[..taken]);
        self.length += bytes.len();
    }

    fn take(&mut self) -> String {
        let mut line = std::mem::take(&mut self.line);
        let length = std::mem::take(&mut self.length);
        let left_out = length.saturating_sub(self.longest);
        if left_out == 0 {
            return self.host.hide(&clean(&line)).into_owned();
        }
        let is_whole = line.len() == length;
        cut_to_characters(&mut line);
        let text = clean(&line);
        let hidden = self.host.hide(&text);
        // Where bytes are missing, the end may be the beginning of a secret.
        let sure = if is_whole { hidden.len() } else { hidden.len().saturating_sub(self.host.longest_secret()) };
        let end = hidden.floor_char_boundary(sure.min(self.longest));
        format!("{} … ({left_out} bytes more)", &hidden[..end])
    }
}

/// A cut may fall into a character: its beginning is dropped too.
fn cut_to_characters(line: &mut Vec<u8>) {
    if let Err(error) = std::str::from_utf8(line)
        && error.error_len().is_none()
    {
        line.truncate(error.valid_up_to());
    }
}

/// The text of a line: UTF-8, else GBK, else what can be read of it; without colours and other control characters. Of a
/// line that writes over itself (progress bars), what is seen at the end.
fn clean(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let seen = line.rsplit(|byte| *byte == b'\r').find(|part| !part.is_empty()).unwrap_or_default();
    let text = match std::str::from_utf8(seen) {
        Ok(text) => text.to_owned(),
        Err(_) => match GBK.decode_without_bom_handling_and_without_replacement(seen) {
            Some(text) => text.into_owned(),
            None => String::from_utf8_lossy(seen).into_owned(),
        },
    };
    without_escapes(&text)
}

fn without_escapes(text: &str) -> String {
    if !text.chars().any(|character| character.is_control() && character != '\t') {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' if characters.peek() == Some(&'[') => {
                characters.next();
                // Parameters, then one final letter.
                while characters.next_if(|c| matches!(c, '\u{20}'..='\u{3f}')).is_some() {}
                characters.next_if(|c| matches!(c, '\u{40}'..='\u{7e}'));
            }
            '\u{1b}' if characters.peek() == Some(&']') => {
                // A title or a link: up to a bell or a backslash.
                for inside in characters.by_ref() {
                    if matches!(inside, '\u{7}' | '\\') {
                        break;
                    }
                }
            }
            '\t' => plain.push('\t'),
            control if control.is_control() => {}
            other => plain.push(other),
        }
    }
    plain
}

/// Reads a stream to its end, line by line.
pub(crate) async fn read(
    mut stream: impl AsyncRead + Unpin,
    longest: usize,
    host: Arc<dyn Host>,
    mut each: impl FnMut(String),
) {
    let mut splitter = Splitter::new(longest, host);
    let mut buffer = vec![0; 32 * 1024];
    // A pipe that cannot be read any more has ended for us.
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        splitter.push(&buffer[..read], &mut each);
        // A child that writes without pause must not keep other tasks of this thread waiting.
        tokio::task::yield_now().await;
    }
    splitter.finish(&mut each);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::{LocalHost, tests::desk::Listener};

    fn lines(longest: usize, pieces: &[&[u8]]) -> Vec<String> {
        lines_of(Arc::new(Listener::default()), longest, pieces)
    }

    fn lines_of(host: Arc<dyn Host>, longest: usize, pieces: &[&[u8]]) -> Vec<String> {
        let mut splitter = Splitter::new(longest, host);
        let mut lines = Vec::new();
        for piece in pieces {
            splitter.push(piece, &mut |line| lines.push(line));
        }
        splitter.finish(&mut |line| lines.push(line));
        lines
    }

    #[test]
    fn pieces_become_lines_wherever_they_are_cut() {
        assert_eq!(lines(100, &[b"a", b"b\r\nc\n", b"\n", "估".as_bytes(), b"\nlast"]), ["ab", "c", "", "估", "last"]);
        assert_eq!(lines(100, &[]), [""; 0]);
        let whole = "第一行\nsecond\n".as_bytes();
        let bytes: Vec<&[u8]> = whole.chunks(1).collect();
        assert_eq!(lines(100, &bytes), ["第一行", "second"]);
    }

    #[test]
    fn long_lines_are_cut_between_characters_and_say_so() {
        assert_eq!(lines(8, &[b"0123456789\nnext"]), ["01234567 … (2 bytes more)", "next"]);
        assert_eq!(lines(4, &["估值表".as_bytes()]), ["估 … (5 bytes more)"]);
        let endless = lines(8, &[&b"x".repeat(1 << 20)]);
        assert_eq!(endless, [format!("xxxxxxxx … ({} bytes more)", (1 << 20) - 8)]);
    }

    #[test]
    fn a_secret_is_hidden_wherever_pieces_end_and_lines_are_cut() {
        let folder = tempfile::tempdir().unwrap();
        let host = LocalHost::new(folder.path(), None, |_, _| {}, |_| {}).unwrap();
        host.masks().add("correct horse 电池");
        let host: Arc<dyn Host> = Arc::new(host);
        let line = "say correct horse 电池 twice: correct horse 电池".as_bytes();
        for pieces in [line.chunks(1).collect::<Vec<_>>(), line.chunks(7).collect(), vec![line]] {
            assert_eq!(lines_of(host.clone(), 100, &pieces), ["say ****** twice: ******"]);
        }
        for longest in 1..80 {
            let text = format!("{}correct horse 电池{}\n", "x".repeat(20), "y".repeat(300));
            let found = lines_of(host.clone(), longest, &[text.as_bytes()]).remove(0);
            let shown = found.split(" … ").next().unwrap();
            assert!(!shown.contains('c') && shown.len() <= longest, "{longest}: {found}");
        }
        let only = lines_of(host.clone(), 3, &["correct horse 电池".repeat(40).as_bytes()]);
        assert!(only[0].contains(" bytes more)") && !only[0].contains('c'), "{only:?}");
    }

    #[test]
    fn other_encodings_and_broken_bytes_are_read() {
        assert_eq!(lines(100, &[b"\xb9\xc0\xd6\xb5\xb1\xed"]), ["估值表"]);
        assert_eq!(lines(100, &[b"ok \xff\xff"]), ["ok \u{fffd}\u{fffd}"]);
    }

    #[test]
    fn colours_progress_bars_and_bells_are_gone() {
        assert_eq!(lines(100, &[b"\x1b[1;31mred\x1b[0m \x07done"]), ["red done"]);
        assert_eq!(lines(100, &[b"10%\r50%\r100%\r\n"]), ["100%"]);
        assert_eq!(lines(100, &[b"\x1b]0;title\x07text\ttab"]), ["text\ttab"]);
    }
}
