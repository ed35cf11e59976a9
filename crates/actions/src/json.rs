//! JSON: parse, format, get.

pub(crate) mod format;
pub(crate) mod get;
pub(crate) mod parse;
