//! Items as a table for people: their own columns, then the fields of their data. Read slice by slice, so that its size does
//! not matter; a text never becomes a formula in whatever opens it.

use std::collections::BTreeSet;

use baigong_model::{Error, Permission, Result, ids::QueueId};
use baigong_store::queue_items as rows;
use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use serde_json::Value;

use super::{
    known::seen,
    view::{Item, ItemFilter, masked},
};
use crate::{
    Caller, Platform,
    tabular::{self, Cell, SheetWriter, TextWriter},
};

/// Items read at once.
const SLICE: u64 = 1000;
/// The most fields of data that become columns.
const MOST_FIELDS: usize = 500;
/// What stands for what is secret.
const HIDDEN: &str = "******";

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Text, with the mark of UTF-8 in front or without.
    Csv {
        /// Excel needs it.
        mark: bool,
    },
    /// A workbook.
    Xlsx,
}

/// A file on its way out.
pub struct Export {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub body: BoxStream<'static, std::io::Result<Bytes>>,
}

/// How a time is written.
pub type ShowTime = fn(&Platform, i64) -> String;

/// The items of queue `id` that `which` names, as a file.
pub async fn export(
    platform: &Platform,
    caller: &Caller,
    id: QueueId,
    which: &ItemFilter,
    format: ExportFormat,
    time: ShowTime,
) -> Result<Export> {
    let queue = seen(platform, caller, Permission::QueueRead, id).await?;
    let filter = which.of_queue(platform, id)?;
    let (last, fields) = survey(platform, &filter).await?;
    let table = Columns { platform: platform.clone(), filter, last, fields, time };
    let ending = if format == ExportFormat::Xlsx { "xlsx" } else { "csv" };
    let body = match format {
        ExportFormat::Csv { mark } => table.text(mark),
        ExportFormat::Xlsx => {
            let bytes = table.sheet().await?;
            futures_util::stream::once(async move { Ok(bytes) }).boxed()
        }
    };
    Ok(Export { name: format!("{}.{ending}", queue.name), body })
}

/// The last item there is, and the fields of all data, in the order of their names: what comes later is not in this file.
async fn survey(platform: &Platform, filter: &rows::Filter) -> Result<(i64, Vec<String>)> {
    let (mut fields, mut last) = (BTreeSet::new(), 0);
    loop {
        let slice = rows::slice(&platform.store, filter, (last, i64::MAX), SLICE).await?;
        let Some(row) = slice.last() else { break };
        last = row.id;
        for item in slice.into_iter().map(masked) {
            fields.extend(data(&item).into_iter().map(|(name, _)| name));
            if fields.len() > MOST_FIELDS {
                let reason =
                    format!("the data of these items has more than {MOST_FIELDS} different fields: narrow the filter");
                return Err(Error::invalid("filter", reason));
            }
        }
    }
    Ok((last, fields.into_iter().collect()))
}

/// The data as columns: the fields of an object, or everything in one.
fn data(item: &Item) -> Vec<(String, Value)> {
    let Some(text) = item.payload() else { return vec![("payload".into(), Value::from(HIDDEN))] };
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => fields.into_iter().collect(),
        Ok(other) => vec![("payload".into(), other)],
        Err(_) => Vec::new(),
    }
}

struct Columns {
    platform: Platform,
    filter: rows::Filter,
    last: i64,
    fields: Vec<String>,
    time: ShowTime,
}

/// Columns that begin with _ are passed over when the file is imported again.
const OWN: [&str; 12] = [
    "_itemId",
    "_state",
    "reference",
    "priority",
    "availableAt",
    "deadline",
    "_attempts",
    "_createdAt",
    "_endedAt",
    "_holder",
    "_reason",
    "_output",
];

impl Columns {
    fn head(&self) -> Vec<&str> {
        OWN.iter().copied().chain(self.fields.iter().map(String::as_str)).collect()
    }

    async fn next(&self, after: i64) -> Result<Vec<Item>> {
        let slice = rows::slice(&self.platform.store, &self.filter, (after, self.last), SLICE).await?;
        Ok(slice.into_iter().map(masked).collect())
    }

    /// The cells of an item, each a number or a text.
    fn cells(&self, item: &Item) -> Vec<Written> {
        let row = &item.row;
        let time = |at: Option<i64>| at.map_or(Written::Nothing, |at| Written::Text((self.time)(&self.platform, at)));
        let text = |text: &Option<String>| text.clone().map_or(Written::Nothing, Written::Text);
        let mut cells = vec![
            Written::Number(row.id.to_string()),
            Written::Text(row.state.clone()),
            text(&row.reference),
            Written::Number(row.priority.to_string()),
            time(Some(row.available_at)),
            time(row.expires_at),
            Written::Number(row.attempts.to_string()),
            time(Some(row.created_at)),
            time(row.ended_at),
            text(&row.holder),
            text(&row.reason),
            text(&row.output),
        ];
        let mut data = data(item);
        for field in &self.fields {
            let place = data.iter().position(|(name, _)| name == field);
            cells.push(place.map_or(Written::Nothing, |at| Written::of(data.swap_remove(at).1)));
        }
        cells
    }

    fn text(self, mark: bool) -> BoxStream<'static, std::io::Result<Bytes>> {
        let mut writer = TextWriter::new(mark);
        writer.row(&self.head().into_iter().map(Cell::Text).collect::<Vec<_>>());
        let first = Bytes::from(writer.take());
        let rest = futures_util::stream::try_unfold((self, 0), async |(table, after)| {
            let items = table.next(after).await.map_err(std::io::Error::other)?;
            let Some(last) = items.last() else { return Ok(None) };
            let (after, mut writer) = (last.row.id, TextWriter::default());
            for item in &items {
                let cells = table.cells(item);
                writer.row(&cells.iter().map(Written::cell).collect::<Vec<_>>());
            }
            Ok(Some((Bytes::from(writer.take()), (table, after))))
        });
        futures_util::stream::once(async move { Ok(first) }).chain(rest).boxed()
    }

    async fn sheet(self) -> Result<Bytes> {
        let mut writer = SheetWriter::new(self.platform.now()).map_err(tabular::of)?;
        writer.row(&self.head().into_iter().map(Cell::Text).collect::<Vec<_>>()).map_err(tabular::of)?;
        let mut after = 0;
        loop {
            let items = self.next(after).await?;
            let Some(last) = items.last() else { break };
            after = last.row.id;
            for item in &items {
                let cells = self.cells(item);
                writer.row(&cells.iter().map(Written::cell).collect::<Vec<_>>()).map_err(tabular::of)?;
            }
        }
        let finished = tokio::task::spawn_blocking(move || writer.finish());
        finished.await.map_err(Error::internal)?.map(Bytes::from).map_err(tabular::of)
    }
}

/// A cell that owns what it says.
enum Written {
    Nothing,
    Number(String),
    Text(String),
}

impl Written {
    fn of(value: Value) -> Self {
        match value {
            Value::Null => Self::Nothing,
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::Text(text),
            other => Self::Text(other.to_string()),
        }
    }

    fn cell(&self) -> Cell<'_> {
        match self {
            Self::Nothing => Cell::Empty,
            Self::Number(text) => Cell::Number(text),
            Self::Text(text) => Cell::Text(text),
        }
    }
}
