//! The real program, as platform and as robot, and how long it takes and how much it needs. Only processes that were started here
//! are ever stopped.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use baigong_testkit::PASSWORD;
use tokio::process::{Child, Command};

use crate::http::{self, Connection};
use crate::time;

/// A program that must be ready by then is not coming any more.
const PATIENCE: f64 = 60.0;

/// A running platform or robot in a process of its own.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// The program beside this one.
pub(crate) fn binary() -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("baigong");
    ensure!(path.is_file(), "{} is not there: `make bench` builds it", path.display());
    Ok(path)
}

/// The program as it is shipped, where `make dist` has built it; else the one that is measured.
pub(crate) fn shipped() -> Result<PathBuf> {
    let measured = binary()?;
    let target = measured.parent().and_then(Path::parent);
    let shipped = target.map(|target| target.join("dist/baigong")).filter(|path| path.is_file());
    Ok(shipped.unwrap_or(measured))
}

/// An address that nobody listens on.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Program {
    /// Starts a platform and waits until it is ready; how many seconds that took.
    pub(crate) async fn start(data: &Path, database: Option<&str>, address: SocketAddr) -> Result<(Self, f64)> {
        let mut command = Command::new(binary()?);
        command.arg("platform").arg("--data").arg(data).arg("--listen").arg(address.to_string());
        if let Some(url) = database {
            command.arg("--database").arg(url);
        }
        // One token asks for everything.
        command.env("BAIGONG_CALLS_PER_SECOND", "0").env("BAIGONG_PUBLIC_CALLS_PER_SECOND", "0");
        command.env("BAIGONG_ADMIN_PASSWORD", PASSWORD);
        Self::ready(command, address).await
    }

    /// Starts the robot with the secret in `secret` and waits until its platform has welcomed it; how many seconds that took.
    pub(crate) async fn robot(data: &Path, platform: SocketAddr, secret: &Path) -> Result<(Self, f64)> {
        let address = free_address()?;
        let mut command = Self::robots(data, platform, address)?;
        command.arg("--secret-file").arg(secret);
        Self::ready(command, address).await
    }

    /// Starts a robot for each secret in the folder `secrets`; they are not ready yet.
    pub(crate) fn fleet(data: &Path, platform: SocketAddr, secrets: &Path) -> Result<Self> {
        // Port 0: any, for each.
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut command = Self::robots(data, platform, address)?;
        command.arg("--robots").arg(secrets);
        Self::spawn(command, address)
    }

    fn robots(data: &Path, platform: SocketAddr, address: SocketAddr) -> Result<Command> {
        let mut command = Command::new(binary()?);
        command.arg("robot").arg("--data").arg(data).arg("--listen").arg(address.to_string());
        // A display of its own, whoever runs the bench where.
        command.arg("--platform").arg(format!("http://{platform}")).args(["--display", "own"]);
        Ok(command)
    }

    fn spawn(mut command: Command, address: SocketAddr) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        Ok(Self { child: command.spawn().context("starting baigong")?, address })
    }

    async fn ready(command: Command, address: SocketAddr) -> Result<(Self, f64)> {
        let begun = time::now();
        let mut program = Self::spawn(command, address)?;
        while !program.is_ready().await {
            ensure!(time::seconds_since(begun) < PATIENCE, "the program was not ready within {PATIENCE} s");
            ensure!(program.child.try_wait()?.is_none(), "the program ended at once");
            time::after(Duration::from_millis(1)).await;
        }
        Ok((program, time::seconds_since(begun)))
    }

    async fn is_ready(&self) -> bool {
        let Ok(mut connection) = Connection::open(self.address).await else { return false };
        connection.call(&http::get("/readyz")).await.is_ok_and(|answer| answer.status == 200)
    }

    /// The memory it has now, megabytes.
    pub(crate) fn memory(&self) -> Result<f64> {
        memory(self.child.id().context("the process has ended")?)
    }

    /// The memory that it and all that it has started have now, megabytes.
    pub(crate) fn memory_of_all(&self) -> Result<f64> {
        memory_of_all(self.child.id().context("the process has ended")?)
    }

    /// Tells it to stop, as an operator would, and waits until it has.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).context("the process has ended")?;
        let id = rustix::process::Pid::from_raw(id).context("the process has no id")?;
        rustix::process::kill_process(id, rustix::process::Signal::TERM)?;
        self.child.wait().await.context("waiting for its end")?;
        Ok(())
    }
}

/// The memory that a process has now, megabytes.
pub(crate) fn memory(id: u32) -> Result<f64> {
    megabytes(&std::fs::read_to_string(format!("/proc/{id}/status"))?, "VmRSS:")
}

/// The memory that a process and all below it take of the machine, megabytes: pages that several of them share count once.
pub(crate) fn memory_of_all(id: u32) -> Result<f64> {
    let own = megabytes(&std::fs::read_to_string(format!("/proc/{id}/smaps_rollup"))?, "Pss:")?;
    children(id)?.into_iter().try_fold(own, |sum, child| Ok(sum + memory_of_all(child)?))
}

/// The processes that `id` has started and that live.
fn children(id: u32) -> Result<Vec<u32>> {
    let of_this = |child: &u32| {
        // The name, second in `stat`, stands in brackets; its state and its parent follow.
        let stat = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        let mut fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
        fields.next() != Some("Z") && fields.next().and_then(|parent| parent.parse().ok()) == Some(id)
    };
    let entries = std::fs::read_dir("/proc")?.flatten();
    Ok(entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(of_this).collect())
}

fn megabytes(text: &str, name: &str) -> Result<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
    let kilobytes: f64 = line.trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes / 1024.0)
}
