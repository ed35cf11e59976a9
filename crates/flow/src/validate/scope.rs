//! Which variables a step can read. A flow has one space of variables; a loop's item and a caught error live in their
//! steps only. What a step saves exists from that step on.

use std::collections::BTreeMap;

use crate::{
    built_in,
    document::{Flow, Step, Work},
    expression::names::TYPE_NAMES,
    problem::Place,
};

/// What is known where the check stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    inputs: Vec<String>,
    declared: Vec<String>,
    /// What has been saved on some way to here.
    saved: Vec<String>,
    /// Every `save:` of the flow, with the id of its first step.
    savers: BTreeMap<String, String>,
    locals: Vec<String>,
    /// Names declared twice: name, place, what is wrong.
    pub(super) clashes: Vec<(String, Place, String)>,
}

/// Why a name cannot be read.
pub(super) struct Reason {
    pub(super) cause: String,
    pub(super) is_later: bool,
}

impl Scope {
    /// The scope at the beginning of a flow: its in-parameters.
    pub(super) fn of(flow: &Flow) -> Self {
        let mut scope = Self::default();
        let declarations = flow.in_parameters.iter().map(|input| (&input.name, &input.place, "an in-parameter"));
        let outputs = flow.out_parameters.iter().map(|output| (&output.name, &output.place, "an out-parameter"));
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, place, kind) in declarations.chain(outputs) {
            if name == built_in::NAME {
                scope.clashes.push((name.clone(), place.clone(), taken()));
            }
            if let Some(other) = seen.insert(name, kind) {
                scope.clashes.push((
                    name.clone(),
                    place.clone(),
                    format!("\"{name}\" is declared as {other} and as {kind}"),
                ));
            }
        }
        for variable in &flow.variables {
            if variable.name == built_in::NAME {
                scope.clashes.push((variable.name.clone(), variable.place.clone(), taken()));
            }
            if flow.in_parameters.iter().any(|input| input.name == variable.name) {
                let cause = format!("\"{}\" is declared as an in-parameter and as a variable", variable.name);
                scope.clashes.push((variable.name.clone(), variable.place.clone(), cause));
            }
        }
        scope.inputs = flow.in_parameters.iter().map(|input| input.name.clone()).collect();
        visit(&flow.steps, &mut |step| {
            if let Some(name) = save_of(step) {
                if name == built_in::NAME {
                    scope.clashes.push((name.clone(), step.place.clone(), taken()));
                }
                if scope.inputs.contains(name) {
                    let cause = format!("\"{name}\" is an in-parameter, which a flow cannot change");
                    scope.clashes.push((name.clone(), step.place.clone(), cause));
                }
                scope.savers.entry(name.clone()).or_insert_with(|| step.id.clone());
            }
        });
        scope
    }

    pub(super) fn declare(&mut self, name: &str) {
        self.declared.push(name.to_owned());
    }

    pub(super) fn declare_outputs(&mut self, flow: &Flow) {
        self.declared.extend(flow.out_parameters.iter().map(|output| output.name.clone()));
    }

    pub(super) fn saved(&mut self, name: &str) {
        self.saved.push(name.to_owned());
    }

    /// What these steps save counts as saved: in a loop, they may have been run before.
    pub(super) fn expect_saves(&mut self, steps: &[Step]) {
        visit(steps, &mut |step| self.saved.extend(save_of(step).cloned()));
    }

    pub(super) fn enter(&mut self, names: impl Iterator<Item = String>) {
        self.locals.extend(names);
    }

    pub(super) fn leave(&mut self, count: usize) {
        self.locals.truncate(self.locals.len().saturating_sub(count));
    }

    /// What a branch that ran beside this one has saved.
    pub(super) fn absorb(&mut self, branch: &Self) {
        self.saved.extend(branch.saved.iter().cloned());
    }

    pub(super) fn is_input(&self, name: &str) -> bool {
        self.inputs.iter().any(|known| known == name)
    }

    pub(super) fn is_local(&self, name: &str) -> bool {
        self.locals.iter().any(|known| known == name)
    }

    /// Whether the flow has a variable of that name of its own.
    pub(super) fn is_declared(&self, name: &str) -> bool {
        self.is_input(name) || self.declared.iter().any(|known| known == name) || self.savers.contains_key(name)
    }

    /// Everything that can be read here.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let own = [&self.inputs, &self.declared, &self.saved, &self.locals].into_iter().flatten().map(String::as_str);
        own.chain([built_in::NAME])
    }

    /// Why `name` cannot be read here; `None` when it can.
    pub(super) fn why_not(&self, name: &str) -> Option<Reason> {
        let is_type = TYPE_NAMES.contains(&name) && !self.savers.contains_key(name);
        if is_type || self.names().any(|known| known == name) {
            return None;
        }
        Some(match self.savers.get(name) {
            Some(step) => {
                let cause = format!("\"{name}\" has no value yet: the step \"{step}\" that saves it comes later");
                Reason { cause, is_later: true }
            }
            None => Reason { cause: format!("there is no variable \"{name}\""), is_later: false },
        })
    }
}

/// Why a variable cannot be called like the one that every flow has.
fn taken() -> String {
    let fields = built_in::FIELDS.map(|field| format!("{}.{field}", built_in::NAME)).join(" and ");
    format!("the name \"{}\" is taken: every flow has {fields}", built_in::NAME)
}

fn save_of(step: &Step) -> Option<&String> {
    match &step.work {
        Work::Action { save, .. } | Work::Subflow { save, .. } => save.as_ref(),
        _ => None,
    }
}

/// All steps, those inside others included.
fn visit<'a>(steps: &'a [Step], visitor: &mut dyn FnMut(&'a Step)) {
    for step in steps {
        visitor(step);
        step.work.blocks().into_iter().for_each(|block| visit(block, visitor));
    }
}

/// The variables that these steps change.
pub(crate) fn written(steps: &[Step]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    visit(steps, &mut |step| {
        names.extend(save_of(step).cloned());
        if let Work::Set(fields) | Work::Append(fields) = &step.work {
            names.extend(fields.iter().map(|field| field.name.clone()));
        }
    });
    names.sort();
    names.dedup();
    names
}
