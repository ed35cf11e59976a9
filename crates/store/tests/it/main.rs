//! The store on both engines.

mod maintenance;
mod queue_items;
mod schema;
mod support;
mod tasks;
mod writes;
