//! `pyproject.toml`: the dependencies of its project, and the Python it requires.

use serde::Deserialize;

use super::{Environment, requirements::names_own_files};
use crate::{PackageError, PythonWish, source::Source};

/// The file name.
const FILE: &str = "pyproject.toml";

#[derive(Deserialize)]
struct Document {
    project: Option<Project>,
}

#[derive(Deserialize)]
struct Project {
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default, rename = "requires-python")]
    requires_python: Option<String>,
}

/// None where there is no such file, or where it is only for tools.
pub(super) fn read(source: &mut Source) -> Result<Option<Environment>, PackageError> {
    if !source.has_file(FILE) {
        return Ok(None);
    }
    let refused = |message: String| PackageError::refused(FILE, message, "Write it as PEP 621 says");
    let text = String::from_utf8(source.read_document(FILE)?).map_err(|_| refused("the file is not UTF-8".into()))?;
    let document: Document = toml::from_str(&text).map_err(|error| refused(error.message().to_owned()))?;
    let Some(project) = document.project else { return Ok(None) };
    let wanted = project.requires_python.unwrap_or_default();
    let python = PythonWish::from_specifiers(&wanted).map_err(|error| refused(format!("requires-python: {error}")))?;
    let is_own = project.dependencies.iter().any(|line| names_own_files(line));
    let place = FILE.to_owned();
    Ok(Some(Environment { place, python, requirements: project.dependencies, is_own, ..Environment::default() }))
}
