//! What the platform writes to its log during the tests, at the finest level, to be searched.

use std::sync::{Mutex, OnceLock, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

static WRITTEN: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Writer;

impl std::io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        WRITTEN.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Writer {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        Self
    }
}

/// The log from now on. Other tests of this process may write into it too: what is searched for must be a test's own.
pub struct Log {
    from: usize,
}

impl Log {
    /// Listens from now on.
    #[must_use]
    pub fn listen() -> Self {
        static SET: OnceLock<()> = OnceLock::new();
        SET.get_or_init(|| {
            let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
            subscriber.with_writer(|| Writer).init();
        });
        Self { from: WRITTEN.lock().unwrap_or_else(PoisonError::into_inner).len() }
    }

    /// What was written since.
    #[must_use]
    pub fn text(&self) -> String {
        let written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&written[self.from..]).into_owned()
    }

    /// Looks for these.
    ///
    /// # Panics
    /// If any of `needles` was written, showing the line.
    #[track_caller]
    pub fn has_none_of(&self, needles: &[&str]) {
        let text = self.text();
        let line = text.lines().find(|line| needles.iter().any(|needle| line.contains(needle)));
        assert!(line.is_none(), "the log holds what was sent: {line:?}");
    }
}
