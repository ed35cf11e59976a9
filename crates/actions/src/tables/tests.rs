//! The table actions as a flow uses them.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::testing::Desk;

fn positions() -> Value {
    json!({"source": "p.csv", "columns": ["code", "kind", "value"], "rows": [
        {"code": "000001", "kind": "stock", "value": "1,000.10", "_row": 2},
        {"code": "600000", "kind": "fund", "value": "", "_row": 3},
        {"code": "000002", "kind": "stock", "value": "9", "_row": 5},
        {"code": "510300", "kind": "fund", "value": "-3.2", "_row": 6},
    ]})
}

fn codes(table: &Value) -> Vec<&str> {
    table["rows"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn rows_are_filtered_by_text_and_by_exact_number() {
    let desk = Desk::new();
    for (conditions, any, expected) in [
        (json!([{"column": "kind", "is": "equals", "value": "stock"}]), false, &["000001", "000002"][..]),
        (json!([{"column": "value", "is": "atLeast", "value": 9}]), false, &["000001", "000002"]),
        (json!([{"column": "value", "is": "equalsNumber", "value": "1000.100"}]), false, &["000001"]),
        (json!([{"column": "value", "is": "blank"}]), false, &["600000"]),
        (json!([{"column": "code", "is": "oneOf", "value": ["510300", "x"]}]), false, &["510300"]),
        (
            json!([{"column": "kind", "is": "equals", "value": "fund"}, {"column": "value", "is": "less", "value": "0"}]),
            false,
            &["510300"],
        ),
        (
            json!([{"column": "kind", "is": "equals", "value": "fund"}, {"column": "value", "is": "greater", "value": "9"}]),
            true,
            &["000001", "600000", "510300"],
        ),
        (
            json!([{"column": "code", "is": "startsWith", "value": "0000"}, {"column": "value", "is": "notBlank"}]),
            false,
            &["000001", "000002"],
        ),
        (json!([]), false, &["000001", "600000", "000002", "510300"]),
    ] {
        let parameters = json!({"table": positions(), "conditions": conditions, "any": any});
        assert_eq!(codes(&desk.ok("table.filter", parameters).await), expected, "{conditions}");
    }
    let wrong = json!({"table": positions(), "conditions": [{"column": "kind", "is": "less", "value": 1}]});
    let message = desk.fails("table.filter", wrong, "invalidData").await;
    assert!(message.starts_with("p.csv, row 2, column kind: “stock” is not a number"), "{message}");
}

#[tokio::test]
async fn what_a_step_leaves_out_is_asked_for_by_its_name() {
    let desk = Desk::new();
    for (action, parameters, asked) in [
        ("table.filter", json!({"conditions": [{"column": "value", "is": "less"}]}), "“value” has no value"),
        ("table.filter", json!({"conditions": [{"column": "code", "is": "contains"}]}), "give value"),
        ("table.group", json!({"compute": [{"function": "sum", "as": "total"}]}), "“total” needs the column"),
    ] {
        for table in [positions(), json!([{"code": "1", "kind": "x", "value": "1"}])] {
            let mut parameters = parameters.clone();
            parameters["table"] = table;
            let message = desk.fails(action, parameters, "invalidParameter").await;
            assert!(message.contains(asked), "{action}: {message}");
        }
    }
    let wrong = json!({"left": [], "right": [], "key": ["a"], "compare": [{"column": "b", "tolerance": "small"}]});
    let message = desk.fails("table.diff", wrong, "invalidParameter").await;
    assert!(message.starts_with("compare[0].tolerance: “small” is not a number"), "{message}");
}

#[tokio::test]
async fn tables_are_compared_without_names_for_their_sides() {
    let (left, right) = (json!([{"code": "1", "value": "2"}]), json!([{"code": "1", "value": "5"}]));
    let parameters = json!({"left": left, "right": right, "key": ["code"], "compare": [{"column": "value"}]});
    let result = Desk::new().ok("table.diff", parameters).await;
    assert_eq!(result["table"]["columns"], json!(["code", "value", "right value"]));
}

#[tokio::test]
async fn rows_are_sorted_by_text_or_number() {
    let desk = Desk::new();
    let by_value = json!({"table": positions(), "by": [{"column": "value", "number": true}]});
    assert_eq!(codes(&desk.ok("table.sort", by_value).await), ["600000", "510300", "000002", "000001"]);
    let by_kind = json!({"table": positions(), "by": [{"column": "kind", "descending": true}, {"column": "code", "descending": true}]});
    let sorted = desk.ok("table.sort", by_kind).await;
    assert_eq!(codes(&sorted), ["000002", "000001", "600000", "510300"]);
    assert_eq!(sorted["rows"][0]["_row"], 5, "a row keeps its number");
}

#[tokio::test]
async fn rows_are_grouped_with_exact_sums() {
    let desk = Desk::new();
    let compute = json!([
        {"function": "count", "as": "n"}, {"function": "sum", "column": "value", "as": "total"},
        {"function": "max", "column": "value", "as": "most"}, {"function": "average", "column": "value", "as": "mean"},
        {"function": "first", "column": "code", "as": "code"},
    ]);
    let grouped = desk.ok("table.group", json!({"table": positions(), "by": ["kind"], "compute": compute})).await;
    assert_eq!(
        grouped["rows"],
        json!([
            {"kind": "stock", "n": 2, "total": "1009.10", "most": "1000.10", "mean": "504.55", "code": "000001"},
            {"kind": "fund", "n": 2, "total": "-3.2", "most": "-3.2", "mean": "-3.2", "code": "600000"},
        ])
    );
    let total = json!([{"function": "sum", "column": "value", "as": "total"}]);
    let all = desk.ok("table.group", json!({"table": [{"value": "1"}, {"value": "0.1"}], "compute": total})).await;
    assert_eq!(all["rows"], json!([{"total": "1.1"}]));
}

#[tokio::test]
async fn tables_are_joined_by_their_key() {
    let desk = Desk::new();
    let names = json!({"columns": ["id", "name", "value"], "rows": [
        {"id": " 000001", "name": "平安银行", "value": "x"}, {"id": "999999", "name": "无", "value": "y"},
    ]});
    for (keep, expected) in [
        ("both", &["000001"][..]),
        ("left", &["000001", "600000", "000002", "510300"]),
        ("all", &["000001", "600000", "000002", "510300", "999999"]),
    ] {
        let parameters =
            json!({"left": positions(), "right": names, "key": ["code"], "rightKey": ["id"], "keep": keep});
        let joined = desk.ok("table.join", parameters).await;
        assert_eq!(codes(&joined), expected, "{keep}");
        assert_eq!(joined["columns"], json!(["code", "kind", "value", "name", "right value"]));
        assert_eq!(
            joined["rows"][0],
            json!({
                "code": "000001", "kind": "stock", "value": "1,000.10", "name": "平安银行", "right value": "x", "_row": 2,
            })
        );
    }
}

fn sides(left: &Value, right: &Value) -> Value {
    json!({
        "left": {"source": "custodian.xlsx", "columns": ["code", "q", "v"], "rows": left},
        "right": {"source": "valuation.csv", "columns": ["code", "q", "v"], "rows": right},
        "key": ["code"], "leftName": "their ", "rightName": "our ",
        "compare": [{"column": "q"}, {"column": "v", "tolerance": "0.01", "difference": "gap"}],
    })
}

#[tokio::test]
async fn differences_are_listed_exactly() {
    let left = json!([
        {"code": "000001", "q": "1,000", "v": "10.10"}, {"code": "000002", "q": "5", "v": "0.30"},
        {"code": "000003", "q": "5", "v": "7.01"}, {"code": "000004", "q": "1", "v": "2"},
    ]);
    let right = json!([
        {"code": "000009", "q": "1", "v": "0.1"}, {"code": "000003", "q": "5", "v": "7.03"},
        {"code": "000002 ", "q": "5", "v": "0.29"}, {"code": "000001", "q": "1000.0", "v": "10.10"},
    ]);
    let result = Desk::new().ok("table.diff", sides(&left, &right)).await;
    assert_eq!(result["table"]["columns"], json!(["code", "their q", "our q", "their v", "our v", "gap"]));
    assert_eq!(
        result["table"]["rows"],
        json!([
            {"code": "000003", "their q": "5", "our q": "5", "their v": "7.01", "our v": "7.03", "gap": "-0.02"},
            {"code": "000004", "their q": "1", "our q": "0", "their v": "2", "our v": "0", "gap": "2"},
            {"code": "000009", "their q": "0", "our q": "1", "their v": "0", "our v": "0.1", "gap": "-0.1"},
        ])
    );
    let counts = json!({"matched": 2, "differences": 3, "onlyLeft": 1, "onlyRight": 1, "totals": {"gap": "1.88"}});
    for (name, value) in counts.as_object().unwrap() {
        assert_eq!(&result[name], value, "{name}");
    }
}

#[tokio::test]
async fn what_is_wrong_in_the_tables_is_named_with_its_place() {
    let desk = Desk::new();
    let good = json!([{"code": "1", "q": "1", "v": "1", "_row": 2}]);
    for (bad, beginning) in [
        (
            json!([{"code": "000001", "q": "1", "v": "1", "_row": 3}, {"code": "000001", "q": "2", "v": "2", "_row": 17}]),
            "custodian.xlsx: code 000001 stands twice, in rows 3 and 17.",
        ),
        (
            json!([{"code": "1", "q": "many", "v": "1", "_row": 9}]),
            "custodian.xlsx, row 9, column q: “many” is not a number",
        ),
        (json!([{"code": "1", "q": "1", "v": " ", "_row": 9}]), "custodian.xlsx, row 9, column v: there is no number"),
        (json!([{"code": " ", "q": "1", "v": "1", "_row": 9}]), "custodian.xlsx, row 9: code is blank"),
    ] {
        let message = desk.fails("table.diff", sides(&bad, &good), "invalidData").await;
        assert!(message.starts_with(beginning), "{message}");
    }
    let mut missing = sides(&good, &good);
    missing["right"]["columns"] = json!(["code", "q"]);
    let message = desk.fails("table.diff", missing, "invalidData").await;
    assert!(message.starts_with("valuation.csv has no column “v”. Its columns are: code, q."), "{message}");
    let mut unnamed = sides(&good, &good);
    unnamed["leftName"] = json!("our ");
    desk.fails("table.diff", unnamed, "invalidParameter").await;
    let mut blank = sides(&json!([{"code": "1", "q": "1", "v": "", "_row": 9}]), &good);
    blank["blankIsZero"] = json!(true);
    assert_eq!(desk.ok("table.diff", blank).await["totals"]["gap"], "-1");
}

fn cents(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", (value / 100).unsigned_abs(), (value % 100).unsigned_abs())
}

/// Cents of a decimal text with at most two places, by text alone: independent of the code under test.
fn to_cents(text: &str) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<2}").parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn sums_and_differences_are_those_of_integer_cents(
        pairs in prop::collection::vec((prop::option::of(-10_i64.pow(12)..10_i64.pow(12)), -200_i64..200), 1..40),
        tolerance in 0_i64..150,
    ) {
        let code = |index: usize| format!("{index:06}");
        let mut left = Vec::new();
        let mut right = Vec::new();
        let (mut expected, mut listed) = (0, 0);
        for (index, (base, shift)) in pairs.iter().enumerate() {
            let ours = base.unwrap_or(0);
            let theirs = ours + shift;
            if base.is_some() {
                left.push(json!({"code": code(index), "q": "1", "v": cents(ours)}));
            }
            right.push(json!({"code": code(index), "q": if base.is_some() { "1" } else { "0" }, "v": cents(theirs)}));
            if shift.abs() > tolerance {
                expected += ours - theirs;
                listed += 1;
            }
        }
        let mut parameters = sides(&json!(left), &json!(right));
        parameters["compare"][1]["tolerance"] = json!(cents(tolerance));
        let desk = Desk::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (result, sum) = runtime.block_on(async {
            let result = desk.ok("table.diff", parameters).await;
            let compute = json!([{"function": "sum", "column": "v", "as": "sum"}]);
            let sum = desk.ok("table.group", json!({"table": right, "compute": compute})).await;
            (result, sum)
        });
        prop_assert_eq!(to_cents(result["totals"]["gap"].as_str().unwrap()), expected);
        prop_assert_eq!(&result["differences"], &json!(listed));
        prop_assert_eq!(&result["matched"], &json!(pairs.len() - listed));
        let total: i64 = pairs.iter().map(|(base, shift)| base.unwrap_or(0) + shift).sum();
        prop_assert_eq!(to_cents(sum["rows"][0]["sum"].as_str().unwrap()), total);
    }
}
