//! The store on both engines.

mod maintenance;
mod queue_items;
mod support;
mod tasks;
mod writes;
