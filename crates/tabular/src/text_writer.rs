//! CSV for people who open it in a spreadsheet: a text that would be taken for a formula gets an apostrophe in front, which
//! reading takes away again.

use std::borrow::Cow;

use crate::Cell;

/// The mark by which Excel knows UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Rows as CSV in UTF-8, with CRLF at the end of each; what was written is taken out in pieces.
#[derive(Debug, Default)]
pub struct TextWriter(Vec<u8>);

impl TextWriter {
    /// Begins a file, with the mark of UTF-8 in front where it is wanted.
    #[must_use]
    pub fn new(with_mark: bool) -> Self {
        Self(if with_mark { MARK.to_vec() } else { Vec::new() })
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[Cell<'_>]) {
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                self.0.push(b',');
            }
            match cell {
                Cell::Empty => {}
                Cell::Number(text) => self.0.extend_from_slice(text.as_bytes()),
                Cell::Text(text) => self.text(&harmless(text)),
            }
        }
        self.0.extend_from_slice(b"\r\n");
    }

    fn text(&mut self, text: &str) {
        if !text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
            return self.0.extend_from_slice(text.as_bytes());
        }
        self.0.push(b'"');
        for byte in text.bytes() {
            self.0.push(byte);
            if byte == b'"' {
                self.0.push(byte);
            }
        }
        self.0.push(b'"');
    }

    /// What was written since it was last taken.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }
}

/// Whether a spreadsheet would calculate with the text, or would after the apostrophes in front of it are gone.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
}

/// The text as a cell that no spreadsheet calculates with.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    if is_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that was meant by a cell: without the apostrophe of [`harmless`].
#[must_use]
pub fn meant(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| is_formula(text)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_stay_numbers_and_formulas_become_texts() {
        let mut writer = TextWriter::new(true);
        writer.row(&[
            Cell::Text("=1+1"),
            Cell::Number("-3.5"),
            Cell::Empty,
            Cell::Text("a,\"b\"\n"),
            Cell::Text("000001"),
        ]);
        assert_eq!(writer.take(), "\u{FEFF}'=1+1,-3.5,,\"a,\"\"b\"\"\n\",000001\r\n".as_bytes());
        assert!(writer.take().is_empty());
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_again(cells in prop::collection::vec("['=+@a,\"\r\n证\t-]{0,6}", 1..4)) {
            let mut writer = TextWriter::new(false);
            let texts: Vec<Cell<'_>> = cells.iter().map(|cell| Cell::Text(cell)).collect();
            writer.row(&texts);
            let text = String::from_utf8(writer.take()).unwrap();
            let rows = crate::split(&text, b',', "f", &|| false).unwrap();
            prop_assert_eq!(rows.len(), 1);
            prop_assert!(rows[0].1.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{:?}", rows);
            let again: Vec<&str> = rows[0].1.iter().map(|cell| meant(cell)).collect();
            prop_assert_eq!(again, cells);
        }
    }
}
