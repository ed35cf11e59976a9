//! Bytes of a process's output as lines of text: whatever the encoding, however long, with or without colours.

use encoding_rs::GBK;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Cuts a stream of bytes into lines.
#[derive(Debug)]
pub(crate) struct Splitter {
    line: Vec<u8>,
    longest: usize,
    left_out: usize,
}

impl Splitter {
    pub(crate) fn new(longest: usize) -> Self {
        Self { line: Vec::new(), longest, left_out: 0 }
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
        if !self.line.is_empty() || self.left_out > 0 {
            each(self.take());
        }
    }

    fn append(&mut self, bytes: &[u8]) {
        let room = self.longest.saturating_sub(self.line.len());
        let taken = bytes.len().min(room);
        self.line.extend_from_slice(&bytes[..taken]);
        self.left_out += bytes.len() - taken;
    }

    fn take(&mut self) -> String {
        let mut line = std::mem::take(&mut self.line);
        let left_out = std::mem::take(&mut self.left_out);
        if left_out > 0 {
            cut_to_characters(&mut line);
            return format!("{} … ({left_out} bytes more)", clean(&line));
        }
        clean(&line)
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
pub(crate) async fn read(mut stream: impl AsyncRead + Unpin, longest: usize, mut each: impl FnMut(String)) {
    let mut splitter = Splitter::new(longest);
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

    fn lines(longest: usize, pieces: &[&[u8]]) -> Vec<String> {
        let mut splitter = Splitter::new(longest);
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
