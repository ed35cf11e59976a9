//! A range as users write it: "A1:C100", "A:C", "B2", "3:10".

use crate::Problem;

const LAST_ROW: u32 = 1_048_575;
const LAST_COLUMN: u32 = 16_383;

/// A block of cells; rows and columns count from 0, both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The first row.
    pub first_row: u32,
    /// The first column.
    pub first_column: u32,
    /// The last row.
    pub last_row: u32,
    /// The last column.
    pub last_column: u32,
}

impl Block {
    /// The whole sheet.
    pub const ALL: Self = Self { first_row: 0, first_column: 0, last_row: LAST_ROW, last_column: LAST_COLUMN };

    /// Whether a cell lies in it.
    #[must_use]
    pub fn holds(&self, row: u32, column: u32) -> bool {
        (self.first_row..=self.last_row).contains(&row) && (self.first_column..=self.last_column).contains(&column)
    }
}

/// The block that `text` means.
pub fn parse(text: &str) -> Result<Block, Problem> {
    let wrong = || Problem::parameter(format!("“{text}” is not a range. Write it like A1:C100, A:C or B2."));
    let (from, to) = match text.split_once(':') {
        Some((from, to)) => (end(from).ok_or_else(wrong)?, end(to).ok_or_else(wrong)?),
        None => match end(text).ok_or_else(wrong)? {
            one @ (Some(_), Some(_)) => (one, one),
            _ => return Err(wrong()),
        },
    };
    if from.0.is_some() != to.0.is_some() || from.1.is_some() != to.1.is_some() {
        return Err(wrong());
    }
    let block = Block {
        first_row: from.1.unwrap_or(0),
        first_column: from.0.unwrap_or(0),
        last_row: to.1.unwrap_or(LAST_ROW),
        last_column: to.0.unwrap_or(LAST_COLUMN),
    };
    if block.first_row > block.last_row || block.first_column > block.last_column { Err(wrong()) } else { Ok(block) }
}

/// Column and row of one end, either of which may be left out.
fn end(text: &str) -> Option<(Option<u32>, Option<u32>)> {
    let text = text.trim().replace('$', "").to_ascii_uppercase();
    let digits_at = text.find(|character: char| character.is_ascii_digit()).unwrap_or(text.len());
    let (letters, digits) = text.split_at(digits_at);
    let sound = letters.len() <= 3 && digits.len() <= 7 && letters.bytes().all(|byte| byte.is_ascii_uppercase());
    if !sound || text.is_empty() {
        return None;
    }
    let column = letters.bytes().fold(0, |number, byte| number * 26 + u32::from(byte - b'A') + 1);
    let row = if digits.is_empty() { None } else { Some(digits.parse::<u32>().ok()?.checked_sub(1)?) };
    let column = column.checked_sub(1);
    let fits = row.is_none_or(|row| row <= LAST_ROW) && column.is_none_or(|column| column <= LAST_COLUMN);
    fits.then_some((column, row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_excel() {
        let block =
            |first_row, first_column, last_row, last_column| Block { first_row, first_column, last_row, last_column };
        for (text, expected) in [
            ("A1:C100", block(0, 0, 99, 2)),
            ("$b$2", block(1, 1, 1, 1)),
            ("A:C", block(0, 0, LAST_ROW, 2)),
            ("3:10", block(2, 0, 9, LAST_COLUMN)),
            ("AA1:XFD1048576", block(0, 26, LAST_ROW, LAST_COLUMN)),
        ] {
            assert_eq!(parse(text).unwrap(), expected, "{text}");
        }
        for wrong in ["", "A", "1", "A0", "C1:A1", "A1:B", "A1:XFE1", "A1:A1048577", "A1B2", "证1", "A1:B2:C3"] {
            assert!(matches!(parse(wrong), Err(Problem::Parameter(_))), "{wrong}");
        }
    }
}
