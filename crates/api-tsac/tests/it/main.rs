//! The dialect held against the documents it comes from, on a server with a real database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod audited;
mod bad_input;
mod behaviour;
mod bodies;
mod calendars;
mod canary;
mod contract;
mod control;
mod document;
mod fixture;
mod live;
mod matrix;
mod organisation;
mod queues;
mod recordings;
mod resources;
mod run;
mod secrets;
mod server;
mod snapshots;
mod watcher;
mod words;
mod work_items;
