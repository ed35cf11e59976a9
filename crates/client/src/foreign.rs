//! One view of platforms and robots that speak different dialects: what can be run there, what runs, and how a run goes.
//! Ids are texts, because dialects disagree about them.

mod oapi;
mod standard;

use std::str::FromStr;

use baigong_model::{LogLevel, Parameter, Secret};
use serde::{Deserialize, Serialize};

use crate::{
    Cipher, Result,
    oapi::Oapi,
    tsac::{Account, Tsac},
};

/// What the other side speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// T/TSAC 002-2025, a management platform.
    Tsac,
    /// OAPI.
    Oapi,
    /// T/TSAC 002-2025, a robot.
    Robot,
}

impl Dialect {
    const ALL: [Self; 3] = [Self::Tsac, Self::Oapi, Self::Robot];

    /// The word that is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tsac => "tsac",
            Self::Oapi => "oapi",
            Self::Robot => "robot",
        }
    }
}

impl FromStr for Dialect {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|dialect| dialect.as_str() == text).ok_or(())
    }
}

/// Where it is, and as whom we come.
#[derive(Debug, Clone)]
pub struct Login {
    /// What it speaks.
    pub dialect: Dialect,
    /// `https://host:port`
    pub url: String,
    /// The name or the public half of a key pair; nothing for a robot.
    pub username: String,
    /// The password, the secret half, or the robot's secret.
    pub secret: Secret<String>,
}

/// Something that can be run there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its id: of a process, or of a schedule where only those are run.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What is said of it.
    pub remark: String,
    /// By which its runs are listed, where that is another id.
    pub listed_by: String,
}

/// A robot there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Robot {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// "idle", "running", "offline", or "" where that is not told.
    pub state: &'static str,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// It has not begun, or runs, or is being stopped: dialects do not tell these apart.
    Open,
    /// It stands still.
    Paused,
    /// It ended well.
    Succeeded,
    /// It ended with an error, or was given up.
    Failed,
    /// It was stopped.
    Cancelled,
}

impl RunState {
    /// The word that is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A task there, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: String,
    /// The process or schedule it belongs to.
    pub process: String,
    /// How far it is.
    pub state: RunState,
    /// When it began and ended, as the other side writes it.
    pub times: (String, String),
}

/// How a run goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// How far it is.
    pub state: RunState,
    /// What went wrong, where the other side says so.
    pub message: Option<String>,
    /// What came out.
    pub out_parameters: Vec<Parameter>,
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, milliseconds since the epoch, where that can be read.
    pub at: Option<i64>,
    /// How grave.
    pub level: LogLevel,
    /// The text.
    pub message: String,
}

/// What is written down before a start, to find the run by afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The process.
    pub process: Process,
    /// What it gets.
    pub parameters: Vec<Parameter>,
    /// No run of it with a higher number was known then.
    pub newest: i64,
}

/// What is known after a start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It is this run.
    As(String),
    /// It was taken, and not told as what: it is to be looked for.
    Somewhere,
}

/// A platform or robot.
pub enum Foreign {
    /// One that speaks the standard.
    Standard {
        /// The caller.
        caller: Tsac,
        /// Whether it is a robot.
        is_robot: bool,
    },
    /// One that speaks OAPI.
    Oapi(Oapi),
}

impl Foreign {
    /// A caller of it. Nothing is sent yet.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(login: Login, cipher: &Cipher, certificates: Option<&[u8]>) -> Result<Self> {
        let Login { dialect, url, username, secret } = login;
        let standard = |account, is_robot| {
            let caller = Tsac::new(&url, account, cipher.clone(), certificates);
            caller.map(|caller| Self::Standard { caller, is_robot })
        };
        match dialect {
            Dialect::Tsac => standard(Account::User { username, password: secret }, false),
            Dialect::Robot => standard(Account::Robot { secret }, true),
            Dialect::Oapi => Ok(Self::Oapi(Oapi::new(&url, (username, secret), cipher.clock.clone(), certificates)?)),
        }
    }

    /// What can be run there.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn processes(&self) -> Result<Vec<Process>> {
        match self {
            Self::Standard { caller, .. } => standard::processes(caller).await,
            Self::Oapi(caller) => oapi::processes(caller).await,
        }
    }

    /// The robots there; itself has none.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn robots(&self) -> Result<Vec<Robot>> {
        match self {
            Self::Standard { is_robot: true, .. } => Ok(Vec::new()),
            Self::Standard { caller, .. } => standard::robots(caller).await,
            Self::Oapi(caller) => oapi::robots(caller).await,
        }
    }

    /// Tasks of these processes, at most `most` of each.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn tasks(&self, processes: &[Process], most: usize) -> Result<Vec<Task>> {
        match self {
            Self::Standard { caller, .. } => standard::tasks(caller, processes, most).await,
            Self::Oapi(caller) => oapi::tasks(caller, processes, most).await,
        }
    }

    /// What to write down before a run of `process` is started.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn before_start(&self, process: &Process, parameters: &[Parameter]) -> Result<Known> {
        let newest = match self {
            Self::Standard { caller, .. } => standard::newest(caller, process).await?,
            Self::Oapi(caller) => oapi::newest(caller, process).await?,
        };
        Ok(Known { process: process.clone(), parameters: parameters.to_vec(), newest })
    }

    /// Starts a run. It may have been started although this fails: see [`crate::Error::is_certainly_undone`].
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn start(&self, known: &Known) -> Result<Sent> {
        match self {
            Self::Standard { caller, .. } => standard::start(caller, known).await,
            Self::Oapi(caller) => oapi::start(caller, known).await,
        }
    }

    /// The run that was started with `known` and is none of `taken`, if there is exactly one that it can be.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn find(&self, known: &Known, taken: &[String]) -> Result<Option<String>> {
        let found = match self {
            Self::Standard { caller, .. } => standard::candidates(caller, known, taken).await?,
            Self::Oapi(caller) => oapi::candidates(caller, known, taken).await?,
        };
        Ok(<[String; 1]>::try_from(found).ok().map(|[one]| one))
    }

    /// How a run goes.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn run(&self, known: &Known, id: &str) -> Result<Run> {
        match self {
            Self::Standard { caller, .. } => standard::run(caller, id).await,
            Self::Oapi(caller) => oapi::run(caller, &known.process, id).await,
        }
    }

    /// Asks for the end of a run; one that has ended already is fine.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn stop(&self, id: &str) -> Result<()> {
        match self {
            Self::Standard { caller, .. } => standard::stop(caller, id).await,
            Self::Oapi(caller) => oapi::stop(caller, id).await,
        }
    }

    /// Lines of a run's log behind the first `told`, not necessarily all; nothing where the dialect has none.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn log(&self, id: &str, told: usize) -> Result<Vec<Line>> {
        match self {
            Self::Standard { caller, .. } => standard::log(caller, id, told).await,
            Self::Oapi(_) => Ok(Vec::new()),
        }
    }
}
