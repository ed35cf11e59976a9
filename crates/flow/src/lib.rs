//! The flow document: parse, validate, run. Knows the words of a flow (steps, variables, expressions) but no action of
//! its own, and reaches the world only through [`Host`].

pub mod action;
mod built_in;
mod convert;
mod decimal;
mod document;
mod expression;
pub mod host;
mod pause;
mod problem;
mod run;
mod suggestion;
mod validate;
mod value;

pub use action::{Action, ActionContext, ActionEffect, ActionError, ActionTable};
pub use built_in::RunIdentity;
pub use convert::{check_text, is_none_given};
pub use decimal::{parse_decimal, round_half_up};
pub use document::{Flow, FlowSet, ParameterDeclaration, ParameterType, flow_schema};
pub use host::{
    Credential, HeldItem, Host, HostError, NewQueueItem, QueueItem, QueueOrigin, QueueOutcome, ScreenCover, StepEvent,
    StepState,
};
pub use pause::Pause;
pub use problem::{Place, Problem, Problems};
pub use run::{FlowError, Outcome, RunLimits, RunOptions, run};
pub use validate::validate;
pub use value::{List, Object, TooLarge, Value};
