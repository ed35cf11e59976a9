//! Being told to stop: TERM, or Ctrl-C. The first time the program stops in order; Ctrl-C again ends it at once.

use std::process;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

/// The exit code of a program that was interrupted, by custom.
pub(crate) const INTERRUPTED: u8 = 130;

/// Which of the two came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    Interrupt,
    Terminate,
}

/// Listens from now on, so that a signal during the start is not lost; the result is awaited when there is time for it.
pub(crate) fn listen() -> anyhow::Result<impl Future<Output = Stop>> {
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for Ctrl-C")?;
    let mut terminate = signal(SignalKind::terminate()).context("listening for TERM")?;
    Ok(async move {
        let stop = tokio::select! {
            _ = interrupt.recv() => Stop::Interrupt,
            _ = terminate.recv() => Stop::Terminate,
        };
        tokio::spawn(async move {
            interrupt.recv().await;
            process::exit(INTERRUPTED.into());
        });
        stop
    })
}
