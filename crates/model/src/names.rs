//! Checks of texts that people give: names, remarks, whatever is short.

use crate::{Error, Result};

/// The longest name, in letters.
pub const MAX_NAME: usize = 128;
/// The longest remark, in letters.
const MAX_REMARK: usize = 1000;

/// A name: one line, not blank, at most 128 letters. Answers it without blanks around it.
pub fn name(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > MAX_NAME || text.chars().any(char::is_control) {
        return Err(Error::invalid(field, format!("must be one line of 1 to {MAX_NAME} letters")));
    }
    Ok(text.to_owned())
}

/// A remark: at most 1000 letters; none is kept as none.
pub fn remark(text: Option<String>) -> Result<Option<String>> {
    limited("remark", text, MAX_REMARK)
}

/// A short text that may be absent.
pub fn limited(field: &str, text: Option<String>, most: usize) -> Result<Option<String>> {
    match text {
        Some(text) if text.chars().count() > most || text.contains('\0') => {
            Err(Error::invalid(field, format!("must have at most {most} letters and no NUL")))
        }
        text => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_line_and_bounded() {
        assert_eq!(name("depName", " 运营部 ").unwrap(), "运营部");
        assert_eq!(name("depName", &"长".repeat(128)).unwrap().chars().count(), 128);
        for bad in ["", "  ", "a\nb", "a\0", &"长".repeat(129)] {
            assert!(name("depName", bad).is_err(), "{bad:?}");
        }
    }
}
