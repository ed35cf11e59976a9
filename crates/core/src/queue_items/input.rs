//! Items as they come in, checked.

use baigong_model::{Error, Priority, Result, Secret};
use baigong_store::{
    entity::data_queue,
    queue_items::{NewItem, Payload},
};
use serde_json::Value;

use super::vault::vault;
use crate::Platform;

/// The largest payload, as JSON text.
pub(super) const MAX_PAYLOAD: usize = 256 * 1024;
/// The longest reference.
const MAX_REFERENCE: usize = 256;

/// An item to be pushed.
#[derive(Debug, Clone, Default)]
pub struct ItemInput {
    /// Its data, any JSON without U+0000.
    pub payload: Value,
    /// A text that is unique in its queue.
    pub reference: Option<String>,
    /// 0 high, 1 middle, 2 low; none takes the queue's.
    pub priority: Option<i64>,
    /// Not before then.
    pub available_at: Option<i64>,
    /// Not after then.
    pub deadline: Option<i64>,
    /// Whether the deadline may have gone by: then the item expires at once.
    pub may_be_over: bool,
    /// Keep its data sealed, and show it only to who takes it.
    pub is_secret: bool,
}

impl ItemInput {
    /// An item with nothing but its data.
    #[must_use]
    pub fn of(payload: Value) -> Self {
        Self { payload, ..Self::default() }
    }
}

/// The row of an item for `queue`.
pub(crate) fn checked(platform: &Platform, queue: &data_queue::Model, input: ItemInput, now: i64) -> Result<NewItem> {
    let text = payload_text(&input.payload)?;
    let payload =
        if input.is_secret { Payload::Secret(Secret::new(text), vault(platform)) } else { Payload::Plain(text) };
    let priority = match input.priority {
        Some(priority) => Priority::from_number(priority)?.number(),
        None => queue.default_priority,
    };
    let available_at = input.available_at.unwrap_or(now);
    in_order(available_at, input.deadline, now)?;
    if !input.may_be_over {
        not_over(input.deadline, now)?;
    }
    Ok(NewItem {
        payload,
        reference: input.reference.map(reference).transpose()?,
        priority,
        available_at,
        expires_at: input.deadline,
    })
}

/// An item that waits for its time and is never to be had is a mistake.
pub(super) fn in_order(available_at: i64, deadline: Option<i64>, now: i64) -> Result<()> {
    match deadline {
        Some(deadline) if available_at > now && available_at >= deadline => {
            Err(Error::invalid("availableAt", "must be before the deadline"))
        }
        _ => Ok(()),
    }
}

/// A new item whose deadline has gone by already is a mistake too.
fn not_over(deadline: Option<i64>, now: i64) -> Result<()> {
    match deadline {
        Some(deadline) if deadline <= now => Err(Error::invalid("deadline", "must be in the time to come")),
        _ => Ok(()),
    }
}

/// The data as it is stored.
pub(super) fn payload_text(payload: &Value) -> Result<String> {
    let text = serde_json::to_string(payload).map_err(Error::internal)?;
    if text.len() > MAX_PAYLOAD {
        let reason = format!("is {} bytes; at most {MAX_PAYLOAD} are allowed", text.len());
        return Err(Error::invalid("payload", reason));
    }
    // One of the engines cannot look into JSON with it. Nearly no text has the letters of its escape at all.
    if text.contains("\\u0000") && has_nul(payload) {
        return Err(Error::invalid("payload", "must not contain U+0000"));
    }
    Ok(text)
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// A reference: 1 to 256 bytes.
pub(super) fn reference(text: String) -> Result<String> {
    if text.is_empty() || text.len() > MAX_REFERENCE || text.contains('\0') {
        return Err(Error::invalid("reference", format!("must have 1 to {MAX_REFERENCE} bytes and no NUL")));
    }
    Ok(text)
}
