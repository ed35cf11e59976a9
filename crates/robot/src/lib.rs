//! The robot's agent: one outgoing connection to the platform, a journal of what it has promised, a spool of what it has
//! still to tell, a cache of packages, and the runner. Knows the protocol and flows; knows nothing of the platform's
//! inside.

mod agent;
mod calls;
mod crew;
mod data_folder;
mod desk;
mod hold;
mod journal;
mod lease;
mod link;
mod local_api;
mod machine;
mod masks;
pub mod options;
mod packages;
mod remote_host;
mod robot;
pub mod runner;
mod session;
mod spool;
mod survivors;
mod timer;
mod transfer;
mod uptime;

pub use agent::{Agent, AgentExit, RunningAgent};
pub use options::Options;
pub use uptime::{SystemUptime, Uptime};
