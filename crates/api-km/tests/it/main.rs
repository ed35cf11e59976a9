//! The KM interface over its routes, on a fresh database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod contract;
mod document;
