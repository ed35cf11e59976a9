//! What the example says to files that are not as they should be: file, row, column, cause and remedy.

use encoding_rs::GBK;
use rust_xlsxwriter::Workbook;

use crate::stage::Stage;

const GOOD: &str = "证券代码,数量,市值\n000001,100,10.00\n";

/// Runs the example with this text, in GBK, as our valuation.
async fn with_valuation(text: &str) -> String {
    let stage = Stage::new();
    std::fs::write(stage.package().join("valuation.csv"), GBK.encode(text).0).unwrap();
    let message = stage.fails(&[]).await;
    assert!(!stage.artifacts().join("differences.xlsx").exists(), "a failed run must not leave a result");
    assert!(stage.host.pushed.lock().unwrap().is_empty(), "a failed run must not push anything");
    message
}

#[tokio::test]
async fn bad_valuations_are_named_with_their_place() {
    for (text, step, expected) in [
        (String::new(), "readValuation", "valuation.csv is empty"),
        (
            "证券代码,数量\n000001,100\n".to_owned(),
            "compare",
            "valuation.csv has no column “市值”. Its columns are: 证券代码, 数量.",
        ),
        (format!("{GOOD}\n000002,一百,1\n"), "compare", "valuation.csv, row 4, column 数量: “一百” is not a number"),
        (format!("{GOOD}\n000002,100,\n"), "compare", "valuation.csv, row 4, column 市值: there is no number"),
        (format!("{GOOD}\n000001,5,1\n"), "compare", "valuation.csv: 证券代码 000001 stands twice, in rows 2 and 4."),
        (
            format!("{GOOD}000002,1,234,5.00\n"),
            "readValuation",
            "valuation.csv, row 3, column D: “5.00” stands under no heading",
        ),
        (format!("{GOOD}000002,\"1,2\",5\n"), "compare", "valuation.csv, row 3, column 数量: “1,2” is not a number"),
        (format!("{GOOD},5,5\n"), "compare", "valuation.csv, row 3: 证券代码 is blank"),
        (format!("{GOOD}\"000002,5,5\n"), "readValuation", "valuation.csv, row 3: a cell begins with a quotation mark"),
        (
            "证券代码,市值,市值\n".to_owned(),
            "readValuation",
            "valuation.csv, row 1: the heading “市值” stands twice, in columns B and C",
        ),
    ] {
        let message = with_valuation(&text).await;
        assert!(message.contains(expected), "{message}");
        assert!(message.contains("main.flow.yaml") && message.contains(step), "{message}");
    }
}

#[tokio::test]
async fn a_broken_encoding_is_named() {
    let stage = Stage::new();
    let mut bytes = GBK.encode(GOOD).0.into_owned();
    bytes.extend_from_slice(b"\xFF\xFF,1,1\n");
    std::fs::write(stage.package().join("valuation.csv"), bytes).unwrap();
    let message = stage.fails(&[]).await;
    assert!(message.contains("valuation.csv, row ") && message.contains("encoding"), "{message}");
}

#[tokio::test]
async fn bad_workbooks_are_named_with_their_place() {
    let stage = Stage::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in
        (0..).zip([["证券代码", "数量", "市值"], ["", "", ""], ["000001", "1", "1"], ["000001", "2", "2"]])
    {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    book.save(stage.package().join("custodian.xlsx")).unwrap();
    let message = stage.fails(&[]).await;
    assert!(
        message.contains("custodian.xlsx, sheet Sheet1: 证券代码 000001 stands twice, in rows 3 and 4."),
        "{message}"
    );

    std::fs::write(stage.package().join("custodian.xlsx"), b"no workbook").unwrap();
    let message = stage.fails(&[]).await;
    assert!(message.contains("custodian.xlsx is not a spreadsheet that can be read"), "{message}");
}

#[tokio::test]
async fn files_that_are_not_there_and_ways_out_of_the_package() {
    let stage = Stage::new();
    let message = stage.fails(&[("custodianFile", "none.xlsx")]).await;
    assert!(message.contains("there is no file none.xlsx") && message.contains("give the whole path"), "{message}");
    let message = stage.fails(&[("custodianFile", "../package/custodian.xlsx")]).await;
    assert!(message.contains("leads out of its folder"), "{message}");
}
