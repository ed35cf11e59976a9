//! The two files as such files are: numbers that are texts, thousands separators, blank lines, blanks behind codes.

use std::fmt::Write;

use encoding_rs::GBK;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::{Position, Side, valuation_order, yuan};

const HEADINGS: [&str; 3] = ["证券代码", "数量", "市值"];

/// The custodian's workbook: by code, every 40th row blank, every 7th row with numbers typed as text.
pub(crate) fn custodian_workbook(positions: &[Position]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_ymd(2026, 11, 20)?;
    workbook.set_properties(&DocProperties::new().set_title("托管持仓").set_creation_datetime(&made));
    let sheet = workbook.add_worksheet();
    sheet.set_name("持仓")?;
    let bold = Format::new().set_bold();
    for (column, heading) in (0..).zip(HEADINGS) {
        sheet.write_string_with_format(0, column, heading, &bold)?;
    }
    let mut row = 1;
    let held = positions.iter().filter_map(|position| position.custodian.map(|side| (position, side)));
    for (index, (position, side)) in held.enumerate() {
        if index % 40 == 39 {
            row += 1;
        }
        write_row(sheet, row, &position.code, side, index)?;
        row += 1;
    }
    sheet.set_column_width(0, 12)?.set_column_width(1, 14)?.set_column_width(2, 20)?;
    workbook.save_to_buffer()
}

fn write_row(sheet: &mut Worksheet, row: u32, code: &str, side: Side, index: usize) -> Result<(), XlsxError> {
    let text = Format::new().set_num_format("@");
    let code = if index % 90 == 17 { format!("{code} ") } else { code.to_owned() };
    sheet.write_string_with_format(row, 0, code, &text)?;
    if index % 7 == 3 {
        sheet.write_string(row, 1, grouped(&side.quantity.to_string()))?;
        sheet.write_string(row, 2, grouped(&yuan(side.value)))?;
        return Ok(());
    }
    let whole = Format::new().set_num_format("#,##0");
    let money = Format::new().set_num_format("#,##0.00");
    sheet.write_number_with_format(row, 1, float(&side.quantity.to_string()), &whole)?;
    sheet.write_number_with_format(row, 2, float(&yuan(side.value)), &money)?;
    Ok(())
}

/// The float a spreadsheet keeps for a number.
fn float(text: &str) -> f64 {
    text.parse().unwrap_or_default()
}

/// Our valuation as GBK text with Windows line ends: the largest first, large values with separators, blank lines.
pub(crate) fn valuation_csv(positions: &[Position]) -> Vec<u8> {
    let mut text = format!("{}\r\n", HEADINGS.join(","));
    for (index, position) in valuation_order(positions).into_iter().enumerate() {
        let Some(side) = position.valuation else { continue };
        let (quantity, value) = (side.quantity.to_string(), yuan(side.value));
        let line = match index % 3 {
            0 => format!("{},\"{}\",\"{}\"", position.code, grouped(&quantity), grouped(&value)),
            1 => format!("{},{quantity},\"{}\"", position.code, grouped(&value)),
            _ => format!("{}, {quantity} ,{value}", position.code),
        };
        let blank = if index % 55 == 54 { "\r\n" } else { "" };
        write!(text, "{line}\r\n{blank}").unwrap_or_default();
    }
    text.push_str("\r\n,,\r\n");
    GBK.encode(&text).0.into_owned()
}

/// A number with thousands separators: "-1234567.80" is "-1,234,567.80".
fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut grouped = String::new();
    for (index, digit) in whole.char_indices() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{fraction}")
}
