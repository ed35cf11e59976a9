//! What tests stand on: fresh databases on both engines and, with the feature `server`, whole platforms and robots. Only
//! tests and benches use it; nothing in it runs in production.

mod canary;
#[cfg(feature = "server")]
mod client;
pub mod database;
#[cfg(feature = "server")]
mod log;
pub mod postgres;
#[cfg(feature = "server")]
mod robot;
#[cfg(feature = "server")]
mod server;
mod sight;

#[cfg(feature = "server")]
pub use baigong_platform::Settings;
#[cfg(feature = "server")]
pub use baigong_protocol::{km_signature, request_signature};
#[cfg(feature = "server")]
pub use baigong_robot as agent;
#[cfg(feature = "server")]
pub use baigong_store::dump;
pub use canary::{Canary, files_below};
#[cfg(feature = "server")]
pub use client::{Answer, TestClient};
pub use database::{TestDatabase, on_both};
#[cfg(feature = "server")]
pub use log::Log;
#[cfg(feature = "server")]
pub use robot::TestRobot;
#[cfg(feature = "server")]
pub use server::{Builder, PASSWORD, TestServer};
pub use sight::{Place, Sight};
