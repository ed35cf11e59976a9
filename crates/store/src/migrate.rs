//! Brings the tables up to date, and refuses a database that a newer version has changed.

use baigong_model::{Error, Result};
use sea_orm::{ConnectionTrait, Statement};
use sea_orm_migration::MigratorTrait;

use crate::{connect::alone, error::translate, migrations::Migrator, sql, write::Store};

/// Applies what is missing, one node at a time. Fails, changing nothing, when the database knows a step that this version does not.
pub(crate) async fn up(store: &Store) -> Result<()> {
    if missing(store).await? == 0 {
        return Ok(());
    }
    let turn = alone::turn(store).await?;
    let outcome = Migrator::up(store.writer(), None).await.map_err(translate);
    turn.end().await?;
    outcome
}

/// How many steps the database has not seen. Fails when it knows a step that this version does not.
pub(crate) async fn missing(store: &Store) -> Result<usize> {
    let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    let applied = applied(store).await?;
    if let Some(newer) = applied.iter().find(|step| !known.contains(step)) {
        let last = known.last().map_or("none", String::as_str);
        return Err(Error::conflict(format!(
            "this database was made by a newer version: it has step \"{newer}\", this version knows up to \"{last}\". \
             Start it with the version that made it, or a newer one"
        )));
    }
    Ok(known.len() - applied.len())
}

/// The steps that the database has seen; none for an empty one.
async fn applied(store: &Store) -> Result<Vec<String>> {
    let backend = store.writer().get_database_backend();
    // A database without the table answers with an error on both engines: it is new.
    let known = Statement::from_string(backend, "SELECT version FROM seaql_migrations ORDER BY version");
    match store.writer().query_all_raw(known).await {
        Ok(rows) => rows.iter().map(|row| sql::get(row, 0)).collect(),
        Err(error) if error.to_string().contains("seaql_migrations") => Ok(Vec::new()),
        Err(error) => Err(translate(error)),
    }
}
