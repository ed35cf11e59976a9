//! The flow document: what it may say ([`forms`]), how it is read, and what has been read. Knows no actions.

pub(crate) mod forms;
mod load;
mod node;
mod read;
mod schema;
mod steps;

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    expression::{Expression, Template},
    problem::Place,
};

pub(crate) use load::tidy;
pub use schema::flow_schema;

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterType {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// An exact decimal.
    Decimal,
    /// True or false.
    Boolean,
    /// A day, "2026-11-21".
    Date,
    /// A list; as text: JSON.
    List,
    /// An object; as text: JSON.
    Object,
    /// The path of a file.
    File,
}

impl ParameterType {
    /// All types.
    pub const ALL: [Self; 8] =
        [Self::Text, Self::Integer, Self::Decimal, Self::Boolean, Self::Date, Self::List, Self::Object, Self::File];

    /// The word of the document.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::List => "list",
            Self::Object => "object",
            Self::File => "file",
        }
    }
}

/// A declared parameter.
#[derive(Debug, Clone)]
pub struct ParameterDeclaration {
    /// Its name.
    pub name: String,
    /// Its type.
    pub parameter_type: ParameterType,
    /// Whether it must be given.
    pub required: bool,
    /// What it is when not given.
    pub default: Option<crate::Value>,
    /// What it is for.
    pub description: String,
    /// Where it is declared.
    pub place: Place,
}

/// One flow document.
#[derive(Debug)]
pub struct Flow {
    /// The document, relative to the package's folder.
    pub file: String,
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// What it takes.
    pub in_parameters: Vec<ParameterDeclaration>,
    /// What it gives.
    pub out_parameters: Vec<ParameterDeclaration>,
    pub(crate) variables: Vec<Named>,
    pub(crate) steps: Vec<Step>,
}

/// A flow and all sub-flows it can reach. Cheap to clone.
#[derive(Debug, Clone)]
pub struct FlowSet {
    pub(crate) entry: Arc<str>,
    pub(crate) flows: Arc<BTreeMap<String, Arc<Flow>>>,
}

/// A named template with its place: a field of `with:`, `set:`, `variables:` and the like.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) value: Template,
    pub(crate) place: Place,
}

/// One step.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) id: String,
    pub(crate) title: Option<String>,
    pub(crate) when: Option<Expression>,
    pub(crate) place: Place,
    pub(crate) work: Work,
}

/// What a step does.
#[derive(Debug, Clone)]
pub(crate) enum Work {
    Action { name: String, place: Place, with: Vec<Named>, save: Option<String> },
    Set(Vec<Named>),
    Append(Vec<Named>),
    If { branches: Vec<(Expression, Vec<Step>)>, otherwise: Vec<Step> },
    ForEach { item: String, list: Template, index: Option<String>, steps: Vec<Step> },
    While { condition: Expression, at_most: u64, steps: Vec<Step> },
    Try { steps: Vec<Step>, catches: Vec<Catch>, finally: Vec<Step> },
    Parallel(Vec<(String, Vec<Step>)>),
    Retry { times: u64, wait_seconds: Template, on: Vec<String>, repeat_irreversible: bool, steps: Vec<Step> },
    Subflow { file: String, place: Place, with: Vec<Named>, save: Option<String> },
    Assert { condition: Expression, message: Option<Template> },
    Fail { message: Template, code: Template },
    Return(Vec<Named>),
    Break,
    Continue,
}

/// One way to go on after an error.
#[derive(Debug, Clone)]
pub(crate) struct Catch {
    /// The codes it is for; all when empty.
    pub(crate) on: Vec<String>,
    /// The name under which the error is known in its steps.
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
}

impl Step {
    /// What a person calls it: its title, or what it does.
    pub(crate) fn shown_title(&self) -> String {
        self.title.clone().unwrap_or_else(|| self.work.label())
    }
}

impl Work {
    /// The word of the document with its object: "excel.readRange", "forEach row".
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Action { name, .. } => name.clone(),
            Self::ForEach { item, .. } => format!("forEach {item}"),
            Self::Subflow { file, .. } => format!("run {file}"),
            other => other.keyword().to_owned(),
        }
    }

    /// The word of the document.
    pub(crate) fn keyword(&self) -> &'static str {
        match self {
            Self::Action { .. } => "do",
            Self::Set(_) => "set",
            Self::Append(_) => "append",
            Self::If { .. } => "if",
            Self::ForEach { .. } => "forEach",
            Self::While { .. } => "while",
            Self::Try { .. } => "try",
            Self::Parallel(_) => "parallel",
            Self::Retry { .. } => "retry",
            Self::Subflow { .. } => "run",
            Self::Assert { .. } => "assert",
            Self::Fail { .. } => "fail",
            Self::Return(_) => "return",
            Self::Break => "break",
            Self::Continue => "continue",
        }
    }

    /// The groups of steps inside it.
    pub(crate) fn blocks(&self) -> Vec<&[Step]> {
        match self {
            Self::If { branches, otherwise } => {
                branches.iter().map(|(_, steps)| steps.as_slice()).chain([otherwise.as_slice()]).collect()
            }
            Self::ForEach { steps, .. } | Self::While { steps, .. } | Self::Retry { steps, .. } => vec![steps],
            Self::Try { steps, catches, finally } => std::iter::once(steps.as_slice())
                .chain(catches.iter().map(|catch| catch.steps.as_slice()))
                .chain([finally.as_slice()])
                .collect(),
            Self::Parallel(branches) => branches.iter().map(|(_, steps)| steps.as_slice()).collect(),
            _ => Vec::new(),
        }
    }
}

impl FlowSet {
    /// The flow that is run.
    ///
    /// # Panics
    /// Never: a set is only made with its entry in it.
    #[must_use]
    pub fn entry(&self) -> &Flow {
        self.flow(&self.entry).expect("a set is only made with its entry in it")
    }

    /// The flow of a document of the set.
    #[must_use]
    pub fn flow(&self, file: &str) -> Option<&Arc<Flow>> {
        self.flows.get(file)
    }

    /// All flows by their document.
    pub fn flows(&self) -> impl Iterator<Item = &Flow> {
        self.flows.values().map(AsRef::as_ref)
    }

    /// Whether any step of any flow runs the action called `name`.
    #[must_use]
    pub fn runs_action(&self, name: &str) -> bool {
        fn within(steps: &[Step], name: &str) -> bool {
            steps.iter().any(|step| {
                matches!(&step.work, Work::Action { name: found, .. } if found == name)
                    || step.work.blocks().into_iter().any(|block| within(block, name))
            })
        }
        self.flows().any(|flow| within(&flow.steps, name))
    }
}

#[cfg(test)]
mod tests;
