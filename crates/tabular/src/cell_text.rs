//! The text of a cell as its reader means it: exact numbers, ISO dates.

use calamine::{Data, DataRef, ExcelDateTime};

use crate::from_spreadsheet;

/// The text of `cell`.
pub(super) fn text(cell: &DataRef<'_>) -> String {
    match cell {
        DataRef::Empty => String::new(),
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => from_spreadsheet(*value),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::DateTime(moment) => moment_text(moment),
        DataRef::Error(error) => error.to_string(),
    }
}

/// The same cell as the readers of xlsx files give it.
pub(super) fn borrowed(cell: &Data) -> DataRef<'_> {
    match cell {
        Data::Empty => DataRef::Empty,
        Data::Int(value) => DataRef::Int(*value),
        Data::Float(value) => DataRef::Float(*value),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::DateTime(moment) => DataRef::DateTime(*moment),
        Data::DateTimeIso(text) | Data::DurationIso(text) => DataRef::SharedString(text),
        Data::Error(error) => DataRef::Error(error.clone()),
    }
}

/// "2026-11-21", "2026-11-21T20:03:00", "20:03:00" for a time without a day; a duration in hours: "30:15:00".
fn moment_text(moment: &ExcelDateTime) -> String {
    let days = moment.as_f64();
    if moment.is_duration() {
        let milliseconds = (days * 86_400_000.0).round();
        let sign = if milliseconds < 0.0 { "-" } else { "" };
        let seconds = (milliseconds.abs() / 1000.0) as u64;
        return format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let fraction = if milli == 0 { String::new() } else { format!(".{milli:03}") };
    let time = format!("{hour:02}:{minute:02}:{second:02}{fraction}");
    match () {
        () if (0.0..1.0).contains(&days) => time,
        () if (hour, minute, second, milli) == (0, 0, 0, 0) => date,
        () => format!("{date}T{time}"),
    }
}

#[cfg(test)]
mod tests {
    use calamine::{CellErrorType, ExcelDateTimeType};

    use super::*;

    #[test]
    fn cells_are_what_their_reader_sees() {
        let moment = |value, kind| DataRef::DateTime(ExcelDateTime::new(value, kind, false));
        for (cell, expected) in [
            (DataRef::Float(0.1 + 0.2), "0.3"),
            (DataRef::Float(1e15), "1000000000000000"),
            (DataRef::Int(-3), "-3"),
            (DataRef::SharedString("000001"), "000001"),
            (DataRef::Bool(true), "TRUE"),
            (DataRef::Empty, ""),
            (DataRef::Error(CellErrorType::NA), "#N/A"),
            (moment(46_347.0, ExcelDateTimeType::DateTime), "2026-11-21"),
            (moment(46_347.75, ExcelDateTimeType::DateTime), "2026-11-21T18:00:00"),
            (moment(0.5, ExcelDateTimeType::DateTime), "12:00:00"),
            (moment(1.25, ExcelDateTimeType::TimeDelta), "30:00:00"),
        ] {
            assert_eq!(text(&cell), expected, "{cell:?}");
        }
    }
}
