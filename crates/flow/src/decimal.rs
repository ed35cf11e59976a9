//! Exact decimals as people and files write them. Knows no floats: a text either is an exact decimal or is refused.

use rust_decimal::{Decimal, RoundingStrategy};

/// Reads a decimal: an optional sign, digits with or without thousands separators (`1,234.50`), an optional fraction,
/// an optional exponent as spreadsheets write it (`1.2E-5`); in brackets it is negative, as ledgers write it. Spaces
/// around it do not matter, and a full-width comma is a comma.
///
/// # Errors
/// What is wrong with the text, as half a sentence.
pub fn parse_decimal(text: &str) -> Result<Decimal, String> {
    let narrow = text.replace('，', ",");
    let trimmed = narrow.trim();
    if trimmed.is_empty() {
        return Err("is empty, where a number is needed".to_owned());
    }
    if let Some(inside) = trimmed.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return match inside.trim_start().starts_with(['-', '+', '(']) {
            true => Err(format!("\"{}\" has a sign within its brackets", shorten(trimmed, 60))),
            false => parse_decimal(inside).map(|value| -value),
        };
    }
    let refused = || format!("\"{}\" is not a number such as 1234.50 or 1,234.50", shorten(trimmed, 60));
    if let Some((mantissa, exponent)) = trimmed.split_once(['e', 'E']) {
        let mantissa = plain(mantissa).ok_or_else(refused)?;
        let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
        return Decimal::from_scientific(&format!("{mantissa}e{exponent}")).map_err(|_| refused());
    }
    let digits = plain(trimmed).ok_or_else(refused)?;
    Decimal::from_str_exact(&digits)
        .map_err(|_| format!("\"{}\" has more digits than an exact decimal can hold (28)", shorten(trimmed, 60)))
}

/// The number without its thousands separators; `None` when it is not written as one.
fn plain(text: &str) -> Option<String> {
    let (sign, unsigned) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (if text.starts_with('-') { "-" } else { "" }, rest),
        None => ("", text),
    };
    let (whole, fraction) = unsigned.split_once('.').map_or((unsigned, None), |(whole, rest)| (whole, Some(rest)));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let fraction_is_fine = fraction.is_none_or(|part| all_digits(part) && !(part.is_empty() && whole.is_empty()));
    let whole_is_fine = match whole.contains(',') {
        false => all_digits(whole) && !(whole.is_empty() && fraction.is_none()),
        true => whole.split(',').enumerate().all(|(place, group)| {
            all_digits(group) && if place == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 }
        }),
    };
    (whole_is_fine && fraction_is_fine).then(|| {
        let whole = whole.replace(',', "");
        let whole = if whole.is_empty() { "0" } else { &whole };
        match fraction {
            Some(fraction) if !fraction.is_empty() => format!("{sign}{whole}.{fraction}"),
            _ => format!("{sign}{whole}"),
        }
    })
}

/// Rounds half away from zero, as ledgers do (四舍五入), to exactly `places` digits after the point.
#[must_use]
pub fn round_half_up(value: Decimal, places: u32) -> Decimal {
    let mut rounded = value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    // Zeros are added where they fit, so that 1.5 rounded to two places is written 1.50.
    rounded.rescale(places);
    rounded
}

/// The first `limit` characters of a text, with a mark when something was left out.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_files_write_is_read_exactly() {
        for (text, expected) in [
            ("1,234.50", "1234.50"),
            (" -12 ", "-12"),
            ("+0.10", "0.10"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1.2E-5", "0.000012"),
            ("12,345,678", "12345678"),
            ("(1,234.50)", "-1234.50"),
            ("1，234.5", "1234.5"),
        ] {
            assert_eq!(parse_decimal(text).map(|value| value.to_string()), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in [
            "", " ", "abc", "1,23", "1,2345", ",123", "1.2.3", "--1", ".", "-", "1 000", "１２", "1e", "NaN", "0x10",
            "()", "(-1)", "((1))", "(1",
        ] {
            assert!(parse_decimal(text).is_err(), "{text}");
        }
    }

    #[test]
    fn too_many_digits_are_refused_rather_than_rounded() {
        let error = parse_decimal("0.12345678901234567890123456789012345").unwrap_err();
        assert!(error.contains("more digits"), "{error}");
    }

    #[test]
    fn a_half_is_rounded_away_from_zero_to_exactly_the_places() {
        let rounded = |text: &str, places| round_half_up(parse_decimal(text).unwrap(), places).to_string();
        assert_eq!(rounded("2.345", 2), "2.35");
        assert_eq!(rounded("-2.345", 2), "-2.35");
        assert_eq!(rounded("1.5", 2), "1.50");
        assert_eq!(rounded("0.5", 0), "1");
    }

    proptest! {
        #[test]
        fn every_decimal_survives_being_written_and_read(mantissa in any::<i64>(), scale in 0u32..20) {
            let value = Decimal::new(mantissa, scale);
            prop_assert_eq!(parse_decimal(&value.to_string()), Ok(value));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            if let Ok(value) = parse_decimal(&text) {
                prop_assert_eq!(parse_decimal(&value.to_string()), Ok(value));
            }
        }

        #[test]
        fn thousands_separators_change_nothing(value in 0u64..1_000_000_000_000) {
            let digits = value.to_string();
            let grouped: Vec<String> = digits.as_bytes().rchunks(3).rev()
                .map(|group| String::from_utf8(group.to_vec()).unwrap()).collect();
            prop_assert_eq!(parse_decimal(&grouped.join(",")), parse_decimal(&digits));
        }
    }
}
