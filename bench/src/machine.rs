//! The machine in one line: without it no figure means anything.

use std::fs::File;
use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::{stats, time};

/// Processor, cores, kernel, and how often a second its disk makes a small write durable.
pub(crate) fn describe() -> Result<String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    let syncs = sync_rate().context("measuring the disk")?;
    let memory = field("/proc/meminfo", "MemTotal").and_then(|text| text.trim_end_matches(" kB").parse::<u64>().ok());
    let memory = memory.unwrap_or(0) / 1024 / 1024;
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".into());
    let load = read("/proc/loadavg").split_whitespace().next().unwrap_or("?").to_owned();
    Ok(format!(
        "{processor} · {cores} cores · {memory} GiB · Linux {kernel} · {syncs:.0} fsync/s (4 KiB appends) · load {load} at the start"
    ))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// The value of `name` in a file of lines `name : value`.
fn field(path: &str, name: &str) -> Option<String> {
    let text = read(path);
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// Appends of a page, each made durable, on the disk of the temporary folder, where the databases are.
fn sync_rate() -> std::io::Result<f64> {
    let folder = tempfile::tempdir()?;
    let mut file = File::create(folder.path().join("sync"))?;
    let page = [1; 4096];
    let (begun, mut count) = (time::now(), 0);
    while time::now().duration_since(begun) < Duration::from_millis(500) {
        file.write_all(&page)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(stats::as_f64(count) / time::seconds_since(begun))
}
