//! The state of one flow while it runs: its variables, where it stands, and what can stop it.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use indexmap::IndexMap;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{FlowError, Run};
use crate::{
    built_in,
    document::{Flow, Step},
    expression::{Expression, Lookup, Template},
    problem::Place,
    validate::written,
    value::Value,
};

/// Where to go after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    Next,
    Break,
    Continue,
    Return,
}

/// Why a step did not end well.
#[derive(Debug)]
pub(super) enum Stop {
    Failed(Box<FlowError>),
    Cancelled,
}

impl Stop {
    pub(super) fn failed(error: FlowError) -> Self {
        Self::Failed(Box::new(error))
    }
}

pub(super) type Ended = Result<Signal, Stop>;

/// The time that all `finally` steps have together after `scope` was cancelled: it begins with the first of them.
pub(super) struct Cleanup {
    scope: CancellationToken,
    time: Duration,
    over: OnceLock<(CancellationToken, AbortOnDropHandle<()>)>,
}

impl Cleanup {
    pub(super) fn new(scope: CancellationToken, time: Duration) -> Self {
        Self { scope, time, over: OnceLock::new() }
    }

    /// Fires when the time is over.
    pub(super) fn token(&self) -> CancellationToken {
        let (token, _) = self.over.get_or_init(|| {
            let token = CancellationToken::new();
            let (time, over) = (self.time, token.clone());
            let clock = tokio::spawn(async move {
                let _ = tokio::time::timeout(time, std::future::pending::<()>()).await;
                over.cancel();
            });
            (token, AbortOnDropHandle::new(clock))
        });
        token.child_token()
    }
}

/// One flow while it runs.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) run: Arc<Run>,
    pub(super) flow: Arc<Flow>,
    pub(super) variables: BTreeMap<String, Value>,
    /// Items of loops and caught errors, innermost last.
    pub(super) locals: Vec<(String, Value)>,
    /// Where it stands: "main.flow.yaml › forEach eachRow [12]".
    pub(super) path: String,
    /// How many flows have run each other to get here.
    pub(super) depth: usize,
    pub(super) cancel: CancellationToken,
    /// For the run, and for each parallel around this step, outermost first.
    pub(super) cleanups: Vec<Arc<Cleanup>>,
}

impl Lookup for Frame {
    fn find(&self, name: &str) -> Option<&Value> {
        let local = self.locals.iter().rev().find(|(local, _)| local == name).map(|(_, value)| value);
        let found = local.or_else(|| self.variables.get(name));
        found.or_else(|| (name == built_in::NAME).then_some(&self.run.built_in))
    }

    fn names(&self) -> Vec<&str> {
        let locals = self.locals.iter().map(|(name, _)| name.as_str());
        locals.chain(self.variables.keys().map(String::as_str)).chain([built_in::NAME]).collect()
    }
}

impl Frame {
    pub(super) fn new(
        run: Arc<Run>,
        flow: Arc<Flow>,
        path: String,
        cancel: CancellationToken,
        cleanup: Arc<Cleanup>,
    ) -> Self {
        let (variables, locals, cleanups) = (BTreeMap::new(), Vec::new(), vec![cleanup]);
        Self { run, flow, variables, locals, path, depth: 0, cancel, cleanups }
    }

    /// A frame for a flow that this one runs.
    pub(super) fn inner(&self, flow: Arc<Flow>) -> Self {
        Self {
            path: format!("{} › {}", self.path, flow.file),
            flow,
            variables: BTreeMap::new(),
            locals: Vec::new(),
            depth: self.depth + 1,
            ..self.clone()
        }
    }

    /// What bounds `finally` steps now: the outermost scope that was cancelled counts.
    pub(super) fn cleanup_token(&self) -> CancellationToken {
        let cancelled = self.cleanups.iter().find(|cleanup| cleanup.scope.is_cancelled());
        cancelled.or(self.cleanups.first()).map(|cleanup| cleanup.token()).unwrap_or_default()
    }

    /// Runs the flow with these in-parameters; gives the values of its out-parameters.
    pub(super) async fn run_flow(mut self, inputs: IndexMap<String, Value>) -> Result<IndexMap<String, Value>, Stop> {
        let flow = self.flow.clone();
        // What a step saves is null until the step has run.
        self.variables = written(&flow.steps).into_iter().map(|name| (name, Value::Null)).collect();
        self.variables.extend(inputs);
        for output in &flow.out_parameters {
            self.variables.insert(output.name.clone(), output.default.clone().unwrap_or_default());
        }
        for variable in &flow.variables {
            let value = variable.value.fill(&self).map_err(|message| {
                let message = format!("the variable \"{}\" has no first value: {message}", variable.name);
                Stop::failed(self.error_at(&variable.place, None, "expressionFailed", message))
            })?;
            self.variables.insert(variable.name.clone(), value);
        }
        self.steps(&flow.steps).await?;
        let outputs = flow.out_parameters.iter().map(|output| &output.name);
        let values = outputs.map(|name| (name.clone(), self.variables.remove(name).unwrap_or_default())).collect();
        super::parameters::checked(&flow, &values).map_err(Stop::Failed)
    }

    pub(super) fn error_at(
        &self,
        place: &Place,
        step: Option<&str>,
        code: &str,
        message: impl Into<String>,
    ) -> FlowError {
        FlowError {
            place: place.clone(),
            step: step.map(str::to_owned),
            path: self.path.clone(),
            code: code.to_owned(),
            message: message.into(),
        }
    }

    /// The error of a step.
    pub(super) fn failed(&self, step: &Step, code: &str, message: impl Into<String>) -> Stop {
        Stop::failed(self.error_at(&step.place, Some(&step.id), code, message))
    }

    /// Goes one segment down; give the answer to [`Frame::up`].
    pub(super) fn down(&mut self, segment: &str) -> usize {
        let before = self.path.len();
        self.path.push_str(" › ");
        self.path.push_str(segment);
        before
    }

    pub(super) fn up(&mut self, before: usize) {
        self.path.truncate(before);
    }

    pub(super) fn fill(&self, step: &Step, template: &Template) -> Result<Value, Stop> {
        template.fill(self).map_err(|message| self.failed(step, "expressionFailed", message))
    }

    pub(super) fn holds(&self, step: &Step, condition: &Expression) -> Result<bool, Stop> {
        condition.holds(self).map_err(|message| self.failed(step, "expressionFailed", message))
    }

    /// Gives a variable a value, and notes of what shape it is: never the value itself, which may be secret.
    pub(super) fn save(&mut self, step: &Step, name: &str, value: Value) {
        let shape = match &value {
            Value::List(list) => format!("a list of {}", list.items().len()),
            Value::Object(object) => format!("an object with {} fields", object.fields().len()),
            other => other.kind().to_owned(),
        };
        self.run.options.host.log(baigong_model::LogLevel::Trace, &format!("{}: {name} is now {shape}", step.id));
        self.variables.insert(name.to_owned(), value);
    }
}
