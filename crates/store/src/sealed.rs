//! The columns whose values are sealed for their rows, to be sealed anew under another key. Knows nothing of keys.

use baigong_model::Result;
use sea_orm::{DatabaseTransaction as Tx, Value};

use crate::sql;

/// A column of sealed values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The column of the row's id.
    id: &'static str,
    /// Which rows hold a sealed value there; others may hold a text of a user that looks like one.
    rows: &'static str,
}

/// All of them, but those whose rows do not stay: items of queues and answers to robots open with the key they have.
pub const SEALED: [Sealed; 7] = [
    Sealed { table: "platform_key", column: "value", id: "name", rows: "TRUE" },
    Sealed { table: "robot", column: "machine_password", id: "id", rows: "TRUE" },
    Sealed { table: "credential", column: "password", id: "id", rows: "TRUE" },
    Sealed { table: "asset", column: "value", id: "id", rows: "kind = 'hash'" },
    Sealed { table: "warn_channel", column: "sealed", id: "id", rows: "TRUE" },
    Sealed { table: "open_api_token", column: "sealed", id: "user_id", rows: "TRUE" },
    Sealed { table: "bridge", column: "sealed", id: "id", rows: "TRUE" },
];

/// The sealed values of a column, by the ids of their rows as text. `mark` is how a sealed value begins.
pub async fn all(tx: &Tx, sealed: Sealed, mark: &str) -> Result<Vec<(String, String)>> {
    let Sealed { table, column, id, rows } = sealed;
    let text =
        format!("SELECT CAST({id} AS TEXT), {column} FROM {table} WHERE {rows} AND {column} LIKE $1 ORDER BY {id}");
    let rows = sql::rows(tx, &text, vec![format!("{mark}%").into()]).await?;
    rows.iter().map(|row| Ok((sql::get(row, 0)?, sql::get(row, 1)?))).collect()
}

/// Puts the sealed value `new` into a row that still has `old`. Answers whether it has.
pub async fn replace(tx: &Tx, sealed: Sealed, row: &str, (old, new): (&str, &str)) -> Result<bool> {
    let Sealed { table, column, id, .. } = sealed;
    let row: Value = row.parse::<i64>().map_or_else(|_| row.into(), Into::into);
    let text = format!("UPDATE {table} SET {column} = $1 WHERE {id} = $2 AND {column} = $3");
    Ok(sql::run(tx, &text, vec![new.into(), row, old.into()]).await? > 0)
}
