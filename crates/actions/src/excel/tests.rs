//! The spreadsheet actions as a flow uses them.

use std::{
    io::{Cursor, Write},
    path::Path,
};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use serde_json::{Value, json};

use crate::support::testing::Desk;

fn custodian(path: &Path) {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("说明").unwrap().write_string(0, 0, "x").unwrap();
    let sheet = book.add_worksheet();
    sheet.set_name("持仓").unwrap();
    for (column, head) in ["证券代码", "数量", "市值", "日期"].iter().enumerate() {
        sheet.write_string(1, column as u16 + 1, *head).unwrap();
    }
    sheet.write_string(2, 1, "000001").unwrap();
    sheet.write_number(2, 2, 1e15).unwrap();
    sheet.write_number(2, 3, 0.1 + 0.2).unwrap();
    let date = ExcelDateTime::from_ymd(2026, 11, 21).unwrap();
    sheet.write_datetime_with_format(2, 4, &date, &Format::new().set_num_format("yyyy-mm-dd")).unwrap();
    sheet.write_string(4, 1, "600000").unwrap();
    sheet.write_string(4, 2, "1,234").unwrap();
    book.save(path).unwrap();
}

#[tokio::test]
async fn cells_are_exact_texts_and_rows_keep_their_numbers() {
    let desk = Desk::new();
    custodian(&desk.context.package_folder.join("c.xlsx"));
    assert_eq!(desk.ok("excel.sheets", json!({"file": "c.xlsx"})).await, json!(["说明", "持仓"]));
    let read = json!({"file": "c.xlsx", "sheet": "持仓", "skipBlankRows": true});
    let expected = json!({"source": "c.xlsx, sheet 持仓", "columns": ["证券代码", "数量", "市值", "日期"], "rows": [
        {"证券代码": "000001", "数量": "1000000000000000", "市值": "0.3", "日期": "2026-11-21", "_row": 3},
        {"证券代码": "600000", "数量": "1,234", "市值": "", "日期": "", "_row": 5},
    ]});
    assert_eq!(desk.ok("excel.readRange", read).await, expected);
    let part = json!({"file": "c.xlsx", "sheet": "持仓", "range": "B3:C3", "header": false});
    assert_eq!(
        desk.ok("excel.readRange", part).await["rows"],
        json!([{"B": "000001", "C": "1000000000000000", "_row": 3}])
    );
}

#[tokio::test]
async fn codes_stay_text_and_numbers_become_numbers() {
    let desk = Desk::new();
    let table = json!({"columns": ["证券代码", "差异", "注"], "rows": [
        {"证券代码": "000001", "差异": "-1,234.50", "注": "=1+1"},
        {"证券代码": "600000", "差异": "", "注": ""},
        {"证券代码": "600001", "差异": "12345678901234567.89", "注": ""},
    ]});
    let numbers = json!({"差异": "#,##0.00"});
    desk.ok("excel.writeRange", json!({"file": "o.xlsx", "table": table, "sheet": "差异", "numbers": numbers})).await;
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(desk.context.artifacts_folder.join("o.xlsx")).unwrap();
    let range = calamine::Reader::worksheet_range(&mut book, "差异").unwrap();
    let cell = |row, column| range.get_value((row, column)).cloned().unwrap_or_default();
    assert_eq!(cell(1, 0), calamine::Data::String("000001".into()));
    assert_eq!(cell(1, 1), calamine::Data::Float(-1234.5));
    assert_eq!(cell(1, 2), calamine::Data::String("=1+1".into()), "a text never becomes a formula");
    assert_eq!(cell(2, 1), calamine::Data::Empty);
    assert_eq!(cell(3, 1), calamine::Data::String("12345678901234567.89".into()));
    assert!(desk.memory.lines.lock().unwrap()[0].1.contains("cell B4"));
}

#[tokio::test]
async fn columns_have_room_for_chinese_headings_and_for_formatted_numbers() {
    let desk = Desk::new();
    let table = json!({"columns": ["证券代码", "差异", "注"], "rows": [
        {"证券代码": "1", "差异": "-35947204011.65", "注": "x".repeat(500)},
    ]});
    desk.ok("excel.writeRange", json!({"file": "w.xlsx", "table": table, "numbers": {"差异": "#,##0.00"}})).await;
    let file = std::fs::File::open(desk.context.artifacts_folder.join("w.xlsx")).unwrap();
    let mut book = zip::ZipArchive::new(file).unwrap();
    let sheet = std::io::read_to_string(book.by_name("xl/worksheets/sheet1.xml").unwrap()).unwrap();
    let width = |part: &str| part.split('"').next().unwrap().parse::<f64>().unwrap();
    let widths: Vec<f64> = sheet.split(" width=\"").skip(1).map(width).collect();
    // Two Latin letters for a Chinese one; the number is shown as -35,947,204,011.65.
    assert!(widths[0] >= 8.0 && widths[1] >= 18.0, "{widths:?}");
    assert!(widths[2] < 70.0, "one long text does not push the rest off the screen: {widths:?}");
}

#[tokio::test]
async fn bad_input_is_named_with_its_place() {
    let desk = Desk::new();
    custodian(&desk.context.package_folder.join("c.xlsx"));
    desk.package_file("text.xlsx", b"just text");
    desk.package_file("empty.xlsx", b"");
    for (read, beginning) in [
        (json!({"file": "c.xlsx", "sheet": "仓"}), "c.xlsx has no sheet “仓”. Its sheets are: 说明, 持仓."),
        (json!({"file": "text.xlsx"}), "text.xlsx is not a spreadsheet"),
        (json!({"file": "empty.xlsx"}), "empty.xlsx is not a spreadsheet"),
        (json!({"file": "c.xlsx", "sheet": "持仓", "range": "Y1:Z9"}), "c.xlsx, sheet 持仓 is empty"),
    ] {
        let message = desk.fails("excel.readRange", read, "invalidData").await;
        assert!(message.starts_with(beginning), "{message}");
    }
    let table = json!({"source": "v.csv", "rows": [{"a": "x", "_row": 7}]});
    let write = json!({"file": "o.xlsx", "table": table, "numbers": {"a": ""}});
    let message = desk.fails("excel.writeRange", write, "invalidData").await;
    assert!(message.starts_with("v.csv, row 7, column a: “x” is not a number"), "{message}");
    desk.fails("excel.writeRange", json!({"file": "o.csv", "table": []}), "invalidParameter").await;
    let write = json!({"file": "o.xlsx", "table": [{"a": "x"}], "sheet": "11/22"});
    let message = desk.fails("excel.writeRange", write, "invalidParameter").await;
    assert!(message.starts_with("“11/22” cannot be the name of a sheet."), "{message}");
}

#[tokio::test]
async fn a_cell_in_the_last_corner_costs_no_memory() {
    let desk = Desk::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "a").unwrap();
    sheet.write_string(1_048_575, 16_383, "far").unwrap();
    book.save(desk.context.package_folder.join("far.xlsx")).unwrap();
    let message = desk.fails("excel.readRange", json!({"file": "far.xlsx"}), "tooLarge").await;
    assert!(message.contains("from A1 to XFD1048576"), "{message}");
    assert_eq!(desk.ok("excel.readRange", json!({"file": "far.xlsx", "range": "A:C"})).await["columns"], json!(["a"]));
}

#[tokio::test]
async fn a_workbook_that_is_a_bomb_is_refused() {
    let desk = Desk::new();
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default().compression_level(Some(1)))
        .unwrap();
    let zeros = vec![0; 1024 * 1024];
    for _ in 0..513 {
        zip.write_all(&zeros).unwrap();
    }
    desk.package_file("bomb.xlsx", &zip.finish().unwrap().into_inner());
    desk.fails("excel.sheets", json!({"file": "bomb.xlsx"}), "tooLarge").await;
}

#[tokio::test]
async fn what_is_written_is_read_again() {
    let desk = Desk::new();
    let rows: Vec<Value> = (0..500).map(|n| json!({"code": format!("{n:06}"), "value": format!("{n}.05")})).collect();
    let table = json!({"columns": ["code", "value"], "rows": rows});
    let write = json!({"file": "o.xlsx", "table": table, "numbers": {"value": "0.00"}, "start": "C3"});
    desk.ok("excel.writeRange", write).await;
    let read = desk.ok("excel.readRange", json!({"file": "o.xlsx"})).await;
    assert_eq!(read["rows"].as_array().unwrap().len(), 500);
    assert_eq!(read["rows"][7], json!({"code": "000007", "value": "7.05", "_row": 11}));
}
