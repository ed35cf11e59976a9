//! The dialect held against the document it comes from, on a server with a real database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bad_input;
mod contract;
mod document;
mod goods;
mod identity;
mod matrix;
mod server;
