//! The native interface over its routes, on a fresh database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod applications;
mod bad_input;
mod document;
mod matrix;
mod server;
