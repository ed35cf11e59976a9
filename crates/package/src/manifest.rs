//! `baigong.yaml`: what a package of Baigong's own kinds says of itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Parameters, Problem, source::Source};

/// The manifest's file name.
pub(crate) const FILE: &str = "baigong.yaml";
/// The flow that runs when the manifest names none.
pub(crate) const DEFAULT_FLOW: &str = "main.flow.yaml";

/// The programs of a package of kind python that names none; the second is run by robocorp-tasks.
pub(crate) const DEFAULT_PROGRAMS: [&str; 2] = ["main.py", "tasks.py"];

/// What a package is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ManifestKind {
    /// A flow document.
    Flow,
    /// A program with its arguments.
    Command,
    /// A Python program.
    Python,
    /// A Robot Framework suite.
    RobotFramework,
}

/// The content of `baigong.yaml`. Unknown fields are refused, since a misspelt one would silently do nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// What the package is.
    pub kind: ManifestKind,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// Its version, as its author counts.
    #[serde(default)]
    pub version: Option<String>,
    /// What it does.
    #[serde(default)]
    pub description: Option<String>,
    /// Kind flow: the flow document, `main.flow.yaml` unless said.
    #[serde(default)]
    pub flow: Option<String>,
    /// Kinds command and python: the program and its arguments; no shell reads them.
    #[serde(default)]
    pub command: Option<Vec<String>>,
    /// Kind python: the program, `main.py` unless said. Kind robotframework: the suite, the whole package unless said.
    #[serde(default)]
    pub main: Option<String>,
    /// What a run is given and gives back.
    #[serde(default)]
    pub parameters: Parameters,
    /// Whether a run that was broken off may safely be started again from the beginning.
    #[serde(default)]
    pub retry_safe: bool,
}

impl Manifest {
    /// What is wrong with it beyond its form.
    pub(crate) fn problems(&self, source: &Source) -> Vec<Problem> {
        let mut problems: Vec<Problem> =
            self.parameters.faults().into_iter().map(|fault| Problem::new(FILE, fault, "")).collect();
        let mut add = |message: String, remedy: &str| problems.push(Problem::new(FILE, message, remedy));
        if self.flow.is_some() && self.kind != ManifestKind::Flow {
            add("flow is for packages of kind flow".into(), "Remove it or write kind: flow");
        }
        if self.command.is_some() && !matches!(self.kind, ManifestKind::Command | ManifestKind::Python) {
            add("command is for packages of kind command or python".into(), "Remove it or write kind: command");
        }
        if self.main.is_some() && !matches!(self.kind, ManifestKind::Python | ManifestKind::RobotFramework) {
            add("main is for packages of kind python or robotframework".into(), "Remove it or write kind: python");
        }
        if let Some(main) = self.main.as_deref().filter(|main| !source.has(main)) {
            add(format!("main: the package has no file \"{main}\""), "Write its name, relative to baigong.yaml");
        }
        match self.kind {
            ManifestKind::Flow if !source.has_file(self.flow_file()) => {
                let message = format!("flow: the package has no file {}", self.flow_file());
                add(message, "Write the flow's file name, relative to baigong.yaml");
            }
            ManifestKind::Command => match self.command.as_deref() {
                None | Some([]) => {
                    add("kind command needs command".into(), "Write for example: command: [\"sh\", \"run.sh\"]");
                }
                Some(arguments) if arguments[0].is_empty() || arguments.iter().any(|text| text.contains('\0')) => {
                    add("command: the program's name is empty or an argument has a NUL".into(), "");
                }
                Some(_) => {}
            },
            ManifestKind::Python if self.command.as_ref().is_some_and(Vec::is_empty) => {
                add("command: there is no program".into(), "Write for example: command: [python, main.py]");
            }
            ManifestKind::Python
                if self.command.is_none()
                    && self.main.is_none()
                    && !DEFAULT_PROGRAMS.iter().any(|file| source.has_file(file)) =>
            {
                let message = format!("kind python: the package has neither {}", DEFAULT_PROGRAMS.join(" nor "));
                add(message, "Name the program: main: FILE");
            }
            _ => {}
        }
        problems
    }

    /// What a package of kind python runs.
    pub(crate) fn python_command(&self, source: &Source, python: &str) -> Vec<String> {
        if let Some(command) = &self.command {
            return command.clone();
        }
        let main = self.main.as_deref();
        let tasks = DEFAULT_PROGRAMS[1];
        let words: Vec<&str> = match main {
            None if !source.has_file(DEFAULT_PROGRAMS[0]) => vec![python, "-m", "robocorp.tasks", "run", tasks],
            main => vec![python, main.unwrap_or(DEFAULT_PROGRAMS[0])],
        };
        words.into_iter().map(str::to_owned).collect()
    }

    /// The flow document of a package of kind flow.
    #[must_use]
    pub fn flow_file(&self) -> &str {
        self.flow.as_deref().unwrap_or(DEFAULT_FLOW)
    }
}
