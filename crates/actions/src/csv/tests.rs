//! The CSV actions as a flow uses them: what is written is read again unchanged, and bad files are named with their place.

use baigong_tabular::encoding;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::testing::Desk;

#[tokio::test]
async fn a_gbk_file_is_read_as_text() {
    let desk = Desk::new();
    let text = "证券代码,数量,市值\r\n000001,\"1,000\",12345.60\r\n\r\n600000,200,1e15\r\n";
    desk.package_file("v.csv", &encoding::encode(text, encoding::by_name("gbk").unwrap(), false, "v").unwrap());
    let table = desk.ok("csv.read", json!({"file": "v.csv", "skipBlankRows": true})).await;
    assert_eq!(
        table,
        json!({"source": "v.csv", "columns": ["证券代码", "数量", "市值"], "rows": [
            {"证券代码": "000001", "数量": "1,000", "市值": "12345.60", "_row": 2},
            {"证券代码": "600000", "数量": "200", "市值": "1e15", "_row": 4},
        ]})
    );
    desk.ok(
        "csv.write",
        json!({"file": "o.csv", "table": table, "encoding": "gb18030", "columns": ["市值", "证券代码"]}),
    )
    .await;
    let again = desk.ok("csv.read", json!({"file": "o.csv", "encoding": "gb18030"})).await;
    assert_eq!(again["columns"], json!(["市值", "证券代码"]));
    assert_eq!(again["rows"][1], json!({"证券代码": "600000", "市值": "1e15", "_row": 3}));
}

#[tokio::test]
async fn delimiters_and_files_without_headings() {
    let desk = Desk::new();
    desk.package_file("t.txt", "007\t1,5\n".as_bytes());
    let table = desk.ok("csv.read", json!({"file": "t.txt", "delimiter": "tab", "header": false})).await;
    assert_eq!(table["rows"], json!([{"A": "007", "B": "1,5", "_row": 1}]));
    desk.fails("csv.read", json!({"file": "t.txt", "delimiter": "::"}), "invalidParameter").await;
}

#[tokio::test]
async fn bad_files_are_named_with_their_place() {
    let desk = Desk::new();
    desk.package_file("empty.csv", b"");
    desk.package_file("comma.csv", b"code,value\n1,2,345.60\n");
    desk.package_file("quote.csv", b"code\n\"1\n");
    desk.package_file("book.csv", b"PK\x03\x04\x14\x00\x08\x08");
    for (file, beginning) in [
        ("empty.csv", "empty.csv is empty"),
        ("comma.csv", "comma.csv, row 2, column C: “345.60” stands under no heading"),
        ("quote.csv", "quote.csv, row 2: a cell begins with a quotation mark"),
        ("book.csv", "book.csv is a spreadsheet, not text. Read it with excel.readRange"),
    ] {
        let message = desk.fails("csv.read", json!({"file": file}), "invalidData").await;
        assert!(message.starts_with(beginning), "{message}");
    }
    let message = desk.fails("csv.read", json!({"file": "none.csv"}), "fileNotFound").await;
    assert!(message.starts_with("there is no file none.csv"), "{message}");
    let table = json!([{"a": "1"}]);
    let message =
        desk.fails("csv.write", json!({"file": "x.csv", "table": table, "columns": ["b"]}), "invalidData").await;
    assert!(message.contains("no column “b”"), "{message}");
}

#[tokio::test]
async fn a_hundred_thousand_rows() {
    let desk = Desk::new();
    let mut text = "code,value\n".to_owned();
    for row in 0..100_000 {
        text.push_str(&format!("{row:06},\"{},000.50\"\n", row % 1000));
    }
    desk.package_file("large.csv", text.as_bytes());
    let table = desk.ok("csv.read", json!({"file": "large.csv"})).await;
    assert_eq!(table["rows"].as_array().unwrap().len(), 100_000);
    assert_eq!(table["rows"][99_999], json!({"code": "099999", "value": "999,000.50", "_row": 100_001}));
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9\",;\\t\\r\\n 证券代码]{0,8}", Just(String::new()), "0[0-9]{5}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_is_written_is_read_again_unchanged(
        cells in prop::collection::vec(prop::collection::vec(cell(), 3), 0..8),
        encoding in prop::sample::select(vec!["utf-8", "gbk", "gb18030", "big5-hkscs", "utf-16le", "utf-16be"]),
        delimiter in prop::sample::select(vec![",", ";", "tab", "|"]),
    ) {
        let rows: Vec<Value> =
            cells.iter().map(|row| json!({"甲": row[0], "乙": row[1], "c": row[2]})).collect();
        // Big5 has no simplified characters.
        let rows: Vec<Value> = if encoding == "big5-hkscs" {
            serde_json::from_str(&json!(rows).to_string().replace(['证', '码'], "中")).unwrap()
        } else {
            rows
        };
        let table = json!({"columns": ["甲", "乙", "c"], "rows": rows});
        let desk = Desk::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let again = runtime.block_on(async {
            let how = json!({"file": "r.csv", "encoding": encoding, "delimiter": delimiter});
            let mut write = how.clone();
            write["table"] = table.clone();
            desk.ok("csv.write", write).await;
            desk.ok("csv.read", how).await
        });
        let mut found = again["rows"].clone();
        for row in found.as_array_mut().unwrap() {
            row.as_object_mut().unwrap().remove("_row");
        }
        prop_assert_eq!(&found, &table["rows"]);
    }
}
