//! What the demo shows: lines everywhere, and a moving line with state and time on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::output::{self, Colour, is_colourful, painted};

/// The screen of one run.
pub(super) struct View {
    bar: Option<ProgressBar>,
    last: std::sync::Mutex<String>,
}

impl View {
    /// A moving line on a terminal, plain lines elsewhere.
    pub(super) fn new() -> Self {
        let bar = is_colourful().then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner:.cyan} {msg} {elapsed:.dim}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self { bar, last: std::sync::Mutex::default() }
    }

    /// Something was done.
    pub(super) fn done(&self, text: &str) {
        self.line(&format!("{} {text}", painted(Colour::Green, "✓")));
    }

    /// The state of the task, shown when it is another than before.
    pub(super) fn state(&self, text: &str) {
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if *last == text {
            return;
        }
        text.clone_into(&mut last);
        match &self.bar {
            Some(bar) => bar.set_message(text.to_owned()),
            None => output::line(&format!("· {text}")),
        }
    }

    /// A line of the task's log.
    pub(super) fn log(&self, time: &str, level: &str, message: &str) {
        let colour = if matches!(level, "warn" | "error") { Colour::Red } else { Colour::Grey };
        self.line(&format!("  {} {} {message}", painted(Colour::Grey, time), painted(colour, &format!("{level:5}"))));
    }

    /// Any line.
    pub(super) fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| output::line(text)),
            None => output::line(text),
        }
    }

    /// Takes the moving line away.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
