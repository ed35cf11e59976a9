//! `baigong package new DIR [--kind KIND]`: a package that works, to be changed from there.

use std::{fs, io, path::Path, process::ExitCode};

use anyhow::Context as _;

use super::{Kind, NewArguments};
use crate::{WrongUsage, output};

const FLOW: &[(&str, &str)] = &[
    ("baigong.yaml", include_str!("starters/flow/baigong.yaml")),
    ("main.flow.yaml", include_str!("starters/flow/main.flow.yaml")),
    ("amounts.csv", include_str!("starters/flow/amounts.csv")),
    (".baigongignore", include_str!("starters/ignore")),
];
const COMMAND: &[(&str, &str)] = &[
    ("baigong.yaml", include_str!("starters/command/baigong.yaml")),
    ("main.sh", include_str!("starters/command/main.sh")),
    (".baigongignore", include_str!("starters/ignore")),
];
const ROBOT: &[(&str, &str)] = &[
    ("robot.yaml", include_str!("starters/robot/robot.yaml")),
    ("main.sh", include_str!("starters/robot/main.sh")),
    (".gitignore", include_str!("starters/ignore")),
];
const PYTHON: &[(&str, &str)] = &[
    ("baigong.yaml", include_str!("starters/python/baigong.yaml")),
    ("main.py", include_str!("starters/python/main.py")),
    ("requirements.txt", include_str!("starters/python/requirements.txt")),
    (".baigongignore", include_str!("starters/ignore")),
];
const ROBOT_FRAMEWORK: &[(&str, &str)] = &[
    ("baigong.yaml", include_str!("starters/robotframework/baigong.yaml")),
    ("tasks.robot", include_str!("starters/robotframework/tasks.robot")),
    ("requirements.txt", include_str!("starters/robotframework/requirements.txt")),
    (".baigongignore", include_str!("starters/ignore")),
];

pub(crate) fn run(arguments: &NewArguments) -> anyhow::Result<ExitCode> {
    let NewArguments { folder, kind } = arguments;
    if !is_free(folder).with_context(|| format!("looking into {}", folder.display()))? {
        return Err(WrongUsage(anyhow::anyhow!("{} is not empty: name another folder", folder.display())).into());
    }
    let files = match kind {
        Kind::Flow => FLOW,
        Kind::Command => COMMAND,
        Kind::Python => PYTHON,
        Kind::Robotframework => ROBOT_FRAMEWORK,
        Kind::Robot => ROBOT,
    };
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let name = folder.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    // The name stands in quotes in the files.
    let name: String =
        name.unwrap_or_default().chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).collect();
    for (file, content) in files {
        let path = folder.join(file);
        fs::write(&path, content.replace("@name@", &name)).with_context(|| format!("writing {}", path.display()))?;
        output::line(&format!("  {}", path.display()));
    }
    output::line(&format!("Try it: baigong package run {}", folder.display()));
    Ok(ExitCode::SUCCESS)
}

fn is_free(folder: &Path) -> io::Result<bool> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}
