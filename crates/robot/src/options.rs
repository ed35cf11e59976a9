//! What an agent is started with.

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use baigong_flow::ActionTable;
use baigong_model::{Clock, Random, SystemClock, SystemRandom};
use baigong_protocol::{RobotSecret, Timing};

use crate::uptime::{SystemUptime, Uptime};

/// The variable that may hold the robot's secret.
pub const SECRET_VARIABLE: &str = "BAIGONG_ROBOT_SECRET";
/// Where the robot's own interface listens unless told otherwise.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8601);

const MIB: u64 = 1024 * 1024;

/// What an agent is started with.
#[derive(Clone)]
pub struct Options {
    /// Journal, spool, packages, work folders. One agent at a time.
    pub data_folder: PathBuf,
    /// Where the robot's own interface listens; port 0 takes any.
    pub listen: SocketAddr,
    /// The platform's address: `http://…` or `https://…` (`ws` and `wss` are taken too).
    pub platform_url: String,
    /// Who the robot is.
    pub secret: RobotSecret,
    /// Tasks at once at most, whatever the platform allows.
    pub max_tasks: u32,
    /// Disk space for logs the platform does not have yet, in bytes.
    pub spool_limit: u64,
    /// Disk space for unpacked packages, in bytes; the longest unused go first.
    pub package_limit: u64,
    /// With less free disk space than this, in bytes, the robot is not ready and takes no task.
    pub min_free_disk: u64,
    /// How long running tasks may go on after [`crate::RunningAgent::stop`] before they are stopped.
    pub stop_grace: Duration,
    /// Waits before reconnects; the heartbeat until the platform names one.
    pub timing: Timing,
    /// The actions flows may use.
    pub actions: ActionTable,
    /// Wall-clock time.
    pub clock: Arc<dyn Clock>,
    /// What leases are measured by.
    pub uptime: Arc<dyn Uptime>,
    /// Jitter and names.
    pub random: Arc<dyn Random>,
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
            platform_url: platform_url.into(),
            secret,
            max_tasks: 64,
            spool_limit: 256 * MIB,
            package_limit: 4096 * MIB,
            min_free_disk: 64 * MIB,
            stop_grace: Duration::from_secs(3),
            timing: Timing::DEFAULT,
            actions,
            clock: Arc::new(SystemClock),
            uptime: Arc::new(SystemUptime),
            random: Arc::new(SystemRandom),
        }
    }
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
