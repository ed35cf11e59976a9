//! The real program `baigong platform`, and how long it takes and how much it needs. Only processes that were started here
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

/// A platform that must be ready by then is not coming any more.
const PATIENCE: f64 = 60.0;

/// A running platform in a process of its own.
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
        command.env("BAIGONG_ADMIN_PASSWORD", PASSWORD).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::null()).kill_on_drop(true);
        let begun = time::now();
        let child = command.spawn().context("starting baigong")?;
        let mut program = Self { child, address };
        while !program.is_ready().await {
            ensure!(time::seconds_since(begun) < PATIENCE, "the platform was not ready within {PATIENCE} s");
            ensure!(program.child.try_wait()?.is_none(), "the platform ended at once");
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
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    let kilobytes: f64 = line.trim_start_matches("VmRSS:").trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes / 1024.0)
}
