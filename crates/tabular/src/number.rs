//! Numbers of spreadsheets, which are floats, as the texts that were typed.

/// The text of a number that a program kept as a float: as many digits as a spreadsheet shows (15), without an exponent, so
/// that 0.1 + 0.2 is "0.3" and 1e15 is "1000000000000000".
#[must_use]
pub fn from_spreadsheet(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    let scientific = format!("{:.14e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = mantissa.replace('.', "");
    let digits = digits.trim_end_matches('0');
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if digits.is_empty() {
        return "0".to_owned();
    }
    let sign = if value < 0.0 { "-" } else { "" };
    if !(-28..=40).contains(&exponent) {
        return format!("{value:e}");
    }
    let whole_length = exponent + 1;
    if whole_length <= 0 {
        return format!("{sign}0.{}{digits}", "0".repeat(whole_length.unsigned_abs() as usize));
    }
    let whole_length = whole_length.unsigned_abs() as usize;
    if digits.len() <= whole_length {
        return format!("{sign}{digits}{}", "0".repeat(whole_length - digits.len()));
    }
    format!("{sign}{}.{}", &digits[..whole_length], &digits[whole_length..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_of_spreadsheets_become_what_the_user_typed() {
        for (value, text) in [
            (0.1 + 0.2, "0.3"),
            (1e15, "1000000000000000"),
            (1.0, "1"),
            (-12345.6, "-12345.6"),
            (0.0, "0"),
            (-0.0, "0"),
            (1_234_567_890.12, "1234567890.12"),
            (0.000_001, "0.000001"),
            (4.35 * 100.0, "435"),
            (1e20, "100000000000000000000"),
            (1e-40, "1e-40"),
        ] {
            assert_eq!(from_spreadsheet(value), text);
        }
    }
}
