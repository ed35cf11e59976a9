//! What an agent is started with.

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use baigong_flow::ActionTable;
use baigong_model::{Clock, Random, SystemClock, SystemRandom};
use baigong_protocol::{RobotSecret, Timing};
use jiff::tz::TimeZone;

use crate::{
    display::ScreenOptions,
    limits::{Isolation, Limits},
    runner::Keep,
    uptime::{SystemUptime, Uptime},
};

/// The variable that may hold the robot's secret.
pub const SECRET_VARIABLE: &str = "BAIGONG_ROBOT_SECRET";
/// Where the robot's own interface listens unless told otherwise.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8601);

/// The zone that times are shown in unless told otherwise.
pub const DEFAULT_ZONE: &str = "Asia/Shanghai";

const MIB: u64 = 1024 * 1024;

/// What an agent is started with.
#[derive(Clone)]
pub struct Options {
    /// Journal, spool, packages, work folders. One agent at a time.
    pub data_folder: PathBuf,
    /// Where the robot's own interface listens; port 0 takes any.
    pub listen: SocketAddr,
    /// The platform's address: `http://…` or `https://…` (`ws` and `wss` are taken too); none where the robot stands alone.
    pub platform_url: Option<String>,
    /// Who the robot is. A robot that stands alone makes a secret for its own interface where it has none.
    pub secret: Option<RobotSecret>,
    /// The zone that times are shown in.
    pub time_zone: TimeZone,
    /// Tasks at once at most, whatever the platform allows.
    pub max_tasks: u32,
    /// Disk space for logs the platform does not have yet, in bytes.
    pub spool_limit: u64,
    /// Disk space for unpacked packages, in bytes; the longest unused go first.
    pub package_limit: u64,
    /// How long and how much of the packages' Python environments is kept.
    pub environments: Keep,
    /// With less free disk space than this, in bytes, the robot is not ready and takes no task.
    pub min_free_disk: u64,
    /// How long running tasks may go on after [`crate::RunningAgent::stop`] before they are stopped.
    pub stop_grace: Duration,
    /// Waits before reconnects; the heartbeat until the platform names one.
    pub timing: Timing,
    /// The version of the program that the agent is.
    pub version: String,
    /// The program that keepers are made of: [`crate::keeper::THIS_PROGRAM`] where this one is `baigong`.
    pub keeper: Option<PathBuf>,
    /// How much of the machine each run may have.
    pub limits: Limits,
    /// How far runs are shut off from the rest of the machine.
    pub isolation: Isolation,
    /// Whether no task is taken where limits or isolation cannot be kept.
    pub limits_required: bool,
    /// Whether runs have a home and a folder for temporary files of this robot's own, beside those of other robots.
    pub own_user_folder: bool,
    /// What the agent does with itself and its machine when a permitted person asks.
    pub operations: Operations,
    /// Its screen and what is recorded of it.
    pub screen: ScreenOptions,
    /// The actions flows may use.
    pub actions: ActionTable,
    /// Wall-clock time.
    pub clock: Arc<dyn Clock>,
    /// What leases are measured by.
    pub uptime: Arc<dyn Uptime>,
    /// Jitter and names.
    pub random: Arc<dyn Random>,
}

/// What an agent does with itself and its machine when it is asked to. What is `None` or `false` is refused.
#[derive(Debug, Clone, Default)]
pub struct Operations {
    /// Whether whoever runs the agent starts it again, as the program `baigong` does.
    pub restart: bool,
    /// Whether they can run another version of the program.
    pub upgrade: bool,
    /// The only key whose signatures on versions are believed: 64 hexadecimal digits (Ed25519). Without one the hash that
    /// the platform names is enough.
    pub upgrade_key: Option<String>,
    /// The command that reboots the machine.
    pub reboot: Option<Vec<String>>,
    /// The command that shuts it down.
    pub shutdown: Option<Vec<String>>,
}

impl Options {
    /// The defaults of a robot on a machine of its own.
    pub fn new(
        data_folder: impl Into<PathBuf>,
        platform_url: impl Into<String>,
        secret: RobotSecret,
        actions: ActionTable,
    ) -> Self {
        Self {
            data_folder: data_folder.into(),
            listen: DEFAULT_LISTEN,
            platform_url: Some(platform_url.into()),
            secret: Some(secret),
            time_zone: TimeZone::get(DEFAULT_ZONE).unwrap_or(TimeZone::UTC),
            max_tasks: 64,
            spool_limit: 256 * MIB,
            package_limit: 4096 * MIB,
            environments: Keep::default(),
            min_free_disk: 64 * MIB,
            stop_grace: Duration::from_secs(3),
            timing: Timing::DEFAULT,
            screen: ScreenOptions::default(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            keeper: None,
            limits: Limits::default(),
            isolation: Isolation::Off,
            limits_required: false,
            own_user_folder: false,
            operations: Operations::default(),
            actions,
            clock: Arc::new(SystemClock),
            uptime: Arc::new(SystemUptime),
            random: Arc::new(SystemRandom),
        }
    }

    /// The defaults of a robot without a platform; without `secret` it makes one at its first start.
    pub fn alone(data_folder: impl Into<PathBuf>, secret: Option<RobotSecret>, actions: ActionTable) -> Self {
        let nobody = RobotSecret::generate(1, &SystemRandom);
        Self { platform_url: None, secret, ..Self::new(data_folder, "", nobody, actions) }
    }
}

/// Whether somebody gave the robot a secret.
#[must_use]
pub fn has_secret(file: Option<&std::path::Path>) -> bool {
    file.is_some() || std::env::var_os(SECRET_VARIABLE).is_some()
}

/// The robot's secret from `file`, or else from [`SECRET_VARIABLE`].
pub fn read_secret(file: Option<&std::path::Path>) -> io::Result<RobotSecret> {
    let (text, place) = match (file, std::env::var(SECRET_VARIABLE)) {
        (Some(file), _) => {
            let cannot = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
            (std::fs::read_to_string(file).map_err(cannot)?, file.display().to_string())
        }
        (None, Ok(text)) => (text, SECRET_VARIABLE.to_owned()),
        (None, Err(_)) => {
            let hint = format!("the robot needs its secret: set {SECRET_VARIABLE} or name a file that holds it");
            return Err(io::Error::new(io::ErrorKind::NotFound, hint));
        }
    };
    RobotSecret::parse(&text).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, format!("{place}: {error}")))
}
