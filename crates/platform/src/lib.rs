//! Wires the management platform together: settings, routes, background work, start and stop. Holds no rule and no
//! operation of its own.

mod administration;
mod bridging;
mod dialects;
mod folder;
mod health;
mod http;
mod settings;
mod settings_values;
mod start;
mod watch;

pub use baigong_core::accounts::check_new_password;

pub use administration::{Report, Rotation, backup, check, reset_password, rotate_key};
pub use bridging::{BridgeLine, BridgeToMake, add_bridge, list_bridges, remove_bridge};
pub use settings::{Lines, Names, Networks, Settings, Speech};
pub use start::{Options, RunningPlatform, open, start};

/// Making and signing licenses: for whoever issues them, with a key that lies on no platform.
pub mod licenses {
    pub use baigong_core::licenses::{Algorithm, Grant, License, SeatType, SigningKey, VERSION, instant};
}
