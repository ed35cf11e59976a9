//! How much there is of what is watched. Each count follows an index and passes only rows that are under way, so that a
//! million finished tasks cost nothing.

use baigong_model::Result;

use crate::{sql, write::Store};

/// How many tasks are in each state that is not final.
pub async fn tasks_under_way(store: &Store) -> Result<Vec<(String, i64)>> {
    let states: Vec<&str> =
        baigong_model::TaskState::ALL.iter().filter(|state| !state.is_final()).map(|state| state.as_str()).collect();
    let mut counts = Vec::with_capacity(states.len());
    for state in states {
        let text = "SELECT COUNT(*) FROM task WHERE state = $1";
        let count: Vec<i64> = sql::column(store.reader(), text, vec![state.into()]).await?;
        counts.push((state.to_owned(), count.first().copied().unwrap_or(0)));
    }
    Ok(counts)
}

/// How many queue items wait to be taken.
pub async fn items_ready(store: &Store, now: i64) -> Result<i64> {
    let text = "SELECT COUNT(*) FROM queue_item WHERE state = 'new' AND available_at <= $1";
    let count: Vec<i64> = sql::column(store.reader(), text, vec![now.into()]).await?;
    Ok(count.first().copied().unwrap_or(0))
}
