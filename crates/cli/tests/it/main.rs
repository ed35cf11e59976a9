//! The binary as a user runs it: the demo, platform and robot as processes of their own, administration, and random kills.

#![expect(clippy::print_stdout, reason = "the runner shows it with a test that failed")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod admin;
mod bridge;
mod chaos;
mod check;
mod control;
mod demo;
mod full_disk;
mod ground;
mod held;
mod process;
mod processes;
mod program;
mod recording;
mod schedule;
mod units;
#[cfg(feature = "next-version")]
mod upgrade;
