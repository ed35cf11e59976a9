//! `baigong package bundle DIR [-o FILE]`: gathers the wheels of a package's environment into it, and packs it.

use std::{io, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use baigong_package::BUNDLE_FOLDER;
use baigong_robot::runner::{LocalHost, Stop, StopReason, gather};

use super::{BundleArguments, build, checked, run as package_run};
use crate::{
    WrongUsage,
    output::{self, Colour, painted},
    signals,
};

pub(crate) async fn run(arguments: &BundleArguments) -> anyhow::Result<ExitCode> {
    let folder = &arguments.folder;
    if !folder.is_dir() {
        return Err(WrongUsage(anyhow::anyhow!("{} is not a folder", folder.display())).into());
    }
    let interrupted = signals::listen()?;
    // Wheels of an earlier time may be for other requirements, which the check would refuse.
    match std::fs::remove_dir_all(folder.join(BUNDLE_FOLDER)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error).context("removing earlier wheels"),
        _ => {}
    }
    let Some(info) = checked(folder)? else { return Ok(ExitCode::FAILURE) };
    let work = tempfile::tempdir().context("making a folder for the work")?;
    let stop = Stop::new();
    let host = LocalHost::new(work.path(), None, package_run::show_line, |_| {})?;
    let request = package_run::bare_request(folder.canonicalize()?, info.clone(), &work, (Arc::new(host), &stop))?;
    let gathering = gather(&request);
    tokio::pin!(gathering);
    let gathered = tokio::select! {
        gathered = &mut gathering => gathered,
        _ = interrupted => {
            stop.request(StopReason::Cancelled);
            gathering.await
        }
    };
    match gathered {
        Ok(Some(gathered)) => {
            let mark = painted(Colour::Green, "✓");
            let (wheels, python, size) = (gathered.wheels, gathered.python, gathered.size >> 10);
            output::line(&format!("{mark} {wheels} wheels for Python {python} on this system, {size} KiB"));
        }
        Ok(None) => output::line("the package needs no Python environment: there is nothing to bring along"),
        Err(message) => {
            output::complain(&message);
            return Ok(ExitCode::FAILURE);
        }
    }
    let Some(info) = checked(folder)? else { return Ok(ExitCode::FAILURE) };
    build::write(folder, arguments.output.as_deref(), &info)
}
