//! The committed input files are what the generator makes, byte for byte.

use crate::{
    stage::example_folder,
    valuation_data::{custodian_workbook, positions, valuation_csv},
};

#[test]
fn the_committed_files_are_those_of_the_generator() {
    let book = positions();
    for (name, made) in
        [("custodian.xlsx", custodian_workbook(&book).unwrap()), ("valuation.csv", valuation_csv(&book))]
    {
        let committed = std::fs::read(example_folder().join(name)).unwrap();
        assert!(
            committed == made,
            "{name} is not what the generator makes; run: cargo run -p baigong-actions --example generate_valuation_data -- \
             examples/valuation-reconciliation"
        );
    }
}

#[test]
fn the_data_is_as_awkward_as_real_data() {
    let book = positions();
    let has = |found: &dyn Fn(&crate::valuation_data::Position) -> bool| {
        book.iter().filter(|position| found(position)).count()
    };
    assert!(has(&|position| position.code.starts_with("00")) > 50, "codes with leading zeros");
    assert!(has(&|position| position.code.len() == 5) > 20, "codes of Hong Kong");
    assert_eq!(has(&|position| position.valuation.is_none()), 5, "only the custodian has it");
    assert_eq!(has(&|position| position.custodian.is_none()), 4, "only we have it");
    let csv = encoding_rs::GBK.decode(&valuation_csv(&book)).0.into_owned();
    assert!(csv.contains("\r\n\r\n"), "blank lines");
    assert!(csv.lines().filter(|line| line.contains('"')).count() > 100, "thousands separators");
    assert!(std::str::from_utf8(&valuation_csv(&book)).is_err(), "GBK, not UTF-8");
}
