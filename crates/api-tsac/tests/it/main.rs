//! The dialect held against the documents it comes from, on a server with a real database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod behaviour;
mod bodies;
mod contract;
mod document;
mod fixture;
mod live;
mod run;
mod server;
mod snapshots;
