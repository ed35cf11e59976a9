//! The agent against a platform that is played by the test, where every word of the uplink is seen and answered, and the robot
//! that stands alone, called through its own interface.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod alone;
mod alone_bad_input;
mod alone_contract;
mod alone_files;
mod alone_life;
mod alone_restart;
mod calls;
mod connection;
mod contract;
mod document;
mod ends;
mod lease;
mod life;
mod packages;
mod place;
mod platform;
mod projects;
mod restart;
mod together;
mod told;
mod triggers;
