//! Patterns: match, replace, extract. The engine runs in linear time; patterns and texts are bounded.

pub(crate) mod extract;
pub(crate) mod matches;
pub(crate) mod replace;

use ::regex::{Regex, RegexBuilder};
use baigong_flow::ActionError;

use crate::support::trouble::{invalid_parameter, too_large};

const LONGEST_PATTERN: usize = 4096;
const LARGEST_PROGRAM: usize = 4 * 1024 * 1024;
const LONGEST_TEXT: usize = 64 * 1024 * 1024;

/// The compiled pattern, to be used on `text`.
fn compile(pattern: &str, text: &str, ignore_case: bool) -> Result<Regex, ActionError> {
    if pattern.len() > LONGEST_PATTERN {
        return Err(too_large(format!("the pattern is longer than {LONGEST_PATTERN} bytes")));
    }
    if text.len() > LONGEST_TEXT {
        return Err(too_large("the text is longer than 64 MiB"));
    }
    let built = RegexBuilder::new(pattern).case_insensitive(ignore_case).size_limit(LARGEST_PROGRAM).build();
    built.map_err(|error| invalid_parameter(format!("the pattern cannot be used: {error}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::support::testing::Desk;

    #[tokio::test]
    async fn patterns_match_replace_and_extract() {
        let desk = Desk::new();
        let code = r"(?<market>SH|SZ)(\d{6})";
        for (action, parameters, expected) in [
            ("regex.match", json!({"text": "SH600000", "pattern": r"^SH\d{6}$"}), json!(true)),
            ("regex.match", json!({"text": "sh600000", "pattern": r"^SH\d{6}$"}), json!(false)),
            ("regex.match", json!({"text": "sh600000", "pattern": r"^SH\d{6}$", "ignoreCase": true}), json!(true)),
            ("regex.replace", json!({"text": "SH600000", "pattern": code, "with": "$2.$market"}), json!("600000.SH")),
            ("regex.extract", json!({"text": "buy SZ000001!", "pattern": code}), json!([["SZ000001", "SZ", "000001"]])),
            ("regex.extract", json!({"text": "SZ000001 SH600000", "pattern": r"\d+"}), json!([["000001"], ["600000"]])),
            ("regex.extract", json!({"text": "x", "pattern": "y"}), json!([])),
        ] {
            assert_eq!(desk.ok(action, parameters.clone()).await, expected, "{action} {parameters}");
        }
    }

    #[tokio::test]
    async fn patterns_are_bounded() {
        let desk = Desk::new();
        desk.fails("regex.match", json!({"text": "", "pattern": "("}), "invalidParameter").await;
        desk.fails("regex.match", json!({"text": "", "pattern": "(a{1000}){1000}"}), "invalidParameter").await;
        desk.fails("regex.match", json!({"text": "", "pattern": "a".repeat(5000)}), "tooLarge").await;
        let bomb = json!({"text": "a".repeat(100_000), "pattern": "a", "with": "b".repeat(1000)});
        desk.fails("regex.replace", bomb, "tooLarge").await;
        let bomb = json!({"text": "a".repeat(1_000_000), "pattern": "a+", "with": "$0".repeat(100_000)});
        desk.fails("regex.replace", bomb, "tooLarge").await;
        let text = "a".repeat(200_000);
        assert_eq!(desk.ok("regex.match", json!({"text": text, "pattern": "^(a+)+$b"})).await, json!(false));
    }
}
