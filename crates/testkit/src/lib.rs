//! What tests stand on: fresh databases on both engines and, with the feature `server`, whole platforms and robots. Only
//! tests and benches use it; nothing in it runs in production.

pub mod database;
pub mod postgres;

pub use database::{TestDatabase, on_both};
