//! Runs with real processes: nothing here waits for time, everything for an event.

pub(crate) mod desk;
mod ending;
mod flows;
mod local;
mod pausing;
mod processes;
