//! What is known of a package that passed the check: enough to list it, to ask for its parameters and to run it.

use serde::{Deserialize, Serialize};

use crate::{Environment, ParameterSpec, RobotYaml};

/// A package that passed the check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageInfo {
    /// What it is and what it runs.
    pub kind: PackageKind,
    /// The name it gives itself.
    pub name: Option<String>,
    /// The version it gives itself.
    pub version: Option<String>,
    /// What it says it does.
    pub description: Option<String>,
    /// What it can run, the default first; only `robot.yaml` has more than one.
    pub tasks: Vec<Task>,
    /// What a run is given.
    pub in_parameters: Vec<ParameterSpec>,
    /// What a run gives back.
    pub out_parameters: Vec<ParameterSpec>,
    /// Whether a run that was broken off may be started again.
    pub retry_safe: bool,
    /// The Python environment its tasks run in, where they need one of their own.
    #[serde(default)]
    pub environment: Option<Environment>,
    /// The SHA-256 of the zip in lower-case hex; empty for a folder.
    pub sha256: String,
    /// The size of the zip in bytes; of all files for a folder.
    pub size: u64,
    /// How many files it has.
    pub files: u64,
}

/// The kinds of packages, in the order in which they are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum PackageKind {
    /// `baigong.yaml`, kind flow.
    Flow {
        /// The flow document.
        flow: String,
    },
    /// `baigong.yaml`, kind command.
    Command {
        /// The program and its arguments.
        command: Vec<String>,
    },
    /// `baigong.yaml`, kind python.
    Python,
    /// `baigong.yaml`, kind robotframework, or a bare suite.
    RobotFramework,
    /// `robot.yaml`.
    RobotYaml(RobotYaml),
}

impl PackageKind {
    /// The word for people.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Flow { .. } => "flow",
            Self::Command { .. } => "command",
            Self::Python => "python",
            Self::RobotFramework => "robotframework",
            Self::RobotYaml(_) => "robot.yaml",
        }
    }
}

/// Something a package can run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// Its name.
    pub name: String,
    /// What it runs.
    pub form: TaskForm,
}

/// What a task runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TaskForm {
    /// The package's flow.
    Flow,
    /// A program with its arguments; `shell` lines are split into words, and Python programs are of this form too.
    Command(Vec<String>),
    /// A task of the package's Robot Framework suite.
    RobotTaskName(String),
    /// A Robot Framework suite: the file or folder, `.` for all of the package.
    Suite(String),
}
