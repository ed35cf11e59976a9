//! Texts: trim, replace, split, join, pad, upper, lower, contains, number.

pub(crate) mod case;
pub(crate) mod contains;
pub(crate) mod join;
pub(crate) mod number;
pub(crate) mod pad;
pub(crate) mod replace;
pub(crate) mod split;
pub(crate) mod trim;

#[cfg(test)]
mod tests;
