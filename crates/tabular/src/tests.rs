//! Files as they come, read whole.

use super::*;

const FREE: Stopped<'_> = &|| false;

#[test]
fn a_workbook_is_read_as_it_was_written() {
    let mut writer = SheetWriter::new(1_800_000_000_000).unwrap();
    writer.row(&[Cell::Text("code"), Cell::Text("value")]).unwrap();
    writer.row(&[Cell::Text("=1+1"), Cell::Number("-12.5")]).unwrap();
    writer.row(&[Cell::Text("000001"), Cell::Number("12345678901234567890")]).unwrap();
    let bytes = writer.finish().unwrap();
    let rows = read(bytes.clone(), "f.xlsx", None, FREE).unwrap();
    let expected = [["code", "value"], ["=1+1", "-12.5"], ["000001", "12345678901234567890"]];
    assert_eq!(rows.into_iter().map(|(_, cells)| cells).collect::<Vec<_>>(), expected);
    assert_eq!(read(bytes.clone(), "upload", None, FREE).unwrap().len(), 3, "known by its first bytes");
    let mut workbook = open(bytes, "f.xlsx", FREE).unwrap();
    let formulas = calamine::Reader::worksheet_formula(&mut workbook, "Sheet1").unwrap();
    assert!(formulas.used_cells().next().is_none(), "a text is no formula");
}

#[test]
fn text_is_read_in_its_encoding_and_problems_name_their_place() {
    let gbk = encoding::encode("代码,数量\n000001,5\n", encoding::by_name("gbk").unwrap(), false, "f").unwrap();
    let rows = read(gbk.clone(), "f.csv", None, FREE).unwrap();
    assert_eq!(rows[1], (2, vec!["000001".to_owned(), "5".to_owned()]));
    assert!(read(gbk, "f.csv", Some("utf-8"), FREE).is_err());
    assert!(matches!(read(b"no workbook".to_vec(), "f.xlsx", None, FREE), Err(Problem::Data(_))));
    assert_eq!(read(b"a".to_vec(), "f.csv", None, &|| true), Err(Problem::Stopped));
}
