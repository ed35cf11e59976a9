//! Clients: of platforms that speak T/TSAC 002-2025, of robots that do, of platforms that speak OAPI; and one view of
//! them all for whoever works with several. Knows the wire and nothing of what is done with the answers.

mod cipher;
mod error;
mod foreign;
mod http;
pub mod oapi;
pub mod tsac;

pub use cipher::Cipher;
pub use error::{Error, Result};
pub use foreign::{Dialect, Foreign, Known, Line, Login, Process, Robot, Run, RunState, Sent, Task};
