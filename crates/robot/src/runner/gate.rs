//! Keeps a talkative process from filling the log: so many lines and bytes a second, so many in all. What is left out is
//! counted in a line of its own, and the last lines are kept, since they usually say why it ended.

use std::{collections::VecDeque, sync::Arc};

use baigong_flow::Host;
use baigong_model::{Clock, LogLevel};

use super::RunLimits;

/// So many of the lines left out are told after all when there is room again.
const LAST: usize = 50;

const MIB: u64 = 1 << 20;

/// Lets lines through to the log.
pub(crate) struct Gate {
    host: Arc<dyn Host>,
    clock: Arc<dyn Clock>,
    in_a_second: Amount,
    in_all: Amount,
    second: i64,
    told_in_second: Amount,
    told: Amount,
    left_out: u64,
    /// Why the first of them was left out.
    why: String,
    last: VecDeque<(LogLevel, String)>,
}

/// Lines and their bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Amount {
    lines: u64,
    bytes: u64,
}

impl Amount {
    fn add(&mut self, line: &str) {
        self.lines += 1;
        self.bytes += line.len() as u64;
    }

    /// What of it is as much as it may be, in words.
    fn reaches(self, most: Self) -> Option<String> {
        let lines = (self.lines >= most.lines).then(|| format!("{} lines", most.lines));
        lines.or_else(|| (self.bytes >= most.bytes).then(|| format!("{} MiB", most.bytes / MIB)))
    }
}

impl Gate {
    pub(crate) fn new(host: Arc<dyn Host>, clock: Arc<dyn Clock>, limits: &RunLimits) -> Self {
        Self {
            host,
            clock,
            in_a_second: Amount { lines: limits.lines_in_a_second, bytes: limits.bytes_in_a_second },
            in_all: Amount { lines: limits.lines, bytes: limits.bytes },
            second: i64::MIN,
            told_in_second: Amount::default(),
            told: Amount::default(),
            left_out: 0,
            why: String::new(),
            last: VecDeque::new(),
        }
    }

    /// Tells a line or leaves it out.
    pub(crate) fn line(&mut self, level: LogLevel, line: String) {
        let second = self.clock.now().div_euclid(1000);
        if second != self.second {
            (self.second, self.told_in_second) = (second, Amount::default());
            if self.told.reaches(self.in_all).is_none() {
                self.catch_up();
            }
        }
        let too_much = || {
            let in_all = self.told.reaches(self.in_all).map(|most| format!("a run may say {most}"));
            let in_a_second = || self.told_in_second.reaches(self.in_a_second);
            in_all.or_else(|| in_a_second().map(|most| format!("more than {most} in a second")))
        };
        if self.left_out == 0 {
            match too_much() {
                Some(why) => self.why = why,
                None => return self.tell(level, &line),
            }
        }
        self.left_out += 1;
        self.last.push_back((level, line));
        if self.last.len() > LAST {
            self.last.pop_front();
        }
    }

    /// The output has ended: the last lines are told whatever the limits.
    pub(crate) fn finish(&mut self) {
        self.catch_up();
    }

    fn tell(&mut self, level: LogLevel, line: &str) {
        self.told_in_second.add(line);
        self.told.add(line);
        self.host.log(level, line);
    }

    fn catch_up(&mut self) {
        let last = std::mem::take(&mut self.last);
        let left_out = std::mem::take(&mut self.left_out) - last.len() as u64;
        if left_out > 0 {
            self.tell(LogLevel::Warn, &format!("… {left_out} lines are left out here ({}) …", self.why));
        }
        for (level, line) in last {
            self.tell(level, &line);
        }
    }
}

#[cfg(test)]
mod tests {
    use baigong_model::ManualClock;

    use super::*;
    use crate::runner::tests::desk::Listener;

    fn gate(limits: &RunLimits) -> (Gate, Arc<Listener>, Arc<ManualClock>) {
        let (host, clock) = (Arc::new(Listener::default()), Arc::new(ManualClock::at(1_000_000)));
        let (for_gate, ticks): (Arc<dyn Host>, Arc<dyn Clock>) = (host.clone(), clock.clone());
        (Gate::new(for_gate, ticks, limits), host, clock)
    }

    #[test]
    fn a_flood_is_counted_and_its_end_is_told() {
        let limits = RunLimits { lines_in_a_second: 10, ..RunLimits::default() };
        let (mut gate, host, clock) = gate(&limits);
        for number in 0..1000 {
            gate.line(LogLevel::Info, number.to_string());
        }
        assert_eq!(host.lines().len(), 10);
        clock.advance(1000);
        gate.line(LogLevel::Info, "later".into());
        let lines = host.lines();
        assert_eq!(lines[10], "… 940 lines are left out here (more than 10 lines in a second) …");
        assert_eq!(lines[11..61], (950..1000).map(|number| number.to_string()).collect::<Vec<_>>());
        gate.finish();
        assert_eq!(host.lines().last().map(String::as_str), Some("later"));
    }

    #[test]
    fn a_run_says_no_more_than_it_may_but_its_last_words_are_kept() {
        let limits = RunLimits { lines: 100, ..RunLimits::default() };
        let (mut gate, host, clock) = gate(&limits);
        for number in 0..1000 {
            gate.line(LogLevel::Info, number.to_string());
            clock.advance(500);
        }
        assert_eq!(host.lines().len(), 100);
        gate.finish();
        let lines = host.lines();
        assert_eq!(lines[100], "… 850 lines are left out here (a run may say 100 lines) …");
        assert_eq!(lines.len(), 151);
        assert_eq!(lines[150], "999");
    }

    #[test]
    fn long_lines_are_bounded_by_their_bytes() {
        let limits = RunLimits { bytes_in_a_second: 2 * MIB, bytes: 3 * MIB, ..RunLimits::default() };
        let (mut gate, host, clock) = gate(&limits);
        let long = "x".repeat(8192);
        for _ in 0..1000 {
            gate.line(LogLevel::Info, long.clone());
        }
        assert_eq!(host.lines().len(), 256, "two MiB");
        clock.advance(1000);
        for _ in 0..1000 {
            gate.line(LogLevel::Info, long.clone());
        }
        let lines = host.lines();
        assert_eq!(lines[256], "… 694 lines are left out here (more than 2 MiB in a second) …");
        assert_eq!(lines.len(), 256 + 128 + 1, "three MiB and the word of the gap");
        gate.finish();
        assert_eq!(host.lines()[385], "… 872 lines are left out here (a run may say 3 MiB) …");
    }
}
