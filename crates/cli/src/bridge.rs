//! `baigong bridge`: foreign platforms and robots, on the data of a platform that is stopped or running.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use baigong_model::{Secret, SystemClock, SystemRandom};
use baigong_platform::BridgeToMake;
use clap::{Args, Subcommand, ValueEnum};

use crate::WrongUsage;
use crate::admin::existing;
use crate::arguments::PlatformPlace;
use crate::output;

/// The variable of the secret.
const SECRET: &str = "BAIGONG_BRIDGE_SECRET";

#[derive(Debug, Args)]
pub(crate) struct BridgeArguments {
    #[command(subcommand)]
    command: BridgeCommand,
}

#[derive(Debug, Subcommand)]
enum BridgeCommand {
    /// Register a foreign platform or robot: what can be run there appears among our processes.
    ///
    /// The password, the secret half of a key pair or the robot's secret comes from BAIGONG_BRIDGE_SECRET or a file.
    Add {
        #[command(flatten)]
        place: PlatformPlace,
        /// Its name.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// What the other side speaks.
        #[arg(long, value_enum)]
        kind: Kind,
        /// Where it is: https://host:port
        #[arg(long, value_name = "URL")]
        url: String,
        /// As whom we come; not for robots.
        #[arg(long, value_name = "NAME", default_value = "")]
        username: String,
        /// A file with the secret; without it, BAIGONG_BRIDGE_SECRET is read.
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
    },
    /// List the bridges and how their other sides were found.
    List {
        #[command(flatten)]
        place: PlatformPlace,
    },
    /// Remove a bridge with everything that stands here for what is there.
    Remove {
        #[command(flatten)]
        place: PlatformPlace,
        /// Its number, as `list` shows it.
        id: i64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A management platform of T/TSAC 002-2025.
    Tsac,
    /// A platform that speaks OAPI.
    Oapi,
    /// A robot of T/TSAC 002-2025 that stands alone.
    Robot,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Tsac => "tsac",
            Self::Oapi => "oapi",
            Self::Robot => "robot",
        }
    }
}

/// Runs one of the commands.
pub(crate) async fn run(arguments: BridgeArguments) -> Result<ExitCode> {
    let open = async |place: &PlatformPlace| {
        let mut settings = existing(place)?;
        // The secret does not travel: it comes from this machine.
        settings.allow_plain_passwords = Some(true);
        baigong_platform::open(&settings, Arc::new(SystemClock), Arc::new(SystemRandom)).await
    };
    match arguments.command {
        BridgeCommand::Add { place, name, kind, url, username, secret_file } => {
            let secret = secret(secret_file.as_deref()).map_err(WrongUsage)?;
            let new = BridgeToMake { name, kind: kind.as_str().into(), url, username, secret };
            let id = baigong_platform::add_bridge(&open(&place).await?, new).await?;
            output::line(&format!("bridge {id} is registered; a running platform takes it up within a second"));
        }
        BridgeCommand::List { place } => {
            for bridge in baigong_platform::list_bridges(&open(&place).await?).await? {
                let baigong_platform::BridgeLine { id, name, kind, url, state, detail } = bridge;
                output::line(format!("{id:>4}  {state:11}  {kind:5}  {name}  {url}  {detail}").trim_end());
            }
        }
        BridgeCommand::Remove { place, id } => {
            baigong_platform::remove_bridge(&open(&place).await?, id).await?;
            output::line(&format!("bridge {id} is removed"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn secret(file: Option<&Path>) -> Result<Secret<String>> {
    let text = match file {
        Some(file) => std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?,
        None => std::env::var(SECRET).with_context(|| format!("give the secret in {SECRET} or with --secret-file"))?,
    };
    Ok(Secret::new(text.trim_end_matches(['\n', '\r']).to_owned()))
}
