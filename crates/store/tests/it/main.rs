//! The store on both engines.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod maintenance;
mod opening;
mod queue_items;
mod schema;
mod support;
mod tasks;
mod writes;
