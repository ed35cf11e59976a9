//! The agent against a platform that is played by the test: every word of the uplink is seen and answered here.

mod calls;
mod connection;
mod ends;
mod life;
mod packages;
mod place;
mod platform;
mod restart;
