//! The control forms that hold steps: loops, try, parallel, retry, and other flows.

use std::{sync::Arc, time::Duration};

use baigong_model::LogLevel;
use indexmap::IndexMap;
use rust_decimal::{Decimal, prelude::ToPrimitive};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use super::{
    FlowError,
    frame::{Cleanup, Ended, Frame, Signal, Stop},
    parameters,
};
use crate::{
    decimal::shorten,
    document::{Catch, Named, Step, tidy},
    expression::{Expression, Template},
    validate::written,
    value::Value,
};

/// The longest wait between two tries, in seconds.
const LONGEST_WAIT: u64 = 24 * 60 * 60;

impl Frame {
    pub(super) async fn for_each(
        &mut self,
        step: &Step,
        item: &str,
        list: &Template,
        index: Option<&str>,
        steps: &[Step],
    ) -> Ended {
        let list = match self.fill(step, list)? {
            Value::List(list) => list,
            other => {
                let hint =
                    if matches!(other, Value::Object(_)) { "; keys(…) gives the names of its fields" } else { "" };
                let message = format!("\"in\" must be a list, but is {}{hint}", other.kind());
                return Err(self.failed(step, "notAList", message));
            }
        };
        let (path, locals) = (self.path.len(), self.locals.len());
        let mut ended = Ok(Signal::Next);
        for (place, value) in list.items().iter().enumerate() {
            self.path.truncate(path);
            self.path.push_str(&format!(" [{}]", place + 1));
            self.locals.truncate(locals);
            self.locals.push((item.to_owned(), value.clone()));
            if let Some(index) = index {
                self.locals.push((index.to_owned(), Value::Integer(i64::try_from(place).unwrap_or(i64::MAX))));
            }
            ended = self.steps(steps).await;
            match ended {
                Ok(Signal::Next | Signal::Continue) => ended = Ok(Signal::Next),
                Ok(Signal::Break) => {
                    ended = Ok(Signal::Next);
                    break;
                }
                Ok(Signal::Return) | Err(_) => break,
            }
        }
        self.path.truncate(path);
        self.locals.truncate(locals);
        ended
    }

    pub(super) async fn repeat(&mut self, step: &Step, condition: &Expression, at_most: u64, steps: &[Step]) -> Ended {
        let path = self.path.len();
        let mut rounds = 0;
        while self.holds(step, condition)? {
            if rounds == at_most {
                let message = format!(
                    "\"{}\" still holds after {at_most} rounds; check what should end the loop, or raise \"atMost\"",
                    condition.source
                );
                return Err(self.failed(step, "tooManyRounds", message));
            }
            rounds += 1;
            self.path.push_str(&format!(" [{rounds}]"));
            let ended = self.steps(steps).await;
            self.path.truncate(path);
            match ended? {
                Signal::Next | Signal::Continue => {}
                Signal::Break => break,
                Signal::Return => return Ok(Signal::Return),
            }
            if self.cancel.is_cancelled() {
                return Err(Stop::Cancelled);
            }
            tokio::task::yield_now().await;
        }
        Ok(Signal::Next)
    }

    pub(super) async fn attempt(&mut self, steps: &[Step], catches: &[Catch], finally: &[Step]) -> Ended {
        let mut ended = self.steps(steps).await;
        if let Err(Stop::Failed(error)) = &ended
            && let Some(catch) = catches.iter().find(|catch| matches(&catch.on, &error.code))
        {
            self.warn(&format!("caught: {error}"));
            let (path, locals) = (self.path.len(), self.locals.len());
            let value = error_value(error);
            self.path.push_str(" › catch");
            self.locals.push((catch.name.clone(), value));
            ended = self.steps(&catch.steps).await;
            self.locals.truncate(locals);
            self.path.truncate(path);
        }
        if finally.is_empty() {
            return ended;
        }
        let path = self.path.len();
        self.path.push_str(" › finally");
        let cancelled = matches!(ended, Err(Stop::Cancelled));
        let before = self.cancel.clone();
        if cancelled {
            self.cancel = self.cleanup_token();
        }
        let last = self.steps(finally).await;
        self.cancel = before;
        self.path.truncate(path);
        match (ended, last) {
            (Ok(Signal::Next), last) => last,
            (Ok(signal), Ok(_)) => Ok(signal),
            (Ok(_), Err(stop)) => Err(stop),
            (Err(stop), Ok(_)) => Err(stop),
            (Err(stop), Err(second)) => {
                let second = match second {
                    Stop::Failed(error) => error.to_string(),
                    Stop::Cancelled => "they took too long after the cancellation".to_owned(),
                };
                self.warn(&format!("the finally steps did not end well: {second}"));
                Err(stop)
            }
        }
    }

    pub(super) async fn parallel(&mut self, step: &Step, branches: &[(String, Vec<Step>)]) -> Ended {
        let cancel = self.cancel.child_token();
        let cleanup = Arc::new(Cleanup::new(cancel.clone(), self.run.options.limits.cleanup));
        let mut running = JoinSet::new();
        for (place, (name, steps)) in branches.iter().enumerate() {
            let mut branch = self.clone();
            branch.down(name);
            branch.cancel = cancel.clone();
            branch.cleanups.push(cleanup.clone());
            let steps = steps.clone();
            // A task of its own: branches run on several threads, each on a fresh stack.
            running.spawn(async move {
                let ended = branch.steps(&steps).await;
                (place, ended, branch)
            });
        }
        let mut first: Option<Stop> = None;
        let mut finished = Vec::new();
        while let Some(joined) = running.join_next().await {
            let stop = match joined {
                Ok((place, Ok(_), branch)) => {
                    finished.push((place, branch));
                    continue;
                }
                Ok((_, Err(stop), _)) => stop,
                Err(_) => self.failed(step, "internal", "a branch broke off: this is a fault of Baigong"),
            };
            cancel.cancel();
            // A branch that was stopped because of another's error does not hide that error.
            first = match (first, stop) {
                (None | Some(Stop::Cancelled), stop) => Some(stop),
                (first, _) => first,
            };
        }
        if let Some(stop) = first {
            return Err(if self.cancel.is_cancelled() { Stop::Cancelled } else { stop });
        }
        for (place, mut branch) in finished {
            for name in written(&branches[place].1) {
                if let Some(value) = branch.variables.remove(&name) {
                    self.variables.insert(name, value);
                }
            }
        }
        Ok(Signal::Next)
    }

    pub(super) async fn retry(
        &mut self,
        step: &Step,
        times: u64,
        wait_seconds: &Template,
        on: &[String],
        steps: &[Step],
    ) -> Ended {
        let path = self.path.len();
        let mut tried = 0;
        loop {
            self.path.push_str(&format!(" [try {}]", tried + 1));
            let ended = self.steps(steps).await;
            self.path.truncate(path);
            let error = match ended {
                Err(Stop::Failed(error)) if tried < times && matches(on, &error.code) => error,
                other => return other,
            };
            tried += 1;
            let wait = self.wait_of(step, wait_seconds)?;
            self.warn(&format!("try {tried} failed, trying again in {} s: {error}", wait.as_secs_f64()));
            // The wait ends early when the run is cancelled.
            tokio::select! {
                () = self.run.options.pause.elapsed(wait) => {}
                () = self.cancel.cancelled() => return Err(Stop::Cancelled),
            }
        }
    }

    fn wait_of(&self, step: &Step, seconds: &Template) -> Result<Duration, Stop> {
        let value = self.fill(step, seconds)?;
        let seconds = match &value {
            Value::Text(text) => crate::decimal::parse_decimal(text).ok(),
            other => other.exact(),
        };
        let milliseconds = seconds
            .filter(|seconds| !seconds.is_sign_negative() && *seconds <= Decimal::from(LONGEST_WAIT))
            .and_then(|seconds| (seconds * Decimal::from(1_000)).to_u64());
        milliseconds.map(Duration::from_millis).ok_or_else(|| {
            let message =
                format!("\"waitSeconds\" must be a number of seconds from 0 to {LONGEST_WAIT}, but is {value}");
            self.failed(step, "invalidParameter", message)
        })
    }

    /// Runs another flow of the set; gives its out-parameters as an object.
    pub(super) async fn subflow(&mut self, step: &Step, file: &str, with: &[Named]) -> Result<Value, Stop> {
        let deepest = self.run.options.limits.deepest_sub_flow;
        if self.depth >= deepest {
            let message = format!("flows have run each other {deepest} times over; check which flow runs itself");
            return Err(self.failed(step, "tooDeep", message));
        }
        let Some(flow) = tidy(file).ok().and_then(|file| self.run.set.flow(&file)).cloned() else {
            return Err(self.failed(
                step,
                "fileNotFound",
                format!("there is no flow document \"{file}\" in the package"),
            ));
        };
        let mut given = IndexMap::new();
        for field in with {
            given.insert(field.name.clone(), self.fill(step, &field.value)?);
        }
        let inputs = parameters::from_values(&flow, &given)
            .map_err(|message| self.failed(step, "invalidInput", format!("{file}: {message}")))?;
        let frame = self.inner(flow);
        // A task of its own, so that flows that run each other never pile up on one stack.
        let ended = AbortOnDropHandle::new(tokio::spawn(frame.run_flow(inputs))).await;
        let outputs = match ended {
            Ok(ended) => ended?,
            Err(_) => return Err(self.failed(step, "internal", "the flow broke off: this is a fault of Baigong")),
        };
        Value::object(outputs).map_err(|error| self.failed(step, "tooLarge", error.to_string()))
    }

    fn warn(&self, message: &str) {
        self.run.options.host.log(LogLevel::Warn, &shorten(message, 2_000));
    }
}

fn matches(on: &[String], code: &str) -> bool {
    on.is_empty() || on.iter().any(|wanted| wanted == code)
}

/// The error as the steps of a `catch` see it.
fn error_value(error: &FlowError) -> Value {
    let fields = [
        ("code", error.code.clone()),
        ("message", error.message.clone()),
        ("step", error.step.clone().unwrap_or_default()),
        ("path", error.path.clone()),
    ];
    let fields = fields.into_iter().map(|(name, text)| (name.to_owned(), Value::text(text))).collect();
    Value::object(fields).unwrap_or_default()
}
