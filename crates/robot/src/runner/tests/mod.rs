//! Runs with real processes: nothing here waits for time, everything for an event.

pub(crate) mod desk;
mod ending;
mod local;
mod processes;
