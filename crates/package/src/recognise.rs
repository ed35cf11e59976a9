//! What kind of package it is: looked for in one order, so that everyone who meets it comes to the same answer.

use crate::{PackageError, manifest, robot_yaml, source::Source};

/// What was found first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recognised {
    Manifest,
    RobotYaml,
    BareSuite,
}

/// Looks for `baigong.yaml`, then `robot.yaml`, then a bare Robot Framework suite.
pub(crate) fn recognise(source: &Source) -> Result<Recognised, PackageError> {
    if source.has_file(manifest::FILE) {
        return Ok(Recognised::Manifest);
    }
    if source.has_file(robot_yaml::FILE) {
        return Ok(Recognised::RobotYaml);
    }
    if let Some(folder) = one_folder_too_deep(source) {
        return Err(PackageError::refused(
            ".",
            format!("the package's files lie inside a folder \"{folder}\" of the zip"),
            format!("Zip what is inside \"{folder}\", not the folder itself"),
        ));
    }
    if source.files().any(|file| file.ends_with(".robot")) {
        return Ok(Recognised::BareSuite);
    }
    let message = format!(
        "this is not a package: looked at its top for {}, then {}, then anywhere for Robot Framework files (*.robot)",
        manifest::FILE,
        robot_yaml::FILE
    );
    let remedy = if source.files().any(|file| !file.contains('/') && file.ends_with(".py")) {
        "Beside a Python program put a baigong.yaml with the line `kind: python`"
    } else {
        "`baigong package new DIR` writes a package to begin with"
    };
    Err(PackageError::refused(".", message, remedy))
}

/// The most common mistake: the folder was zipped instead of its content.
fn one_folder_too_deep(source: &Source) -> Option<&str> {
    source.files().find_map(|file| match file.split_once('/') {
        Some((folder, name)) if name == manifest::FILE || name == robot_yaml::FILE => Some(folder),
        _ => None,
    })
}
