//! The actions in real flows: the example of the repository, and what bad files make of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_files;
mod document;
mod example;
mod generator;
mod large_tables;
mod stage;

#[path = "../../examples/valuation_data/mod.rs"]
mod valuation_data;
