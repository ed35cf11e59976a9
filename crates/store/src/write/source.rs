//! Many rows as one source inside a statement. SQLite takes them as VALUES. PostgreSQL would parse and plan thousands of
//! places anew for each count of rows; there they come as one JSON text, and the statement is always the same.

use sea_orm::{ConnectionTrait, Value};

use crate::{sql, write::has_numbered_places};

/// What stands in `INSERT INTO t (…) <source>` or `WITH v (…) AS (<source>)`, and what is bound to it: it must hold the first
/// places of the statement. `columns` are names and types; `values` are row by row.
pub(crate) fn source(on: &impl ConnectionTrait, columns: &[(&str, &str)], values: Vec<Value>) -> (String, Vec<Value>) {
    if !has_numbered_places(on) {
        return (format!("VALUES {}", sql::places(on, values.len() / columns.len(), columns.len(), 0)), values);
    }
    let mut text = String::with_capacity(values.len() * 16);
    text.push('[');
    for (row, cells) in values.chunks(columns.len()).enumerate() {
        text.push_str(if row == 0 { "{" } else { ",{" });
        for (at, ((name, _), cell)) in columns.iter().zip(cells).enumerate() {
            text.push_str(if at == 0 { "\"" } else { ",\"" });
            text.push_str(name);
            text.push_str("\":");
            json(&mut text, cell);
        }
        text.push('}');
    }
    text.push(']');
    let types: Vec<String> = columns.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
    let from = format!("SELECT * FROM json_to_recordset(CAST($1 AS JSON)) AS rows_of_it ({})", types.join(", "));
    (from, vec![text.into()])
}

fn json(out: &mut String, value: &Value) {
    match value {
        Value::BigInt(Some(number)) => out.push_str(&number.to_string()),
        Value::Int(Some(number)) => out.push_str(&number.to_string()),
        Value::Bool(Some(flag)) => out.push_str(if *flag { "true" } else { "false" }),
        Value::String(Some(text)) => out.push_str(&serde_json::Value::from(text.as_str()).to_string()),
        _ => out.push_str("null"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_json() {
        let mut text = String::new();
        for value in [Value::from(-5_i64), 7_i32.into(), true.into(), "a\"\\\n证".into(), Value::String(None)] {
            json(&mut text, &value);
            text.push(' ');
        }
        assert_eq!(text, "-5 7 true \"a\\\"\\\\\\n证\" null ");
    }
}
