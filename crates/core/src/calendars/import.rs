//! Days from a file: CSV or a spreadsheet, one day a row, beside it what the day is called. Holidays come as such lists, by
//! mail and in whatever encoding; a row that cannot be read refuses the whole file, because a calendar that is nearly
//! right fires on a holiday.

use std::{collections::BTreeMap, path::PathBuf};

use baigong_model::{Error, Permission, Result, ids::CalendarId};
use baigong_store::{audits, calendars as rows};
use futures_util::FutureExt;
use jiff::civil::Date;
use serde_json::json;

use super::{
    change::{changed, checked_name, custom, insert, replace_days},
    loaded, not_too_many,
};
use crate::{
    Caller, Platform,
    tabular::{Row, meant, read_file},
};

/// The longest name of a day, in letters.
const LONGEST_NAME: usize = 128;
/// What the columns are called in a first row that is no day.
const DATE_HEADS: &[&str] = &["date", "day", "日期", "非工作日", "非交易日", "nonworkingday", "nonworkingdays"];
const NAME_HEADS: &[&str] = &["name", "holiday", "remark", "名称", "节日", "假日", "节假日", "说明", "备注"];
/// How a day may be written.
const FORMS: &[&str] = &["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日"];

/// What is imported, and where to.
#[derive(Debug, Clone)]
pub struct Import {
    /// The calendar that gets the days; none to make one.
    pub calendar_id: Option<CalendarId>,
    /// The name of the calendar to be made.
    pub name: Option<String>,
    /// What becomes of the days it has.
    pub mode: Mode,
    /// Where the file lies.
    pub file: PathBuf,
    /// What its owner calls it.
    pub file_name: String,
    /// The encoding of a text file; found out when absent.
    pub encoding: Option<String>,
}

/// What becomes of the days that a calendar has when others are imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They go.
    Replace,
    /// They stay.
    Add,
}

/// What was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The calendar.
    pub calendar_id: CalendarId,
    /// How many days the file names.
    pub days: usize,
}

/// Reads a file of days into a calendar: all of it or nothing.
pub async fn import(platform: &Platform, caller: &Caller, import: Import) -> Result<Imported> {
    caller.need(Permission::CalendarWrite)?;
    let target = match (import.calendar_id, &import.name) {
        (Some(id), None) => Target::Existing(id),
        (None, Some(name)) => Target::New(checked_name(name)?),
        _ => return Err(Error::invalid("calendarId", "give either calendarId or, for a new calendar, calendarName")),
    };
    let rows = read_file(&import.file, &import.file_name, import.encoding.as_deref()).await?;
    let days = days_of(&rows)?;
    let (count, mode, now, caller) = (days.len(), import.mode, platform.now(), caller.clone());
    let imported = platform.store.write(move |tx| {
        async move {
            let id = match target {
                Target::Existing(id) => custom(tx, id).await?.id,
                Target::New(name) => insert(tx, &caller, now, name).await?,
            };
            let mut all = match mode {
                Mode::Replace => BTreeMap::new(),
                Mode::Add => loaded(rows::days(tx, id).await?)?,
            };
            all.extend(days);
            let difference = replace_days(tx, id, all).await?;
            let detail = json!({ "file": import.file_name, "days": difference });
            let audit = caller.audit(now, "import", "calendar", Some(id), None, &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    let calendar_id = imported.await?;
    changed(platform);
    Ok(Imported { calendar_id, days: count })
}

enum Target {
    Existing(CalendarId),
    New(String),
}

/// The days of a file's rows. A first row without a day says what the columns are.
fn days_of(rows: &[Row]) -> Result<BTreeMap<Date, String>> {
    let mut filled = rows.iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty())).peekable();
    let columns = match filled.peek() {
        None => return Err(Error::invalid("file", "has no rows: write one day a row, such as 2026-10-01")),
        Some((_, cells)) => Columns::named_by(cells),
    };
    if columns.is_some() {
        filled.next();
    }
    let columns = columns.unwrap_or(Columns { date: 0, name: Some(1) });
    let mut days = BTreeMap::new();
    for (number, cells) in filled {
        let cell = |column: usize| cells.get(column).map(|cell| cell.trim()).unwrap_or_default();
        let day = day_of(cell(columns.date)).ok_or_else(|| no_day(*number, cell(columns.date)))?;
        let name = meant(columns.name.map(cell).unwrap_or_default());
        if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            let reason = format!("row {number}: the name must be one line of at most {LONGEST_NAME} letters");
            return Err(Error::invalid("file", reason));
        }
        days.insert(day, name.to_owned());
    }
    not_too_many("file", days.len())?;
    Ok(days)
}

/// Which column is what.
struct Columns {
    date: usize,
    name: Option<usize>,
}

impl Columns {
    /// As a row of heads says; `None` when it is not one.
    fn named_by(cells: &[String]) -> Option<Self> {
        let place = |heads: &[&str]| {
            cells
                .iter()
                .position(|cell| heads.contains(&cell.trim().trim_start_matches('\u{feff}').to_lowercase().as_str()))
        };
        Some(Self { date: place(DATE_HEADS)?, name: place(NAME_HEADS) })
    }
}

/// The day in a cell; spreadsheets add a time of 00:00:00.
fn day_of(cell: &str) -> Option<Date> {
    let cell = cell.trim_start_matches('\u{feff}');
    let day = cell.strip_suffix("00:00:00").map_or(cell, |day| day.trim_end_matches([' ', 'T']));
    FORMS.iter().find_map(|form| Date::strptime(form, day).ok())
}

fn no_day(number: u64, cell: &str) -> Error {
    let shown: String = cell.chars().take(40).collect();
    Error::invalid("file", format!("row {number}: \"{shown}\" is not a date that looks like 2026-10-01"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(texts: &[&[&str]]) -> Vec<Row> {
        let row = |cells: &&[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
        (1..).zip(texts.iter().map(row)).collect()
    }

    fn read(texts: &[&[&str]]) -> Result<Vec<(String, String)>> {
        Ok(days_of(&rows(texts))?.into_iter().map(|(day, name)| (day.to_string(), name)).collect())
    }

    #[test]
    fn days_are_read_in_every_usual_form() {
        let forms: &[&[&str]] = &[
            &["2026-10-01"],
            &["2026/10/2"],
            &["2026.10.03"],
            &["20261004"],
            &["2026年10月5日"],
            &["2026-10-06 00:00:00"],
            &["2026-10-07T00:00:00"],
        ];
        let days: Vec<String> = read(forms).unwrap().into_iter().map(|(day, _)| day).collect();
        let expected: Vec<String> = (1..=7).map(|day| format!("2026-10-0{day}")).collect();
        assert_eq!(days, expected);
    }

    #[test]
    fn heads_say_which_column_is_what_and_need_not_be_there() {
        let expected = [("2026-01-01".to_owned(), "元旦".to_owned())];
        assert_eq!(read(&[&["\u{feff}名称", "日期"], &["元旦", "2026-01-01"]]).unwrap(), expected);
        assert_eq!(read(&[&["2026-01-01", "元旦"], &[""], &["", " "]]).unwrap(), expected);
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_row() {
        let cases: &[(&[&[&str]], &str)] = &[
            (&[], "no rows"),
            (&[&["2026-01-01"], &["2026-02-30"]], "row 2: \"2026-02-30\""),
            (&[&["date"], &[""], &["2026-01-01"], &["soon"]], "row 4: \"soon\""),
            (&[&["when"], &["2026-01-01"]], "row 1: \"when\""),
            (&[&["2026-01-01", &"长".repeat(129)]], "row 1: the name"),
        ];
        for (texts, part) in cases {
            let error = read(texts).expect_err(part).to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
