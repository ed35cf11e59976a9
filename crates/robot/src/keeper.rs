//! A small process between the agent and a run's program. It adopts whatever the program starts and lets go of, so that
//! the whole tree can be told to stop, stand still or end; and when the agent is gone – killed, crashed, its machine out
//! of memory – it ends the tree and itself. It is this same program, started as `baigong __keeper`; the two talk over the
//! socket that is the keeper's standard input. Knows nothing of tasks and platforms.

mod handle;
mod process;
mod tree;
mod words;

pub use handle::Ahead;
pub(crate) use handle::{End, Kept, Watch};
pub use process::main;
pub(crate) use words::{Order, Program};

/// What stands behind the program's name to make it a keeper.
pub const ARGUMENT: &str = "__keeper";
/// This program, even when its file has been replaced or deleted meanwhile.
pub const THIS_PROGRAM: &str = "/proc/self/exe";
