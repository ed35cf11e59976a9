//! What an asset's text has to look like.

use baigong_model::{Error, Result};

/// The largest value, in bytes.
const MAX_VALUE: usize = 256 * 1024;
/// The largest secret value, in bytes: a robot searches everything it logs for it.
const MAX_SECRET: usize = 4096;

/// What an asset's text has to look like (`dataType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssetKind {
    /// 0: any text.
    Text,
    /// 1: `true` or `false`.
    Boolean,
    /// 2: a decimal number.
    Number,
    /// 3 (extension, after 5.5): a secret, such as a key or a hash. It is kept sealed and shown to nobody but robots.
    Hash,
}

impl AssetKind {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Text, Self::Boolean, Self::Number, Self::Hash];

    /// The kind of a `dataType`.
    pub fn of_number(number: i64) -> Result<Self> {
        let found = usize::try_from(number).ok().and_then(|number| Self::ALL.get(number).copied());
        found.ok_or_else(|| Error::invalid("dataType", "must be 0 (text), 1 (boolean), 2 (number) or 3 (secret)"))
    }

    /// Its `dataType`.
    #[must_use]
    pub fn number(self) -> i64 {
        self as i64
    }

    /// The word that is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::Hash => "hash",
        }
    }

    /// The kind of a stored word.
    pub(crate) fn of(word: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        found.ok_or_else(|| Error::internal(format!("\"{word}\" is no kind of asset")))
    }

    /// Whether the value is for robots only.
    #[must_use]
    pub fn is_secret(self) -> bool {
        self == Self::Hash
    }

    /// `value` as it is kept, if it is one of this kind.
    pub(super) fn checked(self, value: &str) -> Result<String> {
        let invalid = |reason: String| Err(Error::invalid("assetValue", reason));
        let most = if self.is_secret() { MAX_SECRET } else { MAX_VALUE };
        if value.len() > most || value.contains('\0') {
            return invalid(format!("must have at most {most} bytes and no NUL"));
        }
        match self {
            Self::Text => Ok(value.to_owned()),
            Self::Hash if value.is_empty() => invalid("must not be empty".into()),
            Self::Hash => Ok(value.to_owned()),
            Self::Boolean => match value.trim().to_ascii_lowercase() {
                word if word == "true" || word == "false" => Ok(word),
                _ => invalid("must be true or false".into()),
            },
            Self::Number => match value.trim() {
                text if text.parse::<serde_json::Number>().is_ok() => Ok(text.to_owned()),
                _ => invalid("must be a number such as 12 or -0.5".into()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_of_its_kind() {
        for (kind, given, kept) in [
            (AssetKind::Text, "", ""),
            (AssetKind::Text, " 任意 ", " 任意 "),
            (AssetKind::Boolean, " TRUE ", "true"),
            (AssetKind::Number, "0.10", "0.10"),
            (AssetKind::Number, "-1e3 ", "-1e3"),
            (AssetKind::Hash, "9f86d0", "9f86d0"),
        ] {
            assert_eq!(kind.checked(given).unwrap(), kept, "{kind:?} {given}");
        }
        let long = "x".repeat(MAX_VALUE + 1);
        for (kind, given) in [
            (AssetKind::Boolean, "yes"),
            (AssetKind::Boolean, ""),
            (AssetKind::Number, "1,5"),
            (AssetKind::Number, "NaN"),
            (AssetKind::Number, "0x10"),
            (AssetKind::Hash, ""),
            (AssetKind::Hash, &long[..MAX_SECRET + 1]),
            (AssetKind::Text, &long),
            (AssetKind::Text, "a\0"),
        ] {
            assert!(kind.checked(given).is_err(), "{kind:?} {}", given.len());
        }
        for kind in AssetKind::ALL {
            assert_eq!(AssetKind::of_number(kind.number()).unwrap(), kind);
            assert_eq!(AssetKind::of(kind.as_str()).unwrap(), kind);
        }
        assert!(AssetKind::of_number(4).is_err() && AssetKind::of_number(-1).is_err());
    }
}
