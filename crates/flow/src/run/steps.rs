//! One step after the other. Each control form that holds steps is next door in `control`.

use std::{future::Future, pin::Pin, sync::atomic::Ordering};

use super::frame::{Ended, Frame, Signal, Stop};
use crate::{
    document::{Named, Step, Work},
    host::{StepEvent, StepState},
    value::Value,
};

/// After so many steps the run lets others on the thread have a turn.
const TURN: u64 = 64;

impl Frame {
    /// Runs these steps. Boxed, since steps hold steps; their depth is bounded when a document is read.
    pub(super) fn steps<'a>(&'a mut self, steps: &'a [Step]) -> Pin<Box<dyn Future<Output = Ended> + Send + 'a>> {
        Box::pin(async move {
            for step in steps {
                let signal = self.step(step).await?;
                if signal != Signal::Next {
                    return Ok(signal);
                }
            }
            Ok(Signal::Next)
        })
    }

    async fn step(&mut self, step: &Step) -> Ended {
        if self.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        if self.run.options.pause.is_on() {
            tokio::select! {
                () = self.run.options.pause.over() => {}
                () = self.cancel.cancelled() => return Err(Stop::Cancelled),
            }
        }
        let taken = self.run.taken.fetch_add(1, Ordering::Relaxed);
        if taken.is_multiple_of(TURN) {
            tokio::task::yield_now().await;
        }
        let segment = match step.work.blocks().is_empty() {
            true => step.id.clone(),
            false => format!("{} {}", step.work.keyword(), step.id),
        };
        let before = self.down(&segment);
        let ended = self.step_here(step, taken).await;
        self.up(before);
        ended
    }

    async fn step_here(&mut self, step: &Step, taken: u64) -> Ended {
        let most = self.run.options.limits.most_steps;
        if taken >= most {
            let message = format!("the run has taken {most} steps and is stopped; check its loops, or split the work");
            return Err(self.failed(step, "tooManySteps", message));
        }
        if let Some(when) = &step.when
            && !self.holds(step, when)?
        {
            return Ok(Signal::Next);
        }
        self.tell(step, StepState::Started);
        let ended = self.work(step).await;
        self.tell(step, if ended.is_ok() { StepState::Succeeded } else { StepState::Failed });
        ended
    }

    fn tell(&self, step: &Step, state: StepState) {
        self.run.options.host.step(StepEvent {
            step: step.id.clone(),
            path: self.path.clone(),
            title: step.shown_title(),
            state,
        });
    }

    async fn work(&mut self, step: &Step) -> Ended {
        match &step.work {
            Work::Action { name, with, save, .. } => {
                let result = self.call(step, name, with).await?;
                if let Some(name) = save {
                    self.save(step, name, result);
                }
                Ok(Signal::Next)
            }
            Work::Set(fields) => self.set(step, fields).map(|()| Signal::Next),
            Work::Append(fields) => self.append(step, fields).map(|()| Signal::Next),
            Work::If { branches, otherwise } => {
                for (condition, steps) in branches {
                    if self.holds(step, condition)? {
                        return self.steps(steps).await;
                    }
                }
                self.steps(otherwise).await
            }
            Work::ForEach { item, list, index, steps } => {
                self.for_each(step, item, list, index.as_deref(), steps).await
            }
            Work::While { condition, at_most, steps } => self.repeat(step, condition, *at_most, steps).await,
            Work::Try { steps, catches, finally } => self.attempt(steps, catches, finally).await,
            Work::Parallel(branches) => self.parallel(step, branches).await,
            Work::Retry { times, wait_seconds, on, steps, .. } => {
                self.retry(step, *times, wait_seconds, on, steps).await
            }
            Work::Subflow { file, with, save, .. } => {
                let result = self.subflow(step, file, with).await?;
                if let Some(name) = save {
                    self.save(step, name, result);
                }
                Ok(Signal::Next)
            }
            Work::Assert { condition, message } => {
                if self.holds(step, condition)? {
                    return Ok(Signal::Next);
                }
                let message = match message {
                    Some(message) => self.fill(step, message)?.to_string(),
                    None => format!("\"{}\" does not hold", condition.source),
                };
                Err(self.failed(step, "assertionFailed", message))
            }
            Work::Fail { message, code } => {
                let (message, code) = (self.fill(step, message)?.to_string(), self.fill(step, code)?.to_string());
                Err(self.failed(step, &code, message))
            }
            Work::Return(fields) => self.set(step, fields).map(|()| Signal::Return),
            Work::Break => Ok(Signal::Break),
            Work::Continue => Ok(Signal::Continue),
        }
    }

    fn set(&mut self, step: &Step, fields: &[Named]) -> Result<(), Stop> {
        for field in fields {
            let value = self.fill(step, &field.value)?;
            self.save(step, &field.name, value);
        }
        Ok(())
    }

    fn append(&mut self, step: &Step, fields: &[Named]) -> Result<(), Stop> {
        for field in fields {
            let item = self.fill(step, &field.value)?;
            let appended = match self.variables.get_mut(&field.name) {
                Some(list @ Value::List(_)) => list.append(item).map_err(|error| error.to_string()),
                Some(empty @ Value::Null) => {
                    Value::list(vec![item]).map(|list| *empty = list).map_err(|error| error.to_string())
                }
                Some(other) => Err(format!("it is {}, not a list", other.kind())),
                None => Err("there is no such variable".to_owned()),
            };
            appended.map_err(|cause| {
                self.failed(
                    step,
                    "expressionFailed",
                    format!("nothing can be put at the end of \"{}\": {cause}", field.name),
                )
            })?;
        }
        Ok(())
    }
}
