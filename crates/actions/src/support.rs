//! What the actions share: where files are, how text, numbers and tables are read. Knows no action.

pub(crate) mod atomic;
pub(crate) mod cells;
pub(crate) mod number;
pub(crate) mod paths;
pub(crate) mod table;
pub(crate) mod trouble;
pub(crate) mod work;

#[cfg(test)]
pub(crate) mod testing;
