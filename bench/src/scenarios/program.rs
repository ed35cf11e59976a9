//! The program itself: how soon it is ready, what it needs at rest, how large it is.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::figure::{Figure, Unit};
use crate::options::Options;
use crate::process::{self, Program};
use crate::stage::Engine;
use crate::time;

/// How long it rests before its memory is read.
const REST: Duration = Duration::from_secs(2);

pub(super) async fn run(options: &Options, engine: Engine) -> Result<Vec<Figure>> {
    let mut fresh = Figure::new("start to ready, fresh database", engine, Unit::Milliseconds).at_most(300.0, 300.0);
    let mut existing = Figure::new("start to ready, existing database", engine, Unit::Milliseconds);
    existing = existing.at_most(100.0, 100.0);
    let mut memory = Figure::new("memory at rest", engine, Unit::Megabytes).at_most(25.0, 25.0);
    let mut size = Figure::new("size of the program", engine, Unit::Megabytes).at_most(40.0, 40.0);
    for _ in 0..options.runs() {
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("platform");
        let (program, seconds) = Program::start(&data, None, process::free_address()?).await?;
        fresh.add(seconds * 1000.0);
        program.stop().await?;
        let (program, seconds) = Program::start(&data, None, process::free_address()?).await?;
        existing.add(seconds * 1000.0);
        time::after(REST).await;
        memory.add(program.memory()?);
        program.stop().await?;
    }
    size.add(stripped_size()?);
    Ok(vec![fresh, existing, memory, size])
}

/// The size of the program without its symbols, as it is shipped, megabytes.
fn stripped_size() -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let stripped = folder.path().join("baigong");
    let status = Command::new("strip").arg("-o").arg(&stripped).arg(process::shipped()?).status().context("strip")?;
    ensure!(status.success(), "strip failed");
    let bytes = u32::try_from(stripped.metadata()?.len() / 1024)?;
    Ok(f64::from(bytes) / 1024.0)
}
