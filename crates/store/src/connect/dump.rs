//! Everything that is stored, as text: for tests that look for secrets, or that nothing has changed.

use baigong_model::Result;
use sea_orm::DbBackend;

use crate::{sql, write::Store};

/// The rows of every table in their order, as `table: values`.
pub async fn rows(store: &Store) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for (table, text) in statements(store).await? {
        let rows: Vec<String> = sql::column(store.reader(), &text, vec![]).await?;
        all.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
    }
    Ok(all)
}

/// For every table the statement that shows its rows.
async fn statements(store: &Store) -> Result<Vec<(String, String)>> {
    let is_server = sea_orm::ConnectionTrait::get_database_backend(store.reader()) == DbBackend::Postgres;
    let text = if is_server {
        "SELECT c.table_name::text, 'concat_ws('', '', ' || string_agg('t.' || quote_ident(c.column_name), ', ' ORDER BY ordinal_position) || ')'
         FROM information_schema.columns c WHERE table_schema = 'public' GROUP BY c.table_name ORDER BY c.table_name"
    } else {
        "SELECT m.name, group_concat('quote(t.\"' || p.name || '\")', ' || '', '' || ')
         FROM sqlite_schema m, pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
         GROUP BY m.name ORDER BY m.name"
    };
    let tables = sql::rows(store.reader(), text, vec![]).await?;
    let statement = |row| -> Result<(String, String)> {
        let (table, shown): (String, String) = (sql::get(row, 0)?, sql::get(row, 1)?);
        let text = format!("SELECT {shown} FROM \"{table}\" t ORDER BY 1");
        Ok((table, text))
    };
    tables.iter().map(statement).collect()
}
