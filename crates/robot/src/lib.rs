//! The robot's agent: one outgoing connection to the platform, a journal of what it has promised, a spool of what it has
//! still to tell, a cache of packages, and the runner. Knows the protocol and flows; knows nothing of the platform's
//! inside.

mod agent;
mod api;
mod calls;
mod crew;
mod data_folder;
mod desk;
mod display;
mod environments;
mod hold;
mod journal;
pub mod keeper;
mod lease;
pub mod limits;
mod link;
mod live_view;
mod local_api;
mod machine;
mod masks;
pub mod operations;
pub mod options;
mod own;
mod packages;
pub mod preflight;
mod recording;
mod remote_host;
mod robot;
pub mod runner;
mod session;
mod spool;
mod survivors;
mod timer;
mod transfer;
mod triggers;
mod uptime;
mod workspace;

pub use agent::{Agent, AgentExit, RunningAgent};
pub use api::{RobotTsac, table};
pub use baigong_protocol::Screen as ScreenSize;
pub use display::{DisplayChoice, RecordWhen, ScreenOptions};
pub use options::Options;
pub use uptime::{SystemUptime, Uptime};
