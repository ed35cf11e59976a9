//! Wires the management platform together: settings, routes, background work, start and stop. Holds no rule and no
//! operation of its own.

mod folder;
mod http;
mod settings;
mod start;

pub use settings::Settings;
pub use start::{Options, RunningPlatform, start};
