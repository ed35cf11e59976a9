//! The options of `baigong robot` that concern its machine: what runs may have of it, what the platform may do with it, how
//! many robots share it.

use std::path::PathBuf;

use anyhow::{Result, anyhow, ensure};
use baigong_robot::{
    keeper,
    limits::{Isolation, Limits},
    options::{Operations, Options},
};
use clap::{Args, ValueEnum};

use crate::{WrongUsage, version::VERSION};

/// What is told with `baigong robot`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Machine")]
pub(crate) struct HostArguments {
    /// A folder with one file for each robot, which holds its secret: one process runs them all, each as a child with a
    /// folder below --data and the next port of --listen.
    #[arg(long, value_name = "DIR", global = true, conflicts_with = "secret_file")]
    pub(crate) robots: Option<PathBuf>,
    /// The most memory of a task, like 2G or 512M.
    #[arg(long, value_name = "SIZE", global = true, value_parser = size, env = "BAIGONG_ROBOT_LIMIT_MEMORY")]
    limit_memory: Option<u64>,
    /// The most processor time of a task, in hundredths of one processor: 150 is one and a half.
    #[arg(long, value_name = "PERCENT", global = true, value_parser = clap::value_parser!(u64).range(1..=100_000), env = "BAIGONG_ROBOT_LIMIT_CPU")]
    limit_cpu: Option<u64>,
    /// The most processes of a task at once.
    #[arg(long, value_name = "N", global = true, value_parser = clap::value_parser!(u64).range(1..=1_000_000), env = "BAIGONG_ROBOT_LIMIT_PROCESSES")]
    limit_processes: Option<u64>,
    /// The most disk space of a task's folder, like 4G.
    #[arg(long, value_name = "SIZE", global = true, value_parser = size, env = "BAIGONG_ROBOT_LIMIT_DISK")]
    limit_disk: Option<u64>,
    /// What tasks see of the machine's files: all that the robot's user sees, or little of the robot's own folder and
    /// nothing to write in but their own.
    #[arg(long, value_name = "WHAT", global = true, value_enum, default_value_t = Files::All, env = "BAIGONG_ROBOT_FILES")]
    files: Files,
    /// Take no task where the machine cannot keep the limits.
    #[arg(long, global = true, env = "BAIGONG_ROBOT_REQUIRE_LIMITS")]
    require_limits: bool,
    /// Give tasks a home and a folder for temporary files of this robot's own; always so with --robots.
    #[arg(long, global = true, env = "BAIGONG_ROBOT_OWN_USER_FOLDER")]
    pub(crate) own_user_folder: bool,
    /// Let permitted people reboot the machine, with this command.
    #[arg(long, value_name = "COMMAND", global = true, value_parser = words, env = "BAIGONG_ROBOT_REBOOT_COMMAND")]
    reboot_command: Option<Words>,
    /// Let permitted people shut the machine down, with this command.
    #[arg(long, value_name = "COMMAND", global = true, value_parser = words, env = "BAIGONG_ROBOT_SHUTDOWN_COMMAND")]
    shutdown_command: Option<Words>,
    /// Refuse to run other versions of this program that the platform brings.
    #[arg(long, global = true, env = "BAIGONG_ROBOT_NO_UPGRADES")]
    no_upgrades: bool,
    /// Believe only versions that are signed with this key (ed25519: and 64 hexadecimal digits).
    #[arg(long, value_name = "KEY", global = true, env = "BAIGONG_ROBOT_UPGRADE_KEY")]
    upgrade_key: Option<String>,
    /// A version on trial must be at work within so many seconds, or the one before it runs again.
    #[arg(long, value_name = "SECONDS", global = true, default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86_400), env = "BAIGONG_ROBOT_UPGRADE_DEADLINE")]
    pub(crate) upgrade_deadline: u64,
}

/// What tasks see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Files {
    All,
    Own,
}

/// A command as words.
type Words = Vec<String>;

impl HostArguments {
    /// Puts them into the agent's options.
    pub(crate) fn apply(&self, options: &mut Options) -> Result<()> {
        options.version = VERSION.to_owned();
        options.keeper = Some(PathBuf::from(keeper::THIS_PROGRAM));
        options.limits = Limits {
            memory: self.limit_memory,
            cpu: self.limit_cpu,
            processes: self.limit_processes,
            disk: self.limit_disk,
        };
        options.isolation = if self.files == Files::Own { Isolation::Files } else { Isolation::Off };
        options.limits_required = self.require_limits;
        options.own_user_folder = self.own_user_folder;
        if let Some(key) = &self.upgrade_key {
            let digits = key.strip_prefix("ed25519:").unwrap_or(key);
            let is_key = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            let wrong = || WrongUsage(anyhow!("--upgrade-key must be ed25519: and 64 hexadecimal digits"));
            ensure!(is_key, wrong());
        }
        options.operations = Operations {
            restart: true,
            upgrade: !self.no_upgrades,
            upgrade_key: self.upgrade_key.clone(),
            reboot: self.reboot_command.clone(),
            shutdown: self.shutdown_command.clone(),
        };
        Ok(())
    }
}

/// Bytes, with K, M, G or T for powers of 1024.
fn size(text: &str) -> Result<u64, String> {
    let wrong = || "must be a number of bytes, like 2G or 512M".to_owned();
    let (number, unit) =
        text.trim().split_at(text.trim().trim_end_matches(|letter: char| !letter.is_ascii_digit()).len());
    let shift = match unit.trim().to_ascii_uppercase().trim_end_matches("IB").trim_end_matches('B') {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(1 << shift).filter(|bytes| *bytes > 0).ok_or_else(wrong)
}

/// A command in words, divided at blanks.
fn words(text: &str) -> Result<Words, String> {
    let words: Words = text.split_whitespace().map(str::to_owned).collect();
    if words.is_empty() { Err("must name a program".to_owned()) } else { Ok(words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [("1", 1), ("2G", 2 << 30), ("512m", 512 << 20), ("3 KiB", 3 << 10), ("1TB", 1 << 40)] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for wrong in ["", "0", "G", "-1", "1.5G", "2X", "99999999999T"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
        assert_eq!(words(" systemctl  reboot "), Ok(vec!["systemctl".to_owned(), "reboot".to_owned()]));
        assert!(words(" ").is_err());
    }
}
