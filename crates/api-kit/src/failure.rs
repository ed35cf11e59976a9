//! Why a request was not served, before a dialect has put it into its own words.

use std::{
    fmt::{self, Display},
    hash::{BuildHasher, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use baigong_model::Error;

/// Why a request was not served.
#[derive(Debug)]
pub enum Failure {
    /// A field of the body is not as the operation prints it.
    Shape(Problem),
    /// A header is absent or empty.
    Header {
        /// Its name.
        name: &'static str,
        /// [`ProblemKind::Absent`] or [`ProblemKind::Empty`].
        kind: ProblemKind,
    },
    /// The body is not JSON, not an object, nested too deep, or says a thing twice; the text says which.
    MalformedBody(String),
    /// The content type is not the one the operation takes.
    ContentType {
        /// What the operation takes.
        expected: &'static str,
    },
    /// The body is larger than this many bytes.
    TooLarge(usize),
    /// An upload could not be stored; the log says why.
    NotStored,
    /// Nothing is served at this path.
    NoSuchOperation,
    /// The path is served, but not by this method.
    WrongMethod,
    /// A refusal that only this dialect knows, by its code.
    Dialect {
        /// The dialect's code.
        code: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// The operation refused.
    Error(Error),
    /// A fault of ours; its cause is in the log under this id.
    Fault {
        /// The id under which the log tells more.
        id: String,
    },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Shape(problem)
    }
}

impl Failure {
    /// Writes a fault of ours to the log and gives what may be shown of it: an id to find it by.
    pub(crate) fn fault(path: &str, cause: &dyn Display) -> Self {
        static RUN: LazyLock<u32> = LazyLock::new(|| (RandomState::new().hash_one(0) >> 32) as u32);
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let id = format!("{:08x}-{}", *RUN, COUNT.fetch_add(1, Ordering::Relaxed));
        tracing::error!(%id, path, %cause, "request failed through a fault of ours");
        Self::Fault { id }
    }
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands: `inParameters[0].name`.
    pub field: String,
    /// What is wrong with it.
    pub kind: ProblemKind,
}

/// What can be wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// Required, and not there.
    Absent,
    /// Required, and null or "".
    Empty,
    /// Of another JSON type than printed.
    Mistyped {
        /// The printed type: `string`, `integer`, `number`, `boolean`, `array`, `object`.
        expected: &'static str,
    },
    /// Of the right type, but beyond its limits.
    OutOfRange(Limit),
    /// Not a field of this operation; only where the dialect refuses such.
    Unknown,
}

/// A limit that a value of the right type can be beyond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limit {
    /// The least and the most a number may be.
    Between(i64, i64),
    /// The most characters a text may have.
    Characters(usize),
    /// No text may hold U+0000: PostgreSQL cannot store it, and no name or remark needs it.
    NoNul,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Between(least, most) => write!(f, "must be between {least} and {most}"),
            Self::Characters(most) => write!(f, "must have at most {most} characters"),
            Self::NoNul => f.write_str("must not hold the character U+0000"),
        }
    }
}

impl Problem {
    pub(crate) fn new(field: impl Into<String>, kind: ProblemKind) -> Self {
        Self { field: field.into(), kind }
    }

    /// The same problem, seen from the outside of `outer`.
    pub(crate) fn within(mut self, outer: impl Display) -> Self {
        let separator = if self.field.is_empty() || self.field.starts_with('[') { "" } else { "." };
        self.field = format!("{outer}{separator}{}", self.field);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = &self.field;
        match &self.kind {
            ProblemKind::Absent => write!(f, "{field} is required"),
            ProblemKind::Empty => write!(f, "{field} must not be empty"),
            ProblemKind::Mistyped { expected } => write!(f, "{field} must be of type {expected}"),
            ProblemKind::OutOfRange(limit) => write!(f, "{field} {limit}"),
            ProblemKind::Unknown => write!(f, "{field} is not a field of this operation"),
        }
    }
}
