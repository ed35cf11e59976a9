//! `baigong package build DIR [-o FILE]`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use baigong_package::{Limits, PackageError, PackageInfo, pack};

use super::{BuildArguments, checked, described};
use crate::{WrongUsage, output};

pub(crate) fn run(arguments: &BuildArguments) -> anyhow::Result<ExitCode> {
    if !arguments.folder.is_dir() {
        return Err(WrongUsage(anyhow::anyhow!("{} is not a folder", arguments.folder.display())).into());
    }
    let Some(info) = checked(&arguments.folder)? else { return Ok(ExitCode::FAILURE) };
    write(&arguments.folder, arguments.output.as_deref(), &info)
}

/// Packs a folder that passed the check, and says what is in the package.
pub(super) fn write(folder: &Path, output: Option<&Path>, info: &PackageInfo) -> anyhow::Result<ExitCode> {
    let file = match output {
        Some(file) => file.to_owned(),
        None => PathBuf::from(format!("{}.zip", default_name(info, folder)?)),
    };
    let packed = match pack(folder, &file, &Limits::default()) {
        Ok(packed) => packed,
        Err(error @ PackageError::Refused(_)) => {
            output::complain(&error.to_string());
            return Ok(ExitCode::FAILURE);
        }
        Err(error) => return Err(error.into()),
    };
    for name in &packed.files {
        output::line(&format!("  {name}"));
    }
    output::line(&format!("{}: {}, {} bytes, sha256 {}", file.display(), described(info), packed.size, packed.sha256));
    Ok(ExitCode::SUCCESS)
}

/// Name and version of the package, or the folder's name; without characters that no file name can have.
fn default_name(info: &PackageInfo, folder: &Path) -> anyhow::Result<String> {
    let folder = folder.canonicalize().context("finding the folder's name")?;
    let folder_name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let mut name = info.name.clone().or(folder_name).unwrap_or_else(|| "package".into());
    if let Some(version) = &info.version {
        name = format!("{name}-{version}");
    }
    let sound = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    let name: String = name.chars().map(sound).collect();
    Ok(name.trim_start_matches('.').chars().take(100).collect())
}
