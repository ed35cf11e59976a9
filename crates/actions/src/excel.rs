//! Spreadsheets: the sheets of a workbook, reading a range, writing a range.

pub(crate) mod read_range;
pub(crate) mod sheets;
pub(crate) mod write_range;

use std::path::Path;

use baigong_flow::{ActionContext, ActionError};
use baigong_tabular::Workbook;

use crate::{file, support::trouble::from_tables};

fn open(context: &ActionContext, path: &Path) -> Result<Workbook, ActionError> {
    let stopped = || context.cancel.is_cancelled();
    baigong_tabular::open(file::bytes(path)?, &file::short_name(path), &stopped).map_err(from_tables)
}

#[cfg(test)]
mod tests;
