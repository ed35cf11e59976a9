//! The store on both engines.

mod queue_items;
mod support;
mod writes;
