//! A hundred thousand rows on each side: it must simply work.

use std::fmt::Write;

use baigong_flow::Outcome;
use rust_xlsxwriter::Workbook;

use crate::stage::Stage;

#[tokio::test]
async fn a_hundred_thousand_securities_are_reconciled() {
    let stage = Stage::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let mut csv = "证券代码,数量,市值\n".to_owned();
    for (column, heading) in (0..).zip(["证券代码", "数量", "市值"]) {
        sheet.write_string(0, column, heading).unwrap();
    }
    for number in 1..=100_000_u32 {
        let off = if number % 1000 == 0 { 5 } else { 0 };
        sheet.write_string(number, 0, format!("{number:06}")).unwrap();
        sheet.write_number(number, 1, f64::from(number)).unwrap();
        sheet.write_number(number, 2, f64::from(number) + 0.1).unwrap();
        writeln!(csv, "{number:06},{number},{number}.1{off}").unwrap();
    }
    book.save(stage.package().join("custodian.xlsx")).unwrap();
    std::fs::write(stage.package().join("valuation.csv"), csv).unwrap();
    let Outcome::Succeeded { outputs } = stage.run(&[]).await else { panic!("the run must succeed") };
    let values: Vec<&str> = outputs.iter().map(|output| output.value.as_str()).collect();
    assert_eq!(values, ["99900", "100", "-5.00"]);
}
