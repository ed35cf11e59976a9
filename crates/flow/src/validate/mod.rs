//! Checks a set of flows against the actions there are, without running anything. Finds every problem it can: unknown
//! actions, parameters, variables and functions, jumps out of nowhere, results that nobody can have saved yet.

mod parameters;
mod scope;
#[cfg(test)]
mod tests;

pub(crate) use parameters::Parameters;
use parameters::mismatches;
pub(crate) use scope::written;

use crate::{
    action::{ActionEffect, ActionTable},
    built_in,
    convert::to_type,
    document::{Flow, FlowSet, Named, ParameterDeclaration, Step, Work, tidy},
    expression::{Expression, Template, known_functions},
    problem::{Place, Problems, Spot},
    suggestion::did_you_mean,
};
use scope::Scope;

/// Checks all flows of `set`.
#[must_use]
pub fn validate(set: &FlowSet, actions: &ActionTable) -> Problems {
    let mut problems = Problems::new();
    for flow in set.flows() {
        let mut check = Check {
            set,
            actions,
            flow,
            scope: Scope::of(flow),
            problems: &mut problems,
            loops: 0,
            in_parallel: false,
            guarded: false,
        };
        check.flow();
    }
    problems.sort();
    problems
}

struct Check<'a> {
    set: &'a FlowSet,
    actions: &'a ActionTable,
    flow: &'a Flow,
    scope: Scope,
    problems: &'a mut Problems,
    /// How many loops are around the present step, inside its branch.
    loops: usize,
    in_parallel: bool,
    /// Inside a retry that must not repeat what cannot be undone.
    guarded: bool,
}

impl Check<'_> {
    fn report(&mut self, spot: &Spot, cause: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(spot.problem(cause, remedy));
    }

    fn spot(&self, step: &Step, word: &str, place: &Place) -> Spot {
        let mut spot = Spot::file(&self.flow.file).down("steps", 0, 0).down(&step.id, place.line, place.column);
        spot.step = Some(step.id.clone());
        if word.is_empty() { spot } else { spot.down(word, place.line, place.column) }
    }

    fn flow(&mut self) {
        let whole = Spot::file(&self.flow.file);
        for (name, place, cause) in self.scope.clashes.clone() {
            let spot = whole.down(&name, place.line, place.column);
            self.report(&spot, cause, "give one of them another name");
        }
        for variable in &self.flow.variables {
            let spot = whole.down("variables", 0, 0).down(&variable.name, variable.place.line, variable.place.column);
            self.template(&variable.value, &spot);
            self.scope.declare(&variable.name);
        }
        self.scope.declare_outputs(self.flow);
        self.steps(&self.flow.steps);
    }

    fn steps(&mut self, steps: &[Step]) {
        let mut ended: Option<&Step> = None;
        for step in steps {
            if let Some(end) = ended.take() {
                let spot = self.spot(step, "", &step.place);
                let cause = format!("the step can never be reached: \"{}\" before it always leaves", end.id);
                self.report(&spot, cause, "remove it, or give the step before it a \"when:\"");
            }
            self.step(step);
            let leaves = matches!(step.work, Work::Break | Work::Continue | Work::Return(_) | Work::Fail { .. });
            ended = (leaves && step.when.is_none()).then_some(step);
        }
    }

    fn step(&mut self, step: &Step) {
        if let Some(when) = &step.when {
            self.expression(when, &self.spot(step, "when", &step.place));
        }
        match &step.work {
            Work::Action { name, place, with, save } => {
                self.action(step, name, place, with);
                self.save(save.as_ref());
            }
            Work::Subflow { file, place, with, save } => {
                self.subflow(step, file, place, with);
                self.save(save.as_ref());
            }
            Work::Set(fields) | Work::Append(fields) => self.assignments(step, fields),
            Work::Return(fields) => self.result(step, fields),
            Work::If { branches, otherwise } => {
                for (condition, steps) in branches {
                    self.expression(condition, &self.spot(step, "if", &step.place));
                    self.steps(steps);
                }
                self.steps(otherwise);
            }
            Work::ForEach { item, list, index, steps } => {
                self.template(list, &self.spot(step, "in", &step.place));
                if let Template::Literal(literal) = list
                    && !matches!(literal, crate::Value::List(_))
                {
                    let cause = format!("a list is needed here, not {}", literal.kind());
                    self.report(&self.spot(step, "in", &step.place), cause, "write \"in: ${the list's variable}\"");
                }
                let names: Vec<&String> = [Some(item), index.as_ref()].into_iter().flatten().collect();
                self.in_scope(step, &names, |check| check.round(steps));
            }
            Work::While { condition, steps, .. } => {
                self.scope.expect_saves(steps);
                self.expression(condition, &self.spot(step, "while", &step.place));
                self.round(steps);
            }
            Work::Try { steps, catches, finally } => {
                self.steps(steps);
                for catch in catches {
                    self.in_scope(step, &[&catch.name], |check| check.steps(&catch.steps));
                }
                let loops = std::mem::take(&mut self.loops);
                self.steps(finally);
                self.no_return(finally, "finally");
                self.loops = loops;
            }
            Work::Parallel(branches) => self.parallel(step, branches),
            Work::Retry { wait_seconds, steps, repeat_irreversible, .. } => {
                self.template(wait_seconds, &self.spot(step, "waitSeconds", &step.place));
                let before = self.guarded;
                self.guarded = before || !repeat_irreversible;
                self.steps(steps);
                self.guarded = before;
            }
            Work::Assert { condition, message } => {
                self.expression(condition, &self.spot(step, "assert", &step.place));
                if let Some(message) = message {
                    self.template(message, &self.spot(step, "message", &step.place));
                }
            }
            Work::Fail { message, code } => {
                self.template(message, &self.spot(step, "fail", &step.place));
                self.template(code, &self.spot(step, "code", &step.place));
            }
            Work::Break | Work::Continue if self.loops == 0 => {
                let word = step.work.keyword();
                let cause = format!("\"{word}\" stands in no loop that it could act on");
                let remedy = "put it inside a forEach or while of the same branch; use return: to end the flow";
                self.report(&self.spot(step, word, &step.place), cause, remedy);
            }
            Work::Break | Work::Continue => {}
        }
    }

    /// The steps of a loop: what a later step of the body saves can be read from the second round on.
    fn round(&mut self, steps: &[Step]) {
        self.scope.expect_saves(steps);
        self.loops += 1;
        self.steps(steps);
        self.loops -= 1;
    }

    fn in_scope(&mut self, step: &Step, names: &[&String], inside: impl FnOnce(&mut Self)) {
        for name in names {
            if self.scope.is_declared(name) || *name == built_in::NAME {
                let cause = format!("the name \"{name}\" is taken by a variable of the flow");
                self.report(&self.spot(step, "", &step.place), cause, "choose another name here");
            }
        }
        self.scope.enter(names.iter().map(|name| (*name).clone()));
        inside(self);
        self.scope.leave(names.len());
    }

    fn parallel(&mut self, step: &Step, branches: &[(String, Vec<Step>)]) {
        let (loops, in_parallel) = (std::mem::take(&mut self.loops), std::mem::replace(&mut self.in_parallel, true));
        let mut written: Vec<(String, &str)> = Vec::new();
        let before = self.scope.clone();
        let mut after = before.clone();
        for (branch, steps) in branches {
            self.scope = before.clone();
            self.steps(steps);
            after.absorb(&self.scope);
            for name in scope::written(steps) {
                match written.iter().find(|(known, other)| *known == name && *other != branch) {
                    Some((_, other)) => {
                        let cause = format!("the branches \"{other}\" and \"{branch}\" both change \"{name}\"");
                        let remedy = "let each branch change variables of its own, and put them together afterwards";
                        self.report(&self.spot(step, "parallel", &step.place), cause, remedy);
                    }
                    None => written.push((name, branch)),
                }
            }
        }
        self.scope = after;
        (self.loops, self.in_parallel) = (loops, in_parallel);
    }

    fn result(&mut self, step: &Step, fields: &[Named]) {
        let spot = self.spot(step, "return", &step.place);
        if self.in_parallel {
            let remedy = "let the branch end, and return after the parallel step";
            self.report(&spot, "\"return\" cannot stand in a branch of parallel", remedy);
        }
        for field in fields {
            let spot = self.spot(step, "return", &field.place).down(&field.name, field.place.line, field.place.column);
            self.template(&field.value, &spot);
            let outputs = || self.flow.out_parameters.iter().map(|output| output.name.as_str());
            if !outputs().any(|output| output == field.name) {
                let remedy = did_you_mean(&field.name, outputs(), "out-parameters");
                self.report(&spot, format!("there is no out-parameter \"{}\"", field.name), remedy);
            }
        }
    }

    /// `return` in a `finally` would hide the error or the cancellation that led there.
    fn no_return(&mut self, steps: &[Step], word: &str) {
        for step in steps {
            if matches!(step.work, Work::Return(_)) {
                let spot = self.spot(step, "return", &step.place);
                self.report(&spot, format!("\"return\" cannot stand in \"{word}\""), "put it after the try");
            }
            step.work.blocks().into_iter().for_each(|block| self.no_return(block, word));
        }
    }

    fn assignments(&mut self, step: &Step, fields: &[Named]) {
        let word = step.work.keyword();
        for field in fields {
            let spot = self.spot(step, word, &field.place).down(&field.name, field.place.line, field.place.column);
            self.template(&field.value, &spot);
            let name = field.name.as_str();
            if self.scope.is_input(name) {
                let remedy = "declare a variable of its own under \"variables:\"";
                self.report(&spot, format!("\"{name}\" is an in-parameter, which a flow cannot change"), remedy);
            } else if self.scope.is_local(name) {
                let remedy = "declare a variable under \"variables:\"";
                self.report(
                    &spot,
                    format!("\"{name}\" belongs to the loop or catch around it and cannot be changed"),
                    remedy,
                );
            } else if name == built_in::NAME {
                let cause = format!("\"{name}\" says which run this is, and cannot be changed");
                self.report(&spot, cause, "declare a variable of another name under \"variables:\"");
            } else if !self.scope.is_declared(name) {
                let near = did_you_mean(name, self.scope.names(), "variables");
                let cause = format!("there is no variable \"{name}\" to change");
                self.report(&spot, cause, format!("{near}, or declare it under \"variables:\""));
            }
        }
    }

    fn save(&mut self, name: Option<&String>) {
        if let Some(name) = name {
            self.scope.saved(name);
        }
    }

    fn action(&mut self, step: &Step, name: &str, place: &Place, with: &[Named]) {
        for field in with {
            let spot = self.spot(step, "with", &field.place).down(&field.name, field.place.line, field.place.column);
            self.template(&field.value, &spot);
        }
        let spot = self.spot(step, "do", place);
        let Some(action) = self.actions.get(name) else {
            let remedy = did_you_mean(name, self.actions.iter().map(|action| action.name), "actions");
            self.report(&spot, format!("there is no action \"{name}\""), remedy);
            return;
        };
        if self.guarded && action.effect == ActionEffect::Irreversible {
            let cause = format!("\"{name}\" cannot be undone, and the retry around it would do it again");
            let remedy = "move it out of the retry, or say \"repeatIrreversible: true\" where that is wanted";
            self.report(&spot, cause, remedy);
        }
        let parameters = Parameters::of(action);
        for field in with {
            let spot = self.spot(step, "with", &field.place).down(&field.name, field.place.line, field.place.column);
            match parameters.get(&field.name) {
                Some(schema) => {
                    for mismatch in mismatches(&parameters, schema, &field.value) {
                        self.report(&spot, format!("\"{}\" {mismatch}", field.name), "give a value of that kind");
                    }
                }
                None if parameters.open => {}
                None => {
                    let remedy = did_you_mean(&field.name, parameters.names(), "parameters");
                    self.report(&spot, format!("\"{name}\" has no parameter \"{}\"", field.name), remedy);
                }
            }
        }
        let missing = parameters.required().filter(|wanted| !with.iter().any(|field| field.name == *wanted));
        for missing in missing.map(str::to_owned).collect::<Vec<_>>() {
            let help = parameters.help(&missing);
            let spot = self.spot(step, "with", &step.place);
            self.report(
                &spot,
                format!("\"{name}\" needs the parameter \"{missing}\""),
                format!("add it to \"with:\". {help}"),
            );
        }
    }

    fn subflow(&mut self, step: &Step, file: &str, place: &Place, with: &[Named]) {
        for field in with {
            let spot = self.spot(step, "with", &field.place).down(&field.name, field.place.line, field.place.column);
            self.template(&field.value, &spot);
        }
        let Some(flow) = tidy(file).ok().and_then(|file| self.set.flow(&file)).cloned() else {
            let spot = self.spot(step, "run", place);
            self.report(&spot, format!("there is no flow document \"{file}\" in the package"), "correct the name");
            return;
        };
        for field in with {
            let spot = self.spot(step, "with", &field.place).down(&field.name, field.place.line, field.place.column);
            let declared = || flow.in_parameters.iter();
            match (declared().find(|declared| declared.name == field.name), &field.value) {
                (Some(declared), Template::Literal(value)) => {
                    if let Err(cause) = to_type(value, declared.parameter_type) {
                        self.report(&spot, format!("\"{}\" {cause}", field.name), "give a value of that kind");
                    }
                }
                (Some(_), _) => {}
                (None, _) => {
                    let remedy =
                        did_you_mean(&field.name, declared().map(|known| known.name.as_str()), "in-parameters");
                    self.report(&spot, format!("{file} has no in-parameter \"{}\"", field.name), remedy);
                }
            }
        }
        let is_missing = |declared: &&ParameterDeclaration| {
            declared.required && !with.iter().any(|field| field.name == declared.name)
        };
        for missing in flow.in_parameters.iter().filter(is_missing) {
            let spot = self.spot(step, "with", &step.place);
            let cause = format!("{file} needs the in-parameter \"{}\"", missing.name);
            self.report(&spot, cause, format!("add it to \"with:\". {}", missing.description));
        }
    }

    fn template(&mut self, template: &Template, spot: &Spot) {
        for expression in template.expressions() {
            self.expression(expression, spot);
        }
    }

    fn expression(&mut self, expression: &Expression, spot: &Spot) {
        let mut spot = spot.clone();
        if let Some((line, column)) = expression.position {
            (spot.place.line, spot.place.column) = (line, column);
        }
        let spot = &spot;
        for name in expression.variables.iter() {
            if let Some(reason) = self.scope.why_not(name) {
                let remedy = did_you_mean(name, self.scope.names(), "variables");
                let remedy = if reason.is_later { "move this step behind that one".to_owned() } else { remedy };
                self.report(spot, format!("in \"{}\": {}", expression.source, reason.cause), remedy);
            }
        }
        for (_, field) in expression.fields.iter().filter(|(name, _)| name == built_in::NAME) {
            if !built_in::FIELDS.contains(&field.as_str()) {
                let remedy = did_you_mean(field, built_in::FIELDS, "fields");
                let cause = format!("in \"{}\": \"{}\" has no field \"{field}\"", expression.source, built_in::NAME);
                self.report(spot, cause, remedy);
            }
        }
        for call in expression.calls.iter() {
            if !known_functions().any(|known| known == call.name) {
                let remedy = match call.name.as_str() {
                    "double" => "write decimal(…): numbers are exact here".to_owned(),
                    name => did_you_mean(name, known_functions(), "functions"),
                };
                self.report(
                    spot,
                    format!("in \"{}\": there is no function \"{}\"", expression.source, call.name),
                    remedy,
                );
            }
        }
    }
}
