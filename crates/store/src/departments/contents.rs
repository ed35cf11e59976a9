//! What lies in departments. Every table of things that belong to departments and can be deleted has its line here; the
//! test of the schema finds those that are missing.

use baigong_model::Result;
use sea_orm::DatabaseTransaction as Tx;

use crate::sql;

/// The tables, each with the standard's word for one of its rows.
pub(super) const TABLES: &[(&str, &str)] = &[
    ("user", "app_user"),
    ("robot", "robot"),
    ("robot group", "robot_group"),
    ("process", "process"),
    ("package", "package"),
    ("data queue", "data_queue"),
    ("asset", "asset"),
    ("credential", "credential"),
    ("folder", "folder"),
    ("file", "file"),
    ("trigger", "task_trigger"),
    ("maintenance window", "maintenance_window"),
    ("agent version", "agent_version"),
    ("agent rollout", "agent_rollout"),
    ("warn channel", "warn_channel"),
    ("application", "application"),
    ("bridge", "bridge"),
];

/// Something live in a department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The standard's word for it.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
}

/// Something live that belongs to one of `departments`, if anything does.
pub async fn what_is_in(tx: &Tx, departments: &[i64]) -> Result<Option<Held>> {
    for (kind, table) in TABLES {
        for departments in departments.chunks(1000) {
            // The root of a tree of folders has no name: it comes with the first file and stays.
            let text = format!(
                "SELECT name FROM {table} WHERE deleted_at IS NULL AND name <> '' AND department_id IN {} LIMIT 1",
                sql::places(tx, 1, departments.len(), 0)
            );
            let names = sql::column(tx, &text, departments.iter().map(|id| (*id).into()).collect()).await?;
            if let Some(name) = names.into_iter().next() {
                return Ok(Some(Held { kind, name }));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::TABLES;

    #[test]
    fn every_table_of_departments_things_has_its_line() {
        let schema = include_str!("../../../../schema/sqlite.sql");
        let has = |text: &str, column: &str| text.split([',', '(', '\n']).any(|it| it.trim().starts_with(column));
        let owned = schema.split("CREATE TABLE ").skip(1).filter_map(|text| {
            let text = text.split(";\n").next()?;
            // Tasks have no name: they are what was done, and keep no department.
            let is_owned = ["department_id ", "deleted_at ", "name "].iter().all(|column| has(text, column));
            is_owned.then(|| text.split([' ', '(']).next())?
        });
        let owned: BTreeSet<&str> = owned.collect();
        let listed: BTreeSet<&str> = TABLES.iter().map(|(_, table)| *table).collect();
        assert!(owned.len() > 5, "the schema is not read: {owned:?}");
        assert_eq!(
            listed, owned,
            "a department must not be deleted while it holds any of these: add the line to TABLES"
        );
    }
}
