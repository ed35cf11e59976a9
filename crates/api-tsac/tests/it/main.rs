//! The dialect held against the documents it comes from, on a server with a real database.

mod behaviour;
mod contract;
mod document;
mod live;
mod server;
mod snapshots;
