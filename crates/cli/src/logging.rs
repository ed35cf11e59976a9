//! The log: to standard error, text on a terminal and JSON lines elsewhere, filtered by `BAIGONG_LOG`.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::arguments::LogFormat;

/// Begins to log. `usual` is the level without `BAIGONG_LOG`.
pub(crate) fn start(format: LogFormat, usual: LevelFilter) -> anyhow::Result<()> {
    let filter = match std::env::var("BAIGONG_LOG") {
        Ok(text) => EnvFilter::try_new(&text).map_err(|error| anyhow::anyhow!("BAIGONG_LOG={text}: {error}"))?,
        Err(_) => EnvFilter::default().add_directive(usual.into()),
    };
    let terminal = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if format == LogFormat::Json || format == LogFormat::Auto && !terminal {
        builder.json().flatten_event(true).finish().try_init()?;
    } else {
        builder.with_ansi(terminal && std::env::var_os("NO_COLOR").is_none()).finish().try_init()?;
    }
    Ok(())
}
