//! Checks of texts that people give: names, remarks, addresses.

use baigong_model::{Error, Result};

/// The longest name, in letters.
const MAX_NAME: usize = 128;
/// The longest remark, in letters.
const MAX_REMARK: usize = 1000;
/// The longest word to search for, in letters.
const LONGEST_KEYWORD: usize = 256;

/// A name: one line, not blank, at most 128 letters. Answers it without blanks around it.
pub(crate) fn name(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > MAX_NAME || text.chars().any(char::is_control) {
        return Err(Error::invalid(field, format!("must be one line of 1 to {MAX_NAME} letters")));
    }
    Ok(text.to_owned())
}

/// A remark: at most 1000 letters; none is kept as none.
pub(crate) fn remark(text: Option<String>) -> Result<Option<String>> {
    limited("remark", text, MAX_REMARK)
}

/// A short text that may be absent.
pub(crate) fn limited(field: &str, text: Option<String>, most: usize) -> Result<Option<String>> {
    match text {
        Some(text) if text.chars().count() > most || text.contains('\0') => {
            Err(Error::invalid(field, format!("must have at most {most} letters and no NUL")))
        }
        text => Ok(text),
    }
}

/// A word to search for, without blanks around it; none where there is nothing to search for. The databases search for long
/// ones slowly or not at all.
pub(crate) fn keyword(text: Option<&str>) -> Result<Option<String>> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    limited("keyword", text.map(str::to_owned), LONGEST_KEYWORD)
}

/// An e-mail address, roughly: something, `@`, something, no blanks.
pub(crate) fn email(text: Option<String>) -> Result<Option<String>> {
    let Some(text) = limited("email", text, 254)?.filter(|text| !text.is_empty()) else { return Ok(None) };
    let parts = text.split_once('@');
    let looks_right = parts.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
    if !looks_right || text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Err(Error::invalid("email", "must look like name@example.com"));
    }
    Ok(Some(text))
}

/// A phone number: digits with `+`, `-`, blanks and brackets.
pub(crate) fn mobile(text: Option<String>) -> Result<Option<String>> {
    let Some(text) = limited("mobile", text, 32)?.filter(|text| !text.is_empty()) else { return Ok(None) };
    let looks_right = text.chars().any(|letter| letter.is_ascii_digit())
        && text.chars().all(|letter| letter.is_ascii_digit() || "+-() ".contains(letter));
    if looks_right { Ok(Some(text)) } else { Err(Error::invalid("mobile", "must be a phone number")) }
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

    #[test]
    fn addresses_look_like_addresses() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(email(text("a@b.cn")).unwrap(), text("a@b.cn"));
        assert_eq!(email(text("")).unwrap(), None);
        assert_eq!(mobile(text("+86 138-0000-0000")).unwrap(), text("+86 138-0000-0000"));
        for bad in ["a", "@b", "a@", "a b@c", "a@b@c"] {
            assert!(email(text(bad)).is_err(), "{bad}");
        }
        for bad in ["abc", "+", "138x"] {
            assert!(mobile(text(bad)).is_err(), "{bad}");
        }
    }
}
