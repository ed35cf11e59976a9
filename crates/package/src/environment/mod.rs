//! What a package says about the Python it runs in: version and packages, from whichever file says it. What cannot be
//! had with pip is refused here, so that the refusal comes at the check and not in the night.

mod conda;
mod on_pypi;
mod pyproject;
mod requirements;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    PackageError, PythonWish, RobotYaml, TaskForm,
    bundle::{self, Bundle},
    source::Source,
};

/// The Python environment of a package.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// The file that describes it.
    pub place: String,
    /// Which Python.
    pub python: PythonWish,
    /// What pip is to install, as lines of a requirements file.
    pub requirements: Vec<String>,
    /// Commands to be run in the environment once it is there.
    pub post_install: Vec<Vec<String>>,
    /// Whether a line names files of the package: then the environment is this package's only.
    pub is_own: bool,
    /// Whether nothing describes it: Robot Framework alone, for the tasks that are its own.
    pub is_implied: bool,
    /// What else of the environment files was left out, for the log.
    pub notes: Vec<String>,
    /// The wheels that the package brings along.
    pub bundle: Option<Bundle>,
}

impl Environment {
    fn robot_framework_only() -> Self {
        Self {
            place: "Robot Framework".into(),
            requirements: vec!["robotframework".into()],
            is_implied: true,
            notes: vec![
                "the package names no version of Robot Framework: the newest there is when it is first run".into(),
            ],
            ..Self::default()
        }
    }

    /// What stands for the requirements where they are compared: SHA-256 in hex.
    #[must_use]
    pub fn requirements_digest(&self) -> String {
        let mut hash = Sha256::new();
        for line in &self.requirements {
            hash.update(line.as_bytes());
            hash.update([b'\n']);
        }
        hex::encode(hash.finalize())
    }
}

/// The environment of a `robot.yaml`; none where it names none and needs none.
pub(crate) fn of_robot_yaml(source: &mut Source, robot: &RobotYaml) -> Result<Option<Environment>, PackageError> {
    let described = conda::of_robot_yaml(source, robot)?;
    let needs_framework = |form: &TaskForm| matches!(form, TaskForm::RobotTaskName(_));
    let found = match described {
        None if robot.tasks.iter().chain(&robot.dev_tasks).any(|task| needs_framework(&task.form)) => {
            Some(of_files(source)?.unwrap_or_else(Environment::robot_framework_only))
        }
        found => found,
    };
    with_bundle(source, found)
}

/// The environment of a package of kind python.
pub(crate) fn of_python(source: &mut Source) -> Result<Option<Environment>, PackageError> {
    let found = of_files(source)?;
    with_bundle(source, found)
}

/// The environment of a Robot Framework suite.
pub(crate) fn of_suite(source: &mut Source) -> Result<Option<Environment>, PackageError> {
    let found = match of_files(source)? {
        None => Environment::robot_framework_only(),
        Some(mut found) => {
            // Libraries for Robot Framework bring it along; a list that does not gets it.
            if !found.requirements.iter().any(|line| line.to_ascii_lowercase().starts_with("robotframework")) {
                found.requirements.push("robotframework".into());
            }
            found
        }
    };
    with_bundle(source, Some(found))
}

/// `requirements.txt`, else `pyproject.toml`, else `conda.yaml`.
fn of_files(source: &mut Source) -> Result<Option<Environment>, PackageError> {
    if let Some(found) = requirements::read(source)? {
        return Ok(Some(found));
    }
    if let Some(found) = pyproject::read(source)? {
        return Ok(Some(found));
    }
    conda::of_file(source)
}

fn with_bundle(source: &mut Source, found: Option<Environment>) -> Result<Option<Environment>, PackageError> {
    let Some(mut environment) = found else { return Ok(None) };
    environment.bundle = bundle::read(source, &environment)?;
    Ok(Some(environment))
}
