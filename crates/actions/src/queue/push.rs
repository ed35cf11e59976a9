//! `queue.push`: puts items into a data queue, all or none.

use baigong_flow::{ActionContext, ActionError, NewQueueItem};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::moment;
use crate::support::{
    table::{ROW_NUMBER, Table},
    trouble::{from_host, invalid_data, invalid_parameter},
};

/// What to put in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The name of the data queue on the platform.
    queue: String,
    /// The items. Give either these or rows.
    items: Option<Vec<Item>>,
    /// A table: each of its rows becomes an item.
    rows: Option<Table>,
    /// With rows: the column whose text is the item's reference.
    reference_column: Option<String>,
    /// With rows: put before each reference, to make it unique in the queue.
    #[serde(default)]
    reference_prefix: String,
    /// With rows: 0 high, 1 middle, 2 low; as the queue says when left empty.
    priority: Option<i64>,
    /// The items are not given out before then: a day or a moment, as the date actions give it.
    available_at: Option<String>,
    /// The items are not given out after then: a day or a moment.
    deadline: Option<String>,
    /// The data is kept sealed, and shown only to who takes the item.
    #[serde(default)]
    secret: bool,
}

/// One item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Item {
    /// Its data, any value.
    payload: Value,
    /// A text that is unique in the queue.
    reference: Option<String>,
    /// 0 high, 1 middle, 2 low; as the queue says when left empty.
    priority: Option<i64>,
    /// Not given out before then, where that is another time than for all.
    available_at: Option<String>,
    /// Not given out after then, where that is another time than for all.
    deadline: Option<String>,
}

/// The ids of the new items.
pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<Vec<i64>, ActionError> {
    let queue = parameters.queue.clone();
    let items = items(parameters)?;
    if items.is_empty() {
        return Ok(Vec::new());
    }
    context.host.queue_push(&queue, items).await.map_err(from_host)
}

fn items(parameters: Parameters) -> Result<Vec<NewQueueItem>, ActionError> {
    let Parameters { items, rows, reference_column, reference_prefix, priority, secret, .. } = parameters;
    let available_at = moment(parameters.available_at.as_deref())?;
    let deadline = moment(parameters.deadline.as_deref())?;
    let mut items = match (items, rows) {
        (Some(items), None) => items.into_iter().map(of_item).collect::<Result<Vec<_>, _>>()?,
        (None, Some(table)) => of_rows(table, reference_column.as_deref(), &reference_prefix, priority)?,
        _ => return Err(invalid_parameter("give either items or rows")),
    };
    for item in &mut items {
        item.available_at = item.available_at.or(available_at);
        item.deadline = item.deadline.or(deadline);
        item.secret = secret;
    }
    let known = |priority: Option<i64>| priority.is_none_or(|priority| (0..=2).contains(&priority));
    if !items.iter().all(|item| known(item.priority)) {
        return Err(invalid_parameter("priority must be 0 (high), 1 (middle) or 2 (low)"));
    }
    Ok(items)
}

fn of_item(item: Item) -> Result<NewQueueItem, ActionError> {
    let Item { payload, reference, priority, available_at, deadline } = item;
    let (available_at, deadline) = (moment(available_at.as_deref())?, moment(deadline.as_deref())?);
    Ok(NewQueueItem { payload, reference, priority, available_at, deadline, ..NewQueueItem::default() })
}

fn of_rows(
    mut table: Table,
    column: Option<&str>,
    prefix: &str,
    priority: Option<i64>,
) -> Result<Vec<NewQueueItem>, ActionError> {
    column.map_or(Ok(()), |column| table.require(column))?;
    let mut items = Vec::with_capacity(table.rows.len());
    for index in 0..table.rows.len() {
        let reference = match column.map(|column| (column, table.text(index, column))) {
            Some((column, text)) if text.trim().is_empty() => {
                return Err(invalid_data(format!(
                    "{}: {column} is blank, so the item has no reference",
                    table.place(index)
                )));
            }
            Some((_, text)) => Some(format!("{prefix}{}", text.trim())),
            None => None,
        };
        let mut payload = std::mem::take(&mut table.rows[index]);
        payload.remove(ROW_NUMBER);
        items.push(NewQueueItem { payload: Value::Object(payload), reference, priority, ..NewQueueItem::default() });
    }
    Ok(items)
}
