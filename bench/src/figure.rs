//! One line of the table: what was measured, what it was to be, and what the machine would allow.

use crate::stage::Engine;

/// What a value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    PerSecond,
    Milliseconds,
    Seconds,
    Megabytes,
}

impl Unit {
    /// As it stands behind a number.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PerSecond => "/s",
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::Megabytes => "MB",
        }
    }
}

/// What the issue asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// At least so much of the first limit.
    ShareOfLimit(f64),
}

impl Target {
    /// Whether `value` reaches it, beside what the first limit gave.
    pub(crate) fn is_met(self, value: f64, limit: Option<f64>) -> bool {
        match self {
            Self::AtLeast(target) => value >= target,
            Self::AtMost(target) => value <= target,
            Self::ShareOfLimit(share) => limit.is_some_and(|limit| value >= share * limit),
        }
    }
}

/// What the same machine gave for something simpler, in the same run.
#[derive(Debug, Clone)]
pub(crate) struct Limit {
    pub(crate) name: String,
    pub(crate) values: Vec<f64>,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    pub(crate) what: String,
    pub(crate) engine: Engine,
    pub(crate) unit: Unit,
    pub(crate) target: Option<Target>,
    /// One value a run.
    pub(crate) values: Vec<f64>,
    pub(crate) limits: Vec<Limit>,
}

impl Figure {
    /// A line that has not been measured yet.
    pub(crate) fn new(what: impl Into<String>, engine: Engine, unit: Unit) -> Self {
        Self { what: what.into(), engine, unit, target: None, values: Vec::new(), limits: Vec::new() }
    }

    /// With the target: of SQLite, then of PostgreSQL.
    pub(crate) fn at_least(self, sqlite: f64, postgres: f64) -> Self {
        let target = Target::AtLeast(if self.engine == Engine::Sqlite { sqlite } else { postgres });
        Self { target: Some(target), ..self }
    }

    /// The same for what is to be small.
    pub(crate) fn at_most(self, sqlite: f64, postgres: f64) -> Self {
        let target = Target::AtMost(if self.engine == Engine::Sqlite { sqlite } else { postgres });
        Self { target: Some(target), ..self }
    }

    /// With a target that is a share of the first limit beside it, whatever the engine.
    pub(crate) fn at_least_of_limit(self, share: f64) -> Self {
        Self { target: Some(Target::ShareOfLimit(share)), ..self }
    }

    /// Adds what a run gave.
    pub(crate) fn add(&mut self, value: f64) {
        self.values.push(value);
    }

    /// Adds what the limit `name` gave in the same run.
    pub(crate) fn beside(&mut self, name: &str, value: f64) {
        match self.limits.iter_mut().find(|limit| limit.name == name) {
            Some(limit) => limit.values.push(value),
            None => self.limits.push(Limit { name: name.to_owned(), values: vec![value] }),
        }
    }
}
