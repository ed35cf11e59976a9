//! The flow document: parse, validate, run. Knows the words of a flow (steps, variables, expressions) but no action of
//! its own, and reaches the world only through [`Host`].

pub mod action;
pub mod host;

pub use action::{Action, ActionContext, ActionEffect, ActionError, ActionTable};
pub use host::{Host, HostError, NewQueueItem, QueueItem, QueueOutcome, StepEvent, StepState};
