//! Items as they are shown: to who takes them with all they hold, to everyone else without what is secret.

use std::collections::HashMap;

use baigong_model::{
    Error, Page, PageOf, Permission, Result,
    ids::{QueueId, QueueItemId},
};
use baigong_store::{entity::queue_item, queue_items as rows};

use super::{filter, known::seen, vault};
use crate::{Caller, Platform, names};

/// Which items of a queue.
#[derive(Debug, Clone, Default)]
pub struct ItemFilter {
    /// Only in this state.
    pub state: Option<String>,
    /// Only those that contain this: in their data (unless it is secret), their reference or their reason.
    pub keyword: Option<String>,
    /// Only the one with this reference.
    pub reference: Option<String>,
    /// Only made from then on, and before then.
    pub created: (Option<i64>, Option<i64>),
    /// Only ended from then on, and before then.
    pub ended: (Option<i64>, Option<i64>),
    /// Only those that fulfil this expression.
    pub expression: Option<String>,
    /// The words in which the expression is written; the usual ones unless said.
    pub vocabulary: Option<&'static filter::Vocabulary>,
    /// One more expression in these words, that must be fulfilled too.
    pub also: Option<String>,
    /// Deleted items too.
    pub include_deleted: bool,
}

impl ItemFilter {
    /// As rows of the store.
    pub(super) fn of_queue(&self, platform: &Platform, queue_id: QueueId) -> Result<rows::Filter> {
        let given =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned);
        let state = match given(&self.state) {
            Some(state) => Some(
                filter::state(&state)
                    .ok_or_else(|| Error::invalid("state", format!("must be one of {}", rows::STATES.join(", "))))?,
            ),
            None => None,
        };
        let zone = &platform.config.time_zone;
        let parse = |text: String| filter::parse_in(&text, zone, self.vocabulary);
        let expression = match (given(&self.expression), given(&self.also)) {
            (Some(one), Some(other)) => Some(rows::Expression::All(vec![parse(one)?, parse(other)?])),
            (one, other) => one.or(other).map(parse).transpose()?,
        };
        Ok(rows::Filter {
            queue_id,
            state,
            reference: given(&self.reference),
            created: self.created,
            ended: self.ended,
            keyword: names::keyword(self.keyword.as_deref())?,
            expression,
            include_deleted: self.include_deleted || state == Some(rows::DELETED),
        })
    }
}

/// An item in a list.
#[derive(Debug, Clone)]
pub struct Item {
    /// The item; what is secret is taken out.
    pub row: queue_item::Model,
}

impl Item {
    /// Its data, JSON; none where it is secret.
    #[must_use]
    pub fn payload(&self) -> Option<&str> {
        (!self.row.is_secret).then_some(self.row.payload.as_str())
    }
}

/// Without what is secret.
pub(super) fn masked(mut row: queue_item::Model) -> Item {
    if row.is_secret {
        row.payload.clear();
        row.output = None;
    }
    Item { row }
}

/// A page of items; after the item `after` instead, where one is given.
pub async fn list(
    platform: &Platform,
    caller: &Caller,
    id: QueueId,
    which: &ItemFilter,
    page: Page,
    after: Option<QueueItemId>,
) -> Result<PageOf<Item>> {
    seen(platform, caller, Permission::QueueRead, id).await?;
    let (store, filter) = (&platform.store, which.of_queue(platform, id)?);
    let after = match after {
        Some(item) => {
            let found = rows::after(store, id, item).await?;
            Some(found.ok_or_else(|| Error::not_found("queue item", item))?)
        }
        None => None,
    };
    let (found, total) = tokio::try_join!(rows::list(store, &filter, page, after), rows::count(store, &filter))?;
    Ok(PageOf { rows: found.into_iter().map(masked).collect(), total })
}

/// One item, deleted or not.
pub async fn query(platform: &Platform, caller: &Caller, id: QueueId, item: QueueItemId) -> Result<Item> {
    seen(platform, caller, Permission::QueueRead, id).await?;
    let row = rows::find(&platform.store, id, item).await?;
    row.map(masked).ok_or_else(|| Error::not_found("queue item", item))
}

/// An item in the hands of who took it.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The item.
    pub row: queue_item::Model,
    /// Where it was forwarded from.
    pub origin: Option<TakenFrom>,
}

/// The item that was forwarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenFrom {
    /// Its id.
    pub item_id: QueueItemId,
    /// What came out of it, JSON.
    pub output: Option<String>,
    /// Why it failed.
    pub reason: Option<String>,
}

/// Items that were just taken, with all they hold. One whose seal does not open is left out: it would not keep others from
/// those who took them, and is tried again until its attempts are used up.
pub(crate) async fn opened(platform: &Platform, taken: Vec<queue_item::Model>) -> Result<Vec<Taken>> {
    let wanted: Vec<i64> = taken.iter().filter_map(|row| row.origin_id).collect();
    let origins = rows::origins(&platform.store, &wanted).await?;
    let (many, mut shown) = (taken.len() > 1, Vec::with_capacity(taken.len()));
    for row in taken {
        let id = row.id;
        match with_origin(platform, row, &origins) {
            Ok(item) => shown.push(item),
            Err(error) if many => tracing::error!(item = id, %error, "a secret item cannot be opened"),
            Err(error) => return Err(error),
        }
    }
    Ok(shown)
}

fn with_origin(platform: &Platform, mut row: queue_item::Model, origins: &HashMap<i64, rows::Origin>) -> Result<Taken> {
    let open = |item: i64, column, sealed: &str| -> Result<String> {
        Ok(vault(platform).open(item, column, sealed)?.expose().clone())
    };
    if row.is_secret {
        row.payload = open(row.id, "payload", &row.payload)?;
    }
    let Some((id, from)) = row.origin_id.and_then(|id| Some((id, origins.get(&id)?))) else {
        return Ok(Taken { row, origin: None });
    };
    let output = match &from.output {
        Some(sealed) if from.is_secret => Some(open(id, "output", sealed)?),
        plain => plain.clone(),
    };
    let origin = Some(TakenFrom { item_id: id, output, reason: from.reason.clone() });
    Ok(Taken { row, origin })
}
