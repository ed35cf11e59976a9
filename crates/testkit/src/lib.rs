//! What tests stand on: fresh databases on both engines and, with the feature `server`, whole platforms and robots. Only
//! tests and benches use it; nothing in it runs in production.

#[cfg(feature = "server")]
mod client;
pub mod database;
pub mod postgres;
#[cfg(feature = "server")]
mod robot;
#[cfg(feature = "server")]
mod server;

#[cfg(feature = "server")]
pub use baigong_platform::Settings;
#[cfg(feature = "server")]
pub use baigong_robot as agent;
#[cfg(feature = "server")]
pub use baigong_store::dump;
#[cfg(feature = "server")]
pub use client::{Answer, TestClient};
pub use database::{TestDatabase, on_both};
#[cfg(feature = "server")]
pub use robot::TestRobot;
#[cfg(feature = "server")]
pub use server::{Builder, PASSWORD, TestServer};
