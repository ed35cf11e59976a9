//! References: texts that are unique among the items of a queue that are not deleted.

use std::collections::HashMap;

use baigong_model::{Error, Result};
use sea_orm::{DatabaseTransaction as Tx, Value};

use crate::sql;

/// Which references are taken, and by which item.
pub(super) type Taken = HashMap<(i64, String), i64>;

/// Which of `wanted` (queue and reference) are taken already.
pub(super) async fn taken(tx: &Tx, wanted: &[(i64, &str)]) -> Result<Taken> {
    let mut taken = Taken::new();
    for wanted in wanted.chunks(1000) {
        let text = format!(
            "WITH v (queue_id, reference) AS (VALUES {}) SELECT i.queue_id, i.reference, i.id FROM queue_item i
             JOIN v ON i.queue_id = v.queue_id AND i.reference = v.reference WHERE i.state <> 'deleted'",
            sql::places(tx, wanted.len(), 2, 0)
        );
        let values =
            wanted.iter().flat_map(|(queue, reference)| [Value::from(*queue), Value::from(*reference)]).collect();
        for row in sql::rows(tx, &text, values).await? {
            taken.insert((sql::get(&row, 0)?, sql::get(&row, 1)?), sql::get(&row, 2)?);
        }
    }
    Ok(taken)
}

/// The error for a reference that item `item` has.
pub(super) fn conflict(reference: &str, item: i64) -> Error {
    Error::conflict(format!("the reference \"{reference}\" belongs to item {item}"))
}
