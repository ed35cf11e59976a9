//! CSV files: read and write, in any encoding, every cell a text.

pub(crate) mod read;
pub(crate) mod write;

use baigong_flow::ActionError;

use crate::support::trouble::invalid_parameter;

/// The delimiter as one ASCII character: "," by default, "tab" or "\t" for a tab.
fn delimiter(text: Option<&str>) -> Result<u8, ActionError> {
    match text {
        None => Ok(b','),
        Some("tab" | "\\t" | "\t") => Ok(b'\t'),
        Some(text) => match text.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) => Ok(*byte),
            _ => Err(invalid_parameter(format!("“{text}” cannot be a delimiter. Use \",\", \";\", \"|\" or \"tab\"."))),
        },
    }
}

#[cfg(test)]
mod tests;
