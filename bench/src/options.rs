//! What can be typed after `bench`, and what follows from it for the length of the runs.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::seed::Size;
use crate::stage::Engine;

/// Measures the platform beside the limits of this machine and prints one table.
#[derive(Debug, Parser)]
#[command(name = "bench")]
pub(crate) struct Options {
    /// Only the scenarios whose name contains this; the page in docs is then left alone.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Only on this engine.
    #[arg(long, value_enum)]
    engine: Option<Engine>,
    /// How often each figure is measured.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: Option<u32>,
    /// Two short runs of everything, to see that it works; the page in docs is left alone.
    #[arg(long)]
    quick: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What the program is when it starts itself: processes of their own have their own files and memory.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Many robots that only connect and live.
    #[command(hide = true)]
    Robots {
        /// The platform.
        address: SocketAddr,
        /// A file with their secrets, one a line.
        secrets: PathBuf,
    },
    /// Fill the database of a platform that has run the demo with a million tasks and the rest
    Seed {
        /// `sqlite://…` or `postgres://…`: the platform's database, as it is given to the platform; for a data folder
        /// it is `sqlite://FOLDER/baigong.db`
        database: String,
        #[command(flatten)]
        size: Size,
    },
    /// Data queues beside pg-boss and graphile-worker, which `make bench-peers` installs.
    Peers,
    /// A server of bare WebSockets that answers like a platform.
    #[command(hide = true)]
    BareWebSockets,
}

impl Options {
    /// Whether the scenario `name` is to be measured.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only.as_str()))
    }

    /// Whether `engine` is to be measured.
    pub(crate) fn wants_engine(&self, engine: Engine) -> bool {
        self.engine.is_none_or(|only| only == engine)
    }

    /// Whether the result is worth the page in docs.
    pub(crate) fn is_whole(&self) -> bool {
        self.only.is_none() && self.engine.is_none() && !self.quick && self.runs() >= 5
    }

    /// How often each figure is measured.
    pub(crate) fn runs(&self) -> u32 {
        self.runs.unwrap_or(if self.quick { 2 } else { 5 })
    }

    /// How long one measurement of a rate lasts.
    pub(crate) fn window(&self) -> Duration {
        Duration::from_millis(if self.quick { 500 } else { 2000 })
    }

    /// Whether ten seconds are too long to wait for heartbeats.
    pub(crate) fn quick_heartbeats(&self) -> bool {
        self.quick
    }

    /// `all` of something, or a tenth of it for a quick run.
    pub(crate) fn part_of(&self, all: usize) -> usize {
        if self.quick { all / 10 } else { all }
    }
}
