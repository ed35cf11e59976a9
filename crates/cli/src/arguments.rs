//! What can be typed after `baigong`: the commands, their options and their help. Knows nothing of what they do.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use baigong_robot::options::DEFAULT_ZONE;

use crate::robot::{HostArguments, ScreenArguments};

/// Where the platform listens unless told otherwise.
pub(crate) const PLATFORM_ADDRESS: &str = "127.0.0.1:8600";
/// Where the robot listens unless told otherwise.
pub(crate) const ROBOT_ADDRESS: &str = "127.0.0.1:8601";

const EXIT_CODES: &str = "\
Exit codes: 0 done · 1 it failed (the task, the check, the platform) · 2 wrong usage or configuration · 130 interrupted.
Environment: BAIGONG_LOG filters the log (error, warn, info, debug, or target=level,…).";

/// An open robotic-process-automation platform: 管理平台, 机器人 and their tools in one program.
#[derive(Debug, Parser)]
#[command(name = "baigong", version = crate::version::VERSION, after_help = EXIT_CODES, max_term_width = 110)]
pub(crate) struct Arguments {
    /// How the log is written; auto is text on a terminal and JSON elsewhere.
    #[arg(long, global = true, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Auto, env = "BAIGONG_LOG_FORMAT")]
    pub(crate) log_format: LogFormat,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Auto,
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the management platform.
    ///
    /// It keeps everything in its data folder unless `--database` names a server. On its first start it makes the user
    /// `admin`, with the password in BAIGONG_ADMIN_PASSWORD or one that it makes and shows once. TERM or Ctrl-C stops
    /// it in order.
    Platform(PlatformArguments),
    /// Run a robot: it connects to a platform and executes its tasks, and takes tasks through its own interface.
    ///
    /// It dials out and keeps in its data folder what it has not delivered yet. Its secret, shown once when the robot is
    /// created on the platform, comes from BAIGONG_ROBOT_SECRET or a file. Without a platform and a secret it stands
    /// alone: at its first start it makes a secret for its own interface and shows it once. TERM or Ctrl-C stops it.
    Robot(RobotArguments),
    /// Run the example on a platform and a robot, in this process, and show the result.
    ///
    /// It loads the example `valuation-reconciliation`, runs it through the public interface, and stays until Ctrl-C.
    Demo(DemoArguments),
    /// Make, check, build or run a process package, without a platform.
    Package(crate::package::PackageArguments),
    /// Look after a platform's data: passwords, checks, backups.
    Admin(AdminArguments),
    /// Register, list and remove foreign platforms and robots that are worked from here.
    Bridge(crate::bridge::BridgeArguments),
    /// Show the version.
    Version,
}

#[derive(Debug, Args)]
pub(crate) struct PlatformArguments {
    #[command(flatten)]
    pub(crate) place: PlatformPlace,
    /// The address to listen on [default: 127.0.0.1:8600].
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
}

/// Which platform is meant: its data folder, its database, its configuration.
#[derive(Debug, Args)]
pub(crate) struct PlatformPlace {
    /// The data folder, made when it is not there [default: data].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The database: sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME [default: SQLite in the data folder]. Others on
    /// this machine can see options: give a password through BAIGONG_DATABASE or the file.
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// A configuration file (TOML). Options here go before BAIGONG_* variables, which go before the file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RobotArguments {
    /// The robot's data folder, made when it is not there.
    #[arg(long, value_name = "DIR", default_value = "robot-data", global = true)]
    pub(crate) data: PathBuf,
    /// The address of the robot's own interface and health checks.
    #[arg(long, value_name = "ADDR", default_value = ROBOT_ADDRESS, global = true)]
    pub(crate) listen: SocketAddr,
    /// The platform's address [default: http://127.0.0.1:8600 for a robot with a secret, none for one without].
    #[arg(long, value_name = "URL", env = "BAIGONG_PLATFORM_URL", global = true)]
    pub(crate) platform: Option<String>,
    /// Stand alone: no platform, even where there is a secret.
    #[arg(long, conflicts_with = "platform", global = true)]
    pub(crate) standalone: bool,
    /// The IANA zone of the times in the robot's own interface.
    #[arg(long, value_name = "ZONE", default_value = DEFAULT_ZONE, env = "BAIGONG_TIME_ZONE", global = true)]
    pub(crate) time_zone: String,
    /// A file with the robot's secret; without it, BAIGONG_ROBOT_SECRET is read.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) secret_file: Option<PathBuf>,
    /// How many tasks run at once.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=256), global = true)]
    pub(crate) max_tasks: u32,
    #[command(flatten)]
    pub(crate) host: HostArguments,
    #[command(flatten)]
    pub(crate) screen: ScreenArguments,
    #[command(subcommand)]
    pub(crate) command: Option<RobotCommand>,
}

/// What else can be done for a robot.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum RobotCommand {
    /// Look whether a robot with these options could do its work here, and name what is wrong: folder, address, disk,
    /// limits, platform, clock, display, browser, fonts. Fails only for what every task needs.
    Check,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// The folder for everything the demo stores; used again when it exists.
    #[arg(long, value_name = "DIR", default_value = ".demo")]
    pub(crate) data: PathBuf,
    /// Exit after the run: 0 only when the task succeeded; the last line of output is one JSON object.
    #[arg(long)]
    pub(crate) once: bool,
    /// The address of the platform [default: 127.0.0.1:8600, or a free port with --once].
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct AdminArguments {
    #[command(subcommand)]
    pub(crate) command: AdminCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Give a user a new password, read from BAIGONG_ADMIN_PASSWORD or made and shown once, and unlock the account.
    ResetPassword {
        #[command(flatten)]
        place: PlatformPlace,
        /// The user's name.
        #[arg(long, value_name = "NAME", default_value = "admin")]
        user: String,
    },
    /// Seal all stored secrets anew under a fresh key, while no platform runs. The key file stays as it is.
    RotateKey {
        #[command(flatten)]
        place: PlatformPlace,
    },
    /// Check the configuration, the database's version and integrity, and that every stored file is there.
    Check {
        #[command(flatten)]
        place: PlatformPlace,
    },
    /// Make keys that sign licenses, and sign licenses with them. Neither needs a platform.
    License {
        #[command(subcommand)]
        command: crate::license::LicenseCommand,
    },
    /// Copy the database (SQLite) and all stored files into a new folder, consistently, while the platform may run.
    Backup {
        #[command(flatten)]
        place: PlatformPlace,
        /// The folder to make; it must not exist yet.
        #[arg(long, value_name = "DIR")]
        into: PathBuf,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_commands_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_issue_s_command_lines_are_understood() {
        let lines = [
            "baigong platform --data d --listen 127.0.0.1:1 --database postgres://u@h/n --config c.toml",
            "baigong robot --data d --listen 127.0.0.1:1 --platform http://127.0.0.1:8600",
            "baigong robot --data d --standalone",
            "baigong demo --once --data d",
            "baigong admin reset-password --data d",
            "baigong admin check",
            "baigong admin backup --into b",
            "baigong version",
        ];
        for line in lines {
            assert!(Arguments::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
        assert!(Arguments::try_parse_from(["baigong", "robot", "--max-tasks", "0"]).is_err());
    }

    #[test]
    fn addresses_are_the_documented_ones() {
        assert_eq!(PLATFORM_ADDRESS.parse::<SocketAddr>().unwrap().port(), 8600);
        assert_eq!(ROBOT_ADDRESS.parse::<SocketAddr>().unwrap().port(), 8601);
    }
}
