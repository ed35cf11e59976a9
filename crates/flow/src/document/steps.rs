//! Reads steps. Each kind of step is told by its first word in the table of [`forms`](super::forms).

use super::{
    Catch, Step, Work,
    forms::{ANY_STEP, CATCH, ELSE_IF, Field, STEPS},
    node::{Kind, Node},
    read::{Reader, at, below},
};
use crate::{
    expression::{Expression, Template},
    problem::Spot,
    suggestion::did_you_mean,
    value::Value,
};

/// The deepest nesting of steps in one document.
pub(crate) const DEEPEST_STEPS: usize = 32;
/// How often a `while` may go round unless it says more.
const ROUNDS: u64 = 1_000;
/// How often a `while` may say that it may go round.
const MOST_ROUNDS: u64 = 1_000_000;
/// How often a `retry` may say that it tries again.
const MOST_RETRIES: u64 = 1_000;

impl Reader {
    /// A list of steps.
    pub(crate) fn steps(&mut self, node: &Node, spot: &Spot) -> Vec<Step> {
        let Kind::List(items) = &node.kind else {
            let remedy = "write one \"- id: …\" for each step below it";
            self.report(spot, format!("a list of steps is needed here, not {}", node.kind()), remedy);
            return Vec::new();
        };
        if self.depth >= DEEPEST_STEPS {
            let cause = format!("the steps are nested more than {DEEPEST_STEPS} levels deep");
            self.report(spot, cause, "move the inner steps to a sub-flow and \"run:\" it");
            return Vec::new();
        }
        self.depth += 1;
        let steps = items.iter().enumerate().filter_map(|(place, item)| self.step(place, item, spot)).collect();
        self.depth -= 1;
        steps
    }

    fn step(&mut self, place: usize, node: &Node, outer: &Spot) -> Option<Step> {
        let id = node.get("id").filter(|id| matches!(&id.kind, Kind::Scalar(_)) && !id.is_null());
        let id = id.and_then(|id| match &id.kind {
            Kind::Scalar(id) => Some(id.to_string()),
            _ => None,
        });
        let word = id.clone().unwrap_or_else(|| format!("step {}", place + 1));
        let mut spot = outer.down(&word, node.line, node.column);
        spot.step = id.clone().or_else(|| outer.step.clone());
        let form = self.form(node, &spot)?;
        let fields = self.fields(node, &spot, form, ANY_STEP);
        let id = self.id(id, node, &spot);
        fields?;
        let title = node.get("title").and_then(|field| self.text(field, &at(&spot, "title", field)));
        let when = match node.get("when") {
            Some(field) => Some(self.condition(field, &at(&spot, "when", field))?),
            None => None,
        };
        let lead = form.first()?.name;
        let work = self.work(lead, node, &spot)?;
        Some(Step { id: id?, title, when, place: spot.place, work })
    }

    /// Which kind of step it is.
    fn form(&mut self, node: &Node, spot: &Spot) -> Option<&'static [Field]> {
        let fields = self.mapping(node, spot)?;
        let leads = || STEPS.iter().filter_map(|form| form.first()).map(|lead| lead.name);
        let found: Vec<&'static [Field]> = STEPS
            .iter()
            .copied()
            .filter(|form| form.first().is_some_and(|lead| node.get(lead.name).is_some()))
            .collect();
        match found.as_slice() {
            [form] => Some(form),
            [] => {
                let known = |name: &str| ANY_STEP.iter().any(|field| field.name == name);
                let odd = fields.iter().find(|(name, _)| !known(&name.text));
                let remedy = match odd {
                    Some((name, _)) => format!("\"{}:\" — {}", name.text, did_you_mean(&name.text, leads(), "words")),
                    None => format!("add one of: {}", leads().collect::<Vec<_>>().join(", ")),
                };
                self.report(spot, "the step does not say what it does", remedy);
                None
            }
            several => {
                let words: Vec<&str> = several.iter().filter_map(|form| form.first()).map(|lead| lead.name).collect();
                let cause = format!("the step does several things at once: {}", words.join(", "));
                self.report(spot, cause, "make a step of its own for each");
                None
            }
        }
    }

    fn id(&mut self, id: Option<String>, node: &Node, spot: &Spot) -> Option<String> {
        let id = id?;
        let spot = node.get("id").map_or_else(|| spot.clone(), |field| at(spot, "id", field));
        let fine = id.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) && id.chars().count() <= 64;
        if !fine {
            let remedy = "use up to 64 letters, digits, - and _";
            self.report(&spot, format!("\"{id}\" cannot be the id of a step"), remedy);
        }
        match self.ids.get(&id) {
            Some(first) => {
                let cause = format!("the id \"{id}\" is used twice: first in line {}", first.line);
                self.report(&spot, cause, "give this step an id of its own");
            }
            None => {
                self.ids.insert(id.clone(), spot.place.clone());
            }
        }
        Some(id)
    }

    fn work(&mut self, lead: &str, node: &Node, spot: &Spot) -> Option<Work> {
        let lead_node = node.get(lead)?;
        let lead_spot = at(spot, lead, lead_node);
        Some(match lead {
            "do" => Work::Action {
                name: self.text(lead_node, &lead_spot)?,
                place: lead_spot.place,
                with: self.optional_arguments(node, "with", spot),
                save: self.optional_name(node, "save", spot)?,
            },
            "set" => Work::Set(self.named(lead_node, &lead_spot)),
            "append" => Work::Append(self.named(lead_node, &lead_spot)),
            "if" => self.choice(node, spot)?,
            "forEach" => Work::ForEach {
                item: self.name_in(lead_node, &lead_spot)?,
                list: self.template(node.get("in")?, &at(spot, "in", node.get("in")?))?,
                index: self.optional_name(node, "index", spot)?,
                steps: self.steps_in(node, "steps", spot),
            },
            "while" => Work::While {
                condition: self.condition(lead_node, &lead_spot)?,
                at_most: self.count(node, "atMost", spot, MOST_ROUNDS)?.unwrap_or(ROUNDS),
                steps: self.steps_in(node, "steps", spot),
            },
            "try" => self.attempt(node, spot)?,
            "parallel" => self.parallel(lead_node, &lead_spot)?,
            "retry" => self.retry(node, spot)?,
            "run" => Work::Subflow {
                file: self.text(lead_node, &lead_spot)?,
                place: lead_spot.place,
                with: self.optional_arguments(node, "with", spot),
                save: self.optional_name(node, "save", spot)?,
            },
            "assert" => Work::Assert {
                condition: self.condition(lead_node, &lead_spot)?,
                message: self.optional_template(node, "message", spot)?,
            },
            "fail" => Work::Fail {
                message: self.template(lead_node, &lead_spot)?,
                code: self.optional_template(node, "code", spot)?.unwrap_or(Template::Literal(Value::text("failed"))),
            },
            "return" if lead_node.is_null() => Work::Return(Vec::new()),
            "return" => Work::Return(self.named(lead_node, &lead_spot)),
            "break" => self.bare(lead_node, &lead_spot, Work::Break)?,
            _ => self.bare(lead_node, &lead_spot, Work::Continue)?,
        })
    }

    /// `break:` and `continue:` stand alone, or with `true`.
    fn bare(&mut self, node: &Node, spot: &Spot, work: Work) -> Option<Work> {
        if node.is_null() || matches!(node.kind, Kind::Scalar(Value::Boolean(true))) {
            return Some(work);
        }
        self.report(spot, "nothing can stand behind this word", "use \"when:\" for a condition");
        None
    }

    fn choice(&mut self, node: &Node, spot: &Spot) -> Option<Work> {
        let mut branches = vec![self.branch(node, spot)];
        if let Some(others) = node.get("elseIf") {
            let spot = at(spot, "elseIf", others);
            let single = std::slice::from_ref(others);
            let others = if let Kind::List(items) = &others.kind { items.as_slice() } else { single };
            for (place, other) in others.iter().enumerate() {
                let spot = spot.down(&(place + 1).to_string(), other.line, other.column);
                let complete = self.fields(other, &spot, ELSE_IF, &[]).is_some();
                branches.push(if complete { self.branch(other, &spot) } else { None });
            }
        }
        let otherwise = if node.get("else").is_some() { self.steps_in(node, "else", spot) } else { Vec::new() };
        Some(Work::If { branches: branches.into_iter().collect::<Option<_>>()?, otherwise })
    }

    fn branch(&mut self, node: &Node, spot: &Spot) -> Option<(Expression, Vec<Step>)> {
        let condition = node.get("if").and_then(|field| self.condition(field, &at(spot, "if", field)));
        let steps = self.steps_in(node, "then", spot);
        Some((condition?, steps))
    }

    fn attempt(&mut self, node: &Node, spot: &Spot) -> Option<Work> {
        let steps = self.steps_in(node, "try", spot);
        let mut catches = Vec::new();
        if let Some(field) = node.get("catch") {
            let spot = at(spot, "catch", field);
            let single = std::slice::from_ref(field);
            let list = if let Kind::List(items) = &field.kind { items.as_slice() } else { single };
            for (place, item) in list.iter().enumerate() {
                catches.push(self.catch(item, &spot.down(&(place + 1).to_string(), item.line, item.column)));
            }
        }
        let finally = if node.get("finally").is_some() { self.steps_in(node, "finally", spot) } else { Vec::new() };
        if node.get("catch").is_none() && node.get("finally").is_none() {
            self.report(
                spot,
                "\"try:\" has neither \"catch:\" nor \"finally:\"",
                "add one of them, or leave out the try",
            );
        }
        Some(Work::Try { steps, catches: catches.into_iter().collect::<Option<_>>()?, finally })
    }

    fn catch(&mut self, node: &Node, spot: &Spot) -> Option<Catch> {
        self.fields(node, spot, CATCH, &[])?;
        let on = node.get("on").map(|field| self.codes(field, &at(spot, "on", field)));
        let name = self.optional_name(node, "as", spot)?;
        let steps = self.steps_in(node, "steps", spot);
        Some(Catch { on: on.unwrap_or(Some(Vec::new()))?, name: name.unwrap_or_else(|| "error".to_owned()), steps })
    }

    fn parallel(&mut self, node: &Node, spot: &Spot) -> Option<Work> {
        let fields = self.mapping(node, spot)?;
        if fields.len() > 16 {
            self.report(spot, "there are more than 16 branches", "put several groups into one branch");
        }
        let branches =
            fields.iter().map(|(name, field)| (name.text.clone(), self.steps(field, &below(spot, name, field))));
        Some(Work::Parallel(branches.collect()))
    }

    fn retry(&mut self, node: &Node, spot: &Spot) -> Option<Work> {
        let times = self.count(node, "retry", spot, MOST_RETRIES)?;
        let wait_seconds = self.optional_template(node, "waitSeconds", spot)?;
        if let Some(Template::Literal(value)) = &wait_seconds
            && value.exact().is_none_or(|seconds| seconds.is_sign_negative())
        {
            let spot = node.get("waitSeconds").map_or_else(|| spot.clone(), |field| at(spot, "waitSeconds", field));
            self.report(
                &spot,
                format!("a number of seconds is needed here, not {}", value.kind()),
                "write for example 5",
            );
        }
        let on = node.get("on").map(|field| self.codes(field, &at(spot, "on", field)));
        let repeat = node.get("repeatIrreversible");
        let repeat = repeat.and_then(|field| self.truth(field, &at(spot, "repeatIrreversible", field)));
        Some(Work::Retry {
            times: times?,
            wait_seconds: wait_seconds.unwrap_or(Template::Literal(Value::Integer(0))),
            on: on.unwrap_or(Some(Vec::new()))?,
            repeat_irreversible: repeat.unwrap_or(false),
            steps: self.steps_in(node, "steps", spot),
        })
    }

    fn steps_in(&mut self, node: &Node, name: &str, spot: &Spot) -> Vec<Step> {
        node.get(name).map(|field| self.steps(field, &at(spot, name, field))).unwrap_or_default()
    }

    fn optional_arguments(&mut self, node: &Node, name: &str, spot: &Spot) -> Vec<super::Named> {
        let field = node.get(name).filter(|field| !field.is_null());
        field.map(|field| self.arguments(field, &at(spot, name, field))).unwrap_or_default()
    }

    fn optional_template(&mut self, node: &Node, name: &str, spot: &Spot) -> Option<Option<Template>> {
        match node.get(name) {
            Some(field) => self.template(field, &at(spot, name, field)).map(Some),
            None => Some(None),
        }
    }

    fn optional_name(&mut self, node: &Node, name: &str, spot: &Spot) -> Option<Option<String>> {
        match node.get(name) {
            Some(field) => self.name_in(field, &at(spot, name, field)).map(Some),
            None => Some(None),
        }
    }

    fn name_in(&mut self, node: &Node, spot: &Spot) -> Option<String> {
        let name = self.text(node, spot)?;
        self.variable_name(&name, spot)
    }

    /// A whole number from 1 to `most`; the outer `None` when it is something else.
    fn count(&mut self, node: &Node, name: &str, spot: &Spot, most: u64) -> Option<Option<u64>> {
        let Some(field) = node.get(name) else { return Some(None) };
        let count = match &field.kind {
            Kind::Scalar(Value::Integer(count)) => {
                u64::try_from(*count).ok().filter(|count| (1..=most).contains(count))
            }
            _ => None,
        };
        if count.is_none() {
            let remedy = format!("write a number from 1 to {most}");
            self.report(&at(spot, name, field), "a whole number is needed here", remedy);
        }
        count.map(Some)
    }

    /// One error code, or a list of them.
    fn codes(&mut self, node: &Node, spot: &Spot) -> Option<Vec<String>> {
        match &node.kind {
            Kind::List(items) => items.iter().map(|item| self.text(item, spot)).collect(),
            _ => self.text(node, spot).map(|code| vec![code]),
        }
    }
}
