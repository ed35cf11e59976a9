//! The dialect held against the document it comes from, on a server with a real database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agenda;
mod bad_input;
mod contract;
mod document;
mod files;
mod goods;
mod identity;
mod matrix;
mod messages;
mod server;
