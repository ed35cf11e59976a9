//! Where the operating system keeps PostgreSQL's programs.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

const NEEDED: [&str; 4] = ["initdb", "postgres", "pg_isready", "psql"];

/// The folder with all the programs a cluster needs; the newest version where there are several.
pub(super) fn find() -> Result<PathBuf> {
    let mut looked_in = Vec::new();
    for folder in candidates() {
        if NEEDED.iter().all(|program| folder.join(program).is_file()) {
            return Ok(folder);
        }
        looked_in.push(folder.display().to_string());
    }
    bail!(
        "the tests need a PostgreSQL server, and none is installed.\n\
         Run `make test`, which installs it, or install it yourself (Debian: apt-get install postgresql).\n\
         Looked for {} in: {}",
        NEEDED.join(", "),
        looked_in.join(", ")
    )
}

fn candidates() -> Vec<PathBuf> {
    let mut folders = by_version(Path::new("/usr/lib/postgresql"));
    folders.extend(by_version(Path::new("/usr/local/lib/postgresql")));
    folders.extend(pg_config());
    folders.extend(std::env::var_os("PATH").iter().flat_map(|path| std::env::split_paths(path).collect::<Vec<_>>()));
    folders
}

/// `parent/15/bin`, `parent/14/bin`, … : the newest first.
fn by_version(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = parent.read_dir() else { return Vec::new() };
    let versions = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let mut versions: Vec<u32> = versions.collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.into_iter().map(|version| parent.join(version.to_string()).join("bin")).collect()
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first() {
        let parent = tempfile::tempdir().unwrap();
        for version in ["9", "15", "common", "14"] {
            std::fs::create_dir(parent.path().join(version)).unwrap();
        }
        let found: Vec<_> = by_version(parent.path()).into_iter().map(|f| f.display().to_string()).collect();
        let expected: Vec<_> =
            ["15", "14", "9"].map(|v| parent.path().join(v).join("bin").display().to_string()).into();
        assert_eq!(found, expected);
    }
}
