//! Checks of texts that people give: words to search for, addresses; names are the model's.

pub(crate) use baigong_model::names::{limited, name, remark};
use baigong_model::{Error, Result};

/// The longest word to search for, in letters.
const LONGEST_KEYWORD: usize = 256;

/// A word to search for, without blanks around it; none where there is nothing to search for. The databases search for long
/// ones slowly or not at all.
pub(crate) fn keyword(text: Option<&str>) -> Result<Option<String>> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    limited("keyword", text.map(str::to_owned), LONGEST_KEYWORD)
}

/// How many things one call may change.
pub(crate) fn batch(count: usize, most: usize) -> Result<()> {
    match count {
        0 => Err(Error::invalid("body", "must not be empty")),
        count if count > most => Err(Error::invalid("body", format!("must have at most {most} entries"))),
        _ => Ok(()),
    }
}

/// An e-mail address in the field `email`.
pub(crate) fn email(text: Option<String>) -> Result<Option<String>> {
    address("email", text)
}

/// An e-mail address, roughly: something, `@`, something, no blanks.
pub(crate) fn address(field: &str, text: Option<String>) -> Result<Option<String>> {
    let Some(text) = limited(field, text, 254)?.filter(|text| !text.is_empty()) else { return Ok(None) };
    let parts = text.split_once('@');
    let looks_right = parts.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
    if !looks_right || text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Err(Error::invalid(field, "must look like name@example.com"));
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
    fn addresses_look_like_addresses() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(email(text("a@b.cn")).unwrap(), text("a@b.cn"));
        assert_eq!(email(text("")).unwrap(), None);
        assert_eq!(mobile(text("+86 138-0000-0000")).unwrap(), text("+86 138-0000-0000"));
        for bad in ["a", "@b", "a@", "a b@c", "a@b@c"] {
            assert!(email(text(bad)).is_err(), "{bad}");
        }
        assert_eq!(address("mailTo", text("a")).unwrap_err().to_string(), "mailTo: must look like name@example.com");
        for bad in ["abc", "+", "138x"] {
            assert!(mobile(text(bad)).is_err(), "{bad}");
        }
    }
}
