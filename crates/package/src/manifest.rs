//! `baigong.yaml`: what a package of Baigong's own kinds says of itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Parameters, Problem, source::Source};

/// The manifest's file name.
pub(crate) const FILE: &str = "baigong.yaml";
/// The flow that runs when the manifest names none.
pub(crate) const DEFAULT_FLOW: &str = "main.flow.yaml";

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
    /// Kind command: the program and its arguments; no shell reads them.
    #[serde(default)]
    pub command: Option<Vec<String>>,
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
        if self.command.is_some() && self.kind != ManifestKind::Command {
            add("command is for packages of kind command".into(), "Remove it or write kind: command");
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
            _ => {}
        }
        problems
    }

    /// The flow document of a package of kind flow.
    #[must_use]
    pub fn flow_file(&self) -> &str {
        self.flow.as_deref().unwrap_or(DEFAULT_FLOW)
    }
}
