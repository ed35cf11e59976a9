//! Items from a table: each row becomes one, its columns the fields of its data. All rows or none, and what is wrong is said
//! with its row as Excel shows it.

use std::{collections::HashSet, path::Path};

use baigong_model::{
    Error, Permission, Result,
    ids::{QueueId, QueueItemId},
};
use baigong_store::{audits, queue_items as rows};
use futures_util::FutureExt;
use serde_json::{Map, Value, json};
use std::sync::Arc;

use super::{ItemInput, input::checked, known::live};
use crate::{
    Caller, Platform,
    tabular::{Row, meant, read_file},
};

/// The most items of one file.
const MOST: usize = 100_000;
/// The most problems that are named at once.
const NAMED: usize = 20;
/// Columns that are not data.
const RESERVED: [&str; 4] = ["reference", "priority", "deadline", "availableAt"];

/// A table to be read.
#[derive(Debug, Clone)]
pub struct Import<'f> {
    /// Where it lies.
    pub file: &'f Path,
    /// What its owner calls it: the ending tells what it is.
    pub name: &'f str,
    /// The encoding of a text file, where it is known.
    pub encoding: Option<&'f str>,
    /// Keep the data sealed.
    pub is_secret: bool,
}

/// Reads a time as it stands in a table; none where it is not one.
pub type ReadTime<'r> = &'r (dyn Fn(&str) -> Option<i64> + Sync);

/// Pushes the rows of a table into queue `id`; their ids.
pub async fn import(
    platform: &Platform,
    caller: &Caller,
    id: QueueId,
    table: Import<'_>,
    time: ReadTime<'_>,
) -> Result<Vec<QueueItemId>> {
    let queue = live(platform, caller, Permission::QueueUse, id).await?;
    let read = read_file(table.file, table.name, table.encoding).await?;
    let (head, body) = heading(read)?;
    let now = platform.now();
    let (mut items, mut numbers, mut wrong) = (Vec::with_capacity(body.len()), Vec::new(), Vec::new());
    for (number, cells) in body {
        let item = item(&head, cells, time).and_then(|mut item| {
            item.is_secret = table.is_secret;
            checked(platform, &queue, item, now)
        });
        match item {
            Ok(item) => items.push(item),
            Err(error) => wrong.push(format!("row {number}: {error}")),
        }
        numbers.push(number);
        if wrong.len() >= NAMED {
            break;
        }
    }
    if wrong.is_empty() {
        wrong.extend(repeated(&items, &numbers));
    }
    if !wrong.is_empty() {
        return Err(Error::invalid("file", wrong.join("; ")));
    }
    if items.is_empty() {
        return Err(Error::invalid("file", "has no rows below its headings"));
    }
    let (caller, department) = (caller.clone(), queue.department_id);
    let push = Arc::new(vec![rows::Push { queue_id: id, items, now }]);
    let pushed = platform.store.write(move |tx| {
        async move {
            let ids = rows::push(tx, push).await?.into_iter().next().unwrap_or_else(|| Ok(Vec::new()))?;
            let audit =
                caller.audit(now, "import", "data queue", Some(id), Some(department), &json!({ "items": ids.len() }));
            audits::insert_many(tx, &[audit]).await.map(|()| ids)
        }
        .boxed()
    });
    pushed.await
}

/// The headings, and the rows below that hold something.
fn heading(rows: Vec<Row>) -> Result<(Vec<String>, Vec<Row>)> {
    let is_blank = |cells: &[String]| cells.iter().all(|cell| cell.trim().is_empty());
    let mut rows = rows.into_iter().filter(|(_, cells)| !is_blank(cells));
    let Some((number, head)) = rows.next() else {
        return Err(Error::invalid("file", "is empty: there are no headings"));
    };
    let head: Vec<String> = head.iter().map(|cell| meant(cell.trim()).to_owned()).collect();
    let mut seen = HashSet::new();
    if let Some(twice) = head.iter().find(|name| !name.is_empty() && !seen.insert(name.as_str())) {
        return Err(Error::invalid("file", format!("row {number}: the heading \"{twice}\" stands twice")));
    }
    let body: Vec<Row> = rows.collect();
    if body.len() > MOST {
        return Err(Error::invalid("file", format!("has {} rows; at most {MOST} are read at once", body.len())));
    }
    Ok((head, body))
}

fn item(head: &[String], cells: Vec<String>, time: ReadTime<'_>) -> Result<ItemInput> {
    let mut item = ItemInput::default();
    let mut payload = Map::new();
    for (column, cell) in cells.into_iter().enumerate() {
        let text = meant(&cell);
        let Some(name) = head.get(column).filter(|name| !name.is_empty()) else {
            if text.trim().is_empty() {
                continue;
            }
            return Err(Error::invalid("file", format!("there is no heading above column {}", column + 1)));
        };
        if RESERVED.contains(&name.as_str()) {
            reserved(&mut item, name, text.trim(), time)?;
        } else if !name.starts_with('_') {
            payload.insert(name.clone(), Value::String(text.to_owned()));
        }
    }
    item.payload = Value::Object(payload);
    Ok(item)
}

/// A column that is not data; blank means not given.
fn reserved(item: &mut ItemInput, name: &str, text: &str, time: ReadTime<'_>) -> Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let moment = || time(text).ok_or_else(|| Error::InvalidTime { field: name.to_owned() }).map(Some);
    match name {
        "reference" => item.reference = Some(text.to_owned()),
        "deadline" => item.deadline = moment()?,
        "availableAt" => item.available_at = moment()?,
        _ => {
            let wrong = |_| Error::invalid("priority", "must be 0 (high), 1 (middle) or 2 (low)");
            item.priority = Some(text.parse().map_err(wrong)?);
        }
    }
    Ok(())
}

/// References that stand twice in the file, with the rows they stand in.
fn repeated(items: &[rows::NewItem], numbers: &[u64]) -> Vec<String> {
    let mut seen = std::collections::HashMap::new();
    let mut wrong = Vec::new();
    for (item, number) in items.iter().zip(numbers) {
        let Some(reference) = &item.reference else { continue };
        if let Some(first) = seen.insert(reference.as_str(), *number) {
            wrong.push(format!("row {number}: the reference \"{reference}\" stands in row {first} already"));
        }
        if wrong.len() >= NAMED {
            break;
        }
    }
    wrong
}
