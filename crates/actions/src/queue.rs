//! Data queues: push, pop, finish.

pub(crate) mod finish;
pub(crate) mod pop;
pub(crate) mod push;

#[cfg(test)]
mod tests;
