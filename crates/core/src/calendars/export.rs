//! The non-working days of a calendar as a table, in the form that [`super::import`] reads.

use baigong_model::{Result, ids::CalendarId};

use super::look;
use crate::{
    Caller, Platform,
    queue_items::ExportFormat,
    tabular::{self, Cell, SheetWriter, TextWriter},
};

/// A file with the days of a calendar.
#[derive(Debug)]
pub struct Exported {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The days of a calendar, deleted or not, as a file: one day a row, with what it is called.
pub async fn export(platform: &Platform, caller: &Caller, id: CalendarId, format: ExportFormat) -> Result<Exported> {
    let details = look::query(platform, caller, id).await?;
    let days = details.non_working_days.iter().map(|(day, name)| [Cell::Text(day), Cell::Text(name)]);
    let rows = std::iter::once([Cell::Text("date"), Cell::Text("name")]).chain(days);
    let name = details.listed.row.name;
    match format {
        ExportFormat::Csv { mark } => {
            let mut writer = TextWriter::new(mark);
            rows.for_each(|row| writer.row(&row));
            Ok(Exported { name: format!("{name}.csv"), bytes: writer.take() })
        }
        ExportFormat::Xlsx => {
            let mut writer = SheetWriter::new(platform.now()).map_err(tabular::of)?;
            for row in rows {
                writer.row(&row).map_err(tabular::of)?;
            }
            Ok(Exported { name: format!("{name}.xlsx"), bytes: writer.finish().map_err(tabular::of)? })
        }
    }
}
