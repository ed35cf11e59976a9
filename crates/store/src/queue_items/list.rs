//! Items as lists, exports and searches see them. Pages are found in an index and only then read, so that a late page costs
//! about what the first does.

use std::collections::HashMap;

use baigong_model::{Page, Result};
use sea_orm::{ConnectionTrait, DatabaseTransaction as Tx, Value};

use super::{
    expression::{Conditions, Expression},
    row::{COLUMNS, from_row},
};
use crate::{entity::queue_item, sql, write::Store};

/// Which items of a queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// The queue.
    pub queue_id: i64,
    /// Only in this state: then in the order in which they would be taken, otherwise oldest first.
    pub state: Option<&'static str>,
    /// Only the one with this reference.
    pub reference: Option<String>,
    /// Only made from then on, and before then.
    pub created: (Option<i64>, Option<i64>),
    /// Only ended from then on, and before then.
    pub ended: (Option<i64>, Option<i64>),
    /// Only those that contain this.
    pub keyword: Option<String>,
    /// Only those that fulfil this.
    pub expression: Option<Expression>,
    /// Deleted items too.
    pub include_deleted: bool,
}

/// The last item of the page before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// Its id.
    pub id: i64,
    /// Its priority.
    pub priority: i32,
}

impl Filter {
    /// All live items of a queue.
    #[must_use]
    pub fn all(queue_id: i64) -> Self {
        Self {
            queue_id,
            state: None,
            reference: None,
            created: (None, None),
            ended: (None, None),
            keyword: None,
            expression: None,
            include_deleted: false,
        }
    }

    fn order(&self) -> &'static str {
        if self.state.is_some() { "priority, id" } else { "id" }
    }

    fn conditions<C: ConnectionTrait>(&self, on: &C, after: Option<After>) -> (String, Vec<Value>) {
        let mut conditions = Conditions::new(on);
        let mut all = vec![format!("queue_id = {}", conditions.bind(self.queue_id))];
        if !self.include_deleted {
            all.push("state <> 'deleted'".into());
        }
        if let Some(state) = self.state {
            all.push(format!("state = {}", conditions.bind(state)));
        }
        if let Some(reference) = &self.reference {
            all.push(format!("reference = {}", conditions.bind(reference.as_str())));
        }
        for (column, (from, before)) in [("created_at", self.created), ("ended_at", self.ended)] {
            for (is, bound) in [(">=", from), ("<", before)] {
                all.extend(bound.map(|bound| format!("{column} {is} {}", conditions.bind(bound))));
            }
        }
        all.extend(self.keyword.as_deref().map(|word| conditions.contains(word)));
        all.extend(self.expression.as_ref().map(|expression| conditions.text(expression)));
        if let Some(after) = after {
            let id = conditions.bind(after.id);
            all.push(match self.state {
                Some(_) => format!("(priority, id) > ({}, {id})", conditions.bind(after.priority)),
                None => format!("id > {id}"),
            });
        }
        (all.join(" AND "), conditions.values)
    }
}

/// A page of items; with `after` the one that follows that item.
pub async fn list(store: &Store, filter: &Filter, page: Page, after: Option<After>) -> Result<Vec<queue_item::Model>> {
    let offset = if after.is_some() { 0 } else { page.offset() };
    let ((which, values), order) = (filter.conditions(store.reader(), after), filter.order());
    let text = format!(
        "SELECT {} FROM queue_item WHERE id IN (SELECT id FROM queue_item WHERE {which} ORDER BY {order} LIMIT {} OFFSET {offset})
         ORDER BY {order}",
        *COLUMNS,
        page.size()
    );
    sql::rows(store.reader(), &text, values).await?.iter().map(from_row).collect()
}

/// How many items a list holds.
pub async fn count(store: &Store, filter: &Filter) -> Result<u64> {
    let (which, values) = filter.conditions(store.reader(), None);
    let text = format!("SELECT COUNT(*) FROM queue_item WHERE {which}");
    let counted: Vec<i64> = sql::column(store.reader(), &text, values).await?;
    Ok(counted.first().copied().unwrap_or(0).unsigned_abs())
}

/// Up to `limit` items with ids above `after` and up to `last`, oldest first: an export reads slice by slice.
pub async fn slice(
    store: &Store,
    filter: &Filter,
    (after, last): (i64, i64),
    limit: u64,
) -> Result<Vec<queue_item::Model>> {
    let (which, mut values) = filter.conditions(store.reader(), None);
    values.extend([after.into(), last.into()]);
    let count = values.len();
    let text = format!(
        "SELECT {} FROM queue_item WHERE {which} AND id > ${} AND id <= ${count} ORDER BY id LIMIT {limit}",
        *COLUMNS,
        count - 1
    );
    sql::rows(store.reader(), &text, values).await?.iter().map(from_row).collect()
}

/// The item `id` of a queue, deleted or not.
pub async fn find(store: &Store, queue_id: i64, id: i64) -> Result<Option<queue_item::Model>> {
    let text = format!("SELECT {} FROM queue_item WHERE id = $1 AND queue_id = $2", *COLUMNS);
    let rows = sql::rows(store.reader(), &text, vec![id.into(), queue_id.into()]).await?;
    rows.first().map(from_row).transpose()
}

/// The items `ids`, inside a write.
pub(super) async fn by_ids(tx: &Tx, ids: &[i64]) -> Result<Vec<queue_item::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!("SELECT {} FROM queue_item WHERE id IN {}", *COLUMNS, sql::places(tx, 1, ids.len(), 0));
    let rows = sql::rows(tx, &text, ids.iter().map(|id| Value::from(*id)).collect()).await?;
    rows.iter().map(from_row).collect()
}

/// Where a list goes on after the item `id`.
pub async fn after(store: &Store, queue_id: i64, id: i64) -> Result<Option<After>> {
    let text = "SELECT priority FROM queue_item WHERE id = $1 AND queue_id = $2";
    let found: Vec<i32> = sql::column(store.reader(), text, vec![id.into(), queue_id.into()]).await?;
    Ok(found.first().map(|priority| After { id, priority: *priority }))
}

/// What an item that was forwarded left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its output as it is stored.
    pub output: Option<String>,
    /// Why it failed.
    pub reason: Option<String>,
    /// Whether its output is sealed.
    pub is_secret: bool,
}

/// The origins of forwarded items, by their ids.
pub async fn origins(store: &Store, ids: &[i64]) -> Result<HashMap<i64, Origin>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let reader = store.reader();
    let text = format!(
        "SELECT id, output, reason, is_secret FROM queue_item WHERE id IN {}",
        sql::places(reader, 1, ids.len(), 0)
    );
    let rows = sql::rows(reader, &text, ids.iter().map(|id| Value::from(*id)).collect()).await?;
    let read = |row| {
        Ok((
            sql::get(row, 0)?,
            Origin { output: sql::get(row, 1)?, reason: sql::get(row, 2)?, is_secret: sql::get(row, 3)? },
        ))
    };
    rows.iter().map(read).collect()
}
