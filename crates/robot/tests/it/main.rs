//! The agent against a platform that is played by the test: every word of the uplink is seen and answered here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod calls;
mod connection;
mod ends;
mod lease;
mod life;
mod packages;
mod place;
mod platform;
mod restart;
