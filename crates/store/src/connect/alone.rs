//! One node at a time where several may start on the same database. SQLite has one node, which needs no turn.

use baigong_model::Result;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction as Tx, DbBackend, DbErr, RuntimeErr,
    sqlx::{self, Connection, postgres::PgConnection},
};

use crate::{Engine, Store, error::translate, sql};

/// The number under which nodes wait for each other: "baigong" in bytes.
const TURN: i64 = 0x62_6169_676f_6e67;

/// The turn of this node, held until it is given back or its connection ends.
pub(crate) struct Turn(Option<PgConnection>);

/// Waits until no other node changes the tables. The turn has a connection of its own: it cannot go back to the pool.
pub(crate) async fn turn(store: &Store) -> Result<Turn> {
    if store.engine() == Engine::Sqlite {
        return Ok(Turn(None));
    }
    let options = store.writer().get_postgres_connection_pool().connect_options();
    let mut connection = PgConnection::connect_with(&options).await.map_err(failed)?;
    let wait = sqlx::query("SELECT pg_advisory_lock($1)").bind(TURN).execute(&mut connection);
    wait.await.map_err(failed)?;
    Ok(Turn(Some(connection)))
}

impl Turn {
    /// Gives the turn back.
    pub(crate) async fn end(self) -> Result<()> {
        let Some(connection) = self.0 else { return Ok(()) };
        connection.close().await.map_err(failed)
    }
}

fn failed(error: sqlx::Error) -> baigong_model::Error {
    translate(DbErr::Conn(RuntimeErr::SqlxError(error.into())))
}

/// Waits inside a write until no other node fills the fresh database; the turn lasts as long as the transaction.
pub async fn take_turn(tx: &Tx) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        sql::rows(tx, "SELECT pg_advisory_xact_lock($1)", vec![TURN.into()]).await?;
    }
    Ok(())
}
