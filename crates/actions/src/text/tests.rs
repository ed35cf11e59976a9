//! The text actions as a flow uses them.

use serde_json::json;

use crate::support::testing::Desk;

#[tokio::test]
async fn texts_are_worked_on() {
    let desk = Desk::new();
    for (action, parameters, expected) in [
        ("text.trim", json!({"text": " \u{3000}证券 \n"}), json!("证券")),
        ("text.upper", json!({"text": "sh600000"}), json!("SH600000")),
        ("text.lower", json!({"text": "SH"}), json!("sh")),
        ("text.contains", json!({"text": "abc", "part": "B"}), json!(false)),
        ("text.contains", json!({"text": "abc", "part": "B", "ignoreCase": true}), json!(true)),
        ("text.replace", json!({"text": "1.2.3", "find": ".", "with": "-"}), json!("1-2-3")),
        ("text.split", json!({"text": "a, b,,c", "separator": ","}), json!(["a", " b", "", "c"])),
        ("text.split", json!({"text": "a, b,,c", "separator": ",", "trim": true}), json!(["a", "b", "c"])),
        ("text.split", json!({"text": " a \n b"}), json!(["a", "b"])),
        ("text.join", json!({"parts": ["a", 1, null], "separator": "/"}), json!("a/1/")),
        ("text.pad", json!({"text": 1, "length": 6}), json!("000001")),
        ("text.pad", json!({"text": "证", "length": 3, "with": "-", "right": true}), json!("证--")),
        ("text.pad", json!({"text": "1234567", "length": 6}), json!("1234567")),
        ("text.number", json!({"text": " 1,234.50"}), json!("1234.50")),
        ("text.number", json!({"text": "", "blank": 0}), json!("0")),
    ] {
        assert_eq!(desk.ok(action, parameters.clone()).await, expected, "{action} {parameters}");
    }
    let message = desk.fails("text.number", json!({"text": "abc"}), "invalidData").await;
    assert!(message.contains("“abc” is not a number"), "{message}");
    let message = desk.fails("text.number", json!({"text": "1".repeat(32)}), "invalidData").await;
    assert!(message.contains("more than 28 digits"), "{message}");
    let message = desk.fails("text.pad", json!({"text": 1, "length": 3, "with": "ab"}), "invalidParameter").await;
    assert!(message.contains("with must be a single character"), "{message}");
    desk.fails("text.number", json!({"text": ""}), "invalidData").await;
    desk.fails("text.replace", json!({"text": "a", "find": "", "with": "b"}), "invalidParameter").await;
    let huge = json!({"text": "a".repeat(100_000), "find": "a", "with": "b".repeat(1000)});
    desk.fails("text.replace", huge, "tooLarge").await;
}
