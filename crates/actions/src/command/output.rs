//! What a program prints: line by line into the log, its last part kept, all of it bounded.

use std::{cmp::Ordering, collections::VecDeque, sync::Arc};

use baigong_flow::Host;
use baigong_model::LogLevel;
use encoding_rs::Encoding;
use tokio::io::{AsyncRead, AsyncReadExt};

/// A longer line is cut into several.
const LONGEST_LINE: usize = 8 * 1024;
/// A line is held in memory up to this; of a longer one, what comes then is the next line.
const HELD_LINE: usize = 1024 * 1024;
/// After this many lines the log is left alone.
const MOST_LINES: usize = 20_000;
/// So many bytes are kept, from the end.
const KEPT: usize = 1024 * 1024;

/// The lines of one stream.
pub(super) struct Lines {
    encoding: &'static Encoding,
    host: Option<Arc<dyn Host>>,
    level: LogLevel,
    line: Vec<u8>,
    kept: VecDeque<u8>,
    cut: bool,
    logged: usize,
}

impl Lines {
    /// Lines in `encoding` that go to the log of `host`, if there is one.
    pub(super) fn new(encoding: &'static Encoding, host: Option<Arc<dyn Host>>, level: LogLevel) -> Self {
        Self { encoding, host, level, line: Vec::new(), kept: VecDeque::new(), cut: false, logged: 0 }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.kept.extend(bytes);
        let over = self.kept.len().saturating_sub(KEPT);
        self.cut |= over > 0;
        self.kept.drain(..over);
        for byte in bytes {
            if *byte == b'\n' {
                self.end_line();
            } else {
                self.line.push(*byte);
                if self.line.len() >= HELD_LINE {
                    self.end_line();
                }
            }
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let Some(host) = self.host.clone().filter(|_| self.logged <= MOST_LINES) else { return };
        let text = self.encoding.decode_without_bom_handling(&line).0;
        // Whole, before it is cut: half a secret would not be known as one.
        let text = host.hide(text.trim_end_matches('\r'));
        let mut rest = &*text;
        while rest.len() > LONGEST_LINE {
            let (part, more) = rest.split_at(rest.floor_char_boundary(LONGEST_LINE));
            self.log(&*host, part);
            rest = more;
        }
        self.log(&*host, rest);
    }

    /// One line of the log, as long as there are not too many.
    fn log(&mut self, host: &dyn Host, line: &str) {
        self.logged += 1;
        match self.logged.cmp(&(MOST_LINES + 1)) {
            Ordering::Less => host.log(self.level, line),
            Ordering::Equal => host.log(
                LogLevel::Warn,
                &format!("the program printed more than {MOST_LINES} lines; the rest is not logged"),
            ),
            Ordering::Greater => {}
        }
    }

    /// What was kept, as text.
    pub(super) fn finish(mut self) -> String {
        if !self.line.is_empty() {
            self.end_line();
        }
        let bytes = self.kept.make_contiguous();
        // After a cut the first line is not whole.
        let start = if self.cut { bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1) } else { 0 };
        self.encoding.decode_without_bom_handling(&bytes[start..]).0.into_owned()
    }
}

/// Reads `stream` to its end.
pub(super) async fn follow<R: AsyncRead + Unpin>(stream: Option<R>, lines: &mut Lines) {
    let Some(mut stream) = stream else { return };
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read) = stream.read(&mut buffer).await {
        if read == 0 {
            break;
        }
        lines.take(&buffer[..read]);
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{GBK, UTF_8};

    use super::*;
    use crate::support::testing::Desk;

    #[test]
    fn lines_are_decoded_cut_and_bounded() {
        let desk = Desk::new();
        let mut lines = Lines::new(GBK, Some(desk.context.host.clone()), LogLevel::Info);
        lines.take(b"\xd6\xa4");
        lines.take(b"\xc8\xaf\r\nlast");
        assert_eq!(lines.finish(), "证券\r\nlast");
        let found: Vec<String> = desk.memory.lines.lock().unwrap().drain(..).map(|(_, line)| line).collect();
        assert_eq!(found, ["证券", "last"]);

        let mut lines = Lines::new(UTF_8, Some(desk.context.host.clone()), LogLevel::Info);
        lines.take(&b"x".repeat(LONGEST_LINE + 1));
        lines.take(b"\n");
        lines.take(&b"\n".repeat(MOST_LINES + 10));
        assert!(lines.finish().starts_with('x'));
        let found = desk.memory.lines.lock().unwrap();
        assert_eq!(found.len(), MOST_LINES + 1);
        assert!(found.last().unwrap().1.contains("the rest is not logged"));
    }

    #[test]
    fn the_end_of_a_long_output_is_kept() {
        let mut lines = Lines::new(UTF_8, None, LogLevel::Info);
        for number in 0..200_000 {
            lines.take(format!("line {number}\n").as_bytes());
        }
        let text = lines.finish();
        assert!(text.len() <= KEPT && text.starts_with("line 1") && text.ends_with("line 199999\n"));
    }
}
