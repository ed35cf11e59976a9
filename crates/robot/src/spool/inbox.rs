//! Log lines that are not on disk yet. Bounded: what does not fit is counted and leaves an explicit gap.

use std::collections::VecDeque;

use baigong_model::LogLevel;
use baigong_protocol::{
    LogLine,
    limits::{MAX_LOG_BATCH_BYTES, MAX_LOG_LINE_BYTES, MAX_LOG_LINES},
};

/// The most bytes of lines kept in memory for one task.
const MEMORY: usize = 4 * 1024 * 1024;
/// The most bytes of lines of one task altogether: programs are held to less, and this holds whatever else a run may be.
const MOST: usize = 128 * 1024 * 1024;
/// So much more for warnings and errors, which say how it ended.
const MOST_OF_TROUBLE: usize = 4 * 1024 * 1024;
const STORE_FULL: &str = "the robot's log store was full";
const LOG_FULL: &str = "a task may say 128 MiB";
/// What a line takes in a frame beside its text, generously.
const LINE_OVERHEAD: usize = 64;

/// The lines.
#[derive(Default)]
pub(super) struct Inbox {
    items: VecDeque<Item>,
    bytes: usize,
    /// Of all lines that were ever taken in.
    all: usize,
    pub(super) closed: bool,
    /// Whether somebody waits for what is in here: no time is given to further lines.
    pub(super) is_awaited: bool,
    /// Whether lines that were taken out are on their way to the disk.
    pub(super) is_storing: bool,
}

enum Item {
    Line(LogLine, usize),
    Gap { at: i64, lines: u64, why: &'static str },
}

/// The lines of one batch, and where to put them back when they cannot be stored.
pub(super) struct Taken {
    /// The lines, in order, gaps written out.
    pub(super) lines: Vec<LogLine>,
    /// How many of the robot's own lines were lost if this batch is.
    pub(super) stands_for: u64,
    /// Whether it only says that lines are missing.
    pub(super) only_gaps: bool,
}

impl Inbox {
    /// Adds a line, cut to the longest allowed.
    pub(super) fn push(&mut self, at: i64, level: LogLevel, message: &str) {
        let line = LogLine { at, level, message: cut(message, MAX_LOG_LINE_BYTES) };
        let size = written_size(&line.message) + LINE_OVERHEAD;
        if self.bytes + size > MEMORY {
            return self.lose(at, 1, STORE_FULL);
        }
        let most = if level >= LogLevel::Warn { MOST + MOST_OF_TROUBLE } else { MOST };
        if self.all + size > most {
            return self.lose(at, 1, LOG_FULL);
        }
        self.all += size;
        self.bytes += size;
        self.items.push_back(Item::Line(line, size));
    }

    /// Notes that lines were lost after all that is in here.
    fn lose(&mut self, at: i64, lost: u64, why: &'static str) {
        match self.items.back_mut() {
            Some(Item::Gap { lines, .. }) => *lines += lost,
            _ => self.items.push_back(Item::Gap { at, lines: lost, why }),
        }
    }

    /// Notes that lines were lost before all that is in here.
    pub(super) fn lost_first(&mut self, at: i64, lost: u64) {
        match self.items.front_mut() {
            Some(Item::Gap { lines, .. }) => *lines += lost,
            _ => self.items.push_front(Item::Gap { at, lines: lost, why: STORE_FULL }),
        }
    }

    /// Whether there is nothing to store.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether a line waits: a gap alone is no reason to write.
    pub(super) fn has_lines(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Line(..)))
    }

    /// Whether lines are not on disk yet; what cannot be written becomes a gap, for which nobody needs to wait.
    pub(super) fn is_under_way(&self) -> bool {
        self.is_storing || self.has_lines()
    }

    /// Whether a batch is full.
    pub(super) fn is_full(&self) -> bool {
        self.items.len() >= MAX_LOG_LINES || self.bytes >= MAX_LOG_BATCH_BYTES / 2
    }

    /// Takes the lines of the next batch out.
    pub(super) fn take(&mut self) -> Taken {
        let mut taken = Taken { lines: Vec::new(), stands_for: 0, only_gaps: true };
        let mut bytes = 2 * LINE_OVERHEAD;
        while taken.lines.len() < MAX_LOG_LINES {
            let next = match self.items.front() {
                Some(Item::Line(_, size)) if bytes + size <= MAX_LOG_BATCH_BYTES => *size,
                Some(Item::Gap { .. }) => 4 * LINE_OVERHEAD,
                _ => break,
            };
            bytes += next;
            match self.items.pop_front() {
                Some(Item::Line(line, size)) => {
                    self.bytes -= size;
                    taken.stands_for += 1;
                    taken.only_gaps = false;
                    taken.lines.push(line);
                }
                Some(Item::Gap { at, lines, why }) => {
                    taken.stands_for += lines;
                    taken.lines.push(gap(at, lines, why));
                }
                None => break,
            }
        }
        taken
    }
}

fn gap(at: i64, lines: u64, why: &str) -> LogLine {
    let message = format!("{lines} log lines are missing here: {why}");
    LogLine { at, level: LogLevel::Warn, message }
}

/// At most `limit` bytes of `text`, saying so when it was longer.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let note = format!("… ({} bytes, cut here)", text.len());
    let end = text.floor_char_boundary(limit.saturating_sub(note.len()));
    format!("{}{note}", &text[..end])
}

/// The bytes of `text` as JSON: control characters and quotes take more than in memory.
fn written_size(text: &str) -> usize {
    text.bytes()
        .map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
            0..=0x1f => 6,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(taken: &Taken) -> Vec<&str> {
        taken.lines.iter().map(|line| line.message.as_str()).collect()
    }

    #[test]
    fn lines_come_out_in_batches_within_the_limits() {
        let mut inbox = Inbox::default();
        for number in 0..1200 {
            inbox.push(number, LogLevel::Info, &number.to_string());
        }
        assert_eq!([inbox.take(), inbox.take(), inbox.take()].map(|taken| taken.lines.len()), [500, 500, 200]);
        assert!(inbox.is_empty());

        for _ in 0..40 {
            inbox.push(0, LogLevel::Info, &"\u{1}\"".repeat(MAX_LOG_LINE_BYTES));
        }
        while !inbox.is_empty() {
            let lines = inbox.take().lines;
            assert!(!lines.is_empty(), "a line that fits no batch would be kept for ever");
            assert!(serde_json::to_string(&lines).unwrap().len() <= MAX_LOG_BATCH_BYTES);
        }
    }

    #[test]
    fn what_does_not_fit_leaves_a_gap_with_its_count() {
        let mut inbox = Inbox::default();
        let long = "x".repeat(MAX_LOG_LINE_BYTES);
        let fit = MEMORY / (MAX_LOG_LINE_BYTES + LINE_OVERHEAD);
        for _ in 0..fit + 7 {
            inbox.push(1, LogLevel::Info, &long);
        }
        let (mut lines, mut last) = (0, String::new());
        while !inbox.is_empty() {
            let taken = inbox.take();
            lines += taken.lines.len();
            last = taken.lines.last().unwrap().message.clone();
        }
        assert_eq!(lines, fit + 1);
        assert_eq!(last, "7 log lines are missing here: the robot's log store was full");
    }

    #[test]
    fn a_task_says_no_more_than_it_may_but_its_trouble_is_heard() {
        let (mut inbox, mut kept) = (Inbox::default(), Vec::new());
        let long = "x".repeat(MAX_LOG_LINE_BYTES);
        let fit = MOST / (MAX_LOG_LINE_BYTES + LINE_OVERHEAD);
        for _ in 0..fit + 9 {
            inbox.push(1, LogLevel::Info, &long);
            kept.extend(inbox.take().lines.into_iter().map(|line| line.message));
        }
        inbox.push(1, LogLevel::Error, "how it ended");
        kept.extend(inbox.take().lines.into_iter().map(|line| line.message));
        let short = kept.iter().filter(|line| line.len() < 100).collect::<Vec<_>>();
        assert!(kept.len() - short.len() == fit, "{} long lines of {fit}", kept.len() - short.len());
        assert_eq!(short.last().map(|line| line.as_str()), Some("how it ended"));
        assert!(short[0].ends_with("log lines are missing here: a task may say 128 MiB"), "{short:?}");
    }

    #[test]
    fn a_batch_that_was_lost_is_counted_in_front() {
        let mut inbox = Inbox::default();
        inbox.push(1, LogLevel::Info, "a");
        inbox.push(1, LogLevel::Info, "b");
        let lost = inbox.take();
        inbox.push(2, LogLevel::Info, "c");
        inbox.lost_first(1, lost.stands_for);
        let again = inbox.take();
        assert_eq!(texts(&again), ["2 log lines are missing here: the robot's log store was full", "c"]);
        inbox.lost_first(1, again.stands_for);
        assert!(!inbox.has_lines() && !inbox.is_empty());
        assert_eq!(inbox.take().stands_for, 3, "a gap that was lost still stands for its lines");
    }

    #[test]
    fn long_lines_are_cut_between_characters() {
        let line = cut(&"停".repeat(10_000), MAX_LOG_LINE_BYTES);
        assert!(line.len() <= MAX_LOG_LINE_BYTES && line.ends_with("(30000 bytes, cut here)"), "{}", line.len());
        assert_eq!(cut("short", 5), "short");
    }
}
