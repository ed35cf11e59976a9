//! The time of the database server. Several platform nodes compare times that others wrote, so they all go by one clock.

use baigong_model::{Error, Result};

use super::Engine;
use crate::{sql, write::Store};

/// The server's time now, milliseconds since the epoch; none on SQLite, which has the platform's own.
pub async fn read(store: &Store) -> Result<Option<i64>> {
    if store.engine() == Engine::Sqlite {
        return Ok(None);
    }
    let text = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT";
    let found: Vec<i64> = sql::column(store.reader(), text, vec![]).await?;
    found.first().copied().map(Some).ok_or_else(|| Error::internal("the database does not tell the time"))
}
