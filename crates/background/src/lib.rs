//! Work nobody asks for: dispatching, deadlines, leases, upkeep. Each piece is an idempotent function without input in
//! `core`; here it gets a rhythm and, where it has one, a signal that wakes it sooner. Missing a beat loses nothing.

pub mod bridges;
mod driver;
pub mod notifier;
mod table;

pub use driver::{Background, start};
