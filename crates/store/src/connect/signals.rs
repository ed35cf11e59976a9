//! Words from one platform node to the others, over PostgreSQL's LISTEN and NOTIFY. They only save waiting: whatever a word
//! would have told is found without it a little later. SQLite has one node and nobody to tell.

use baigong_model::Result;
use sea_orm::sqlx::postgres::PgListener;

use super::Engine;
use crate::{error::translate, sql, write::Store};

/// The channel of all platform nodes on one database.
const CHANNEL: &str = "baigong_nodes";

/// Tells every node that listens, this one too. Answers whether there can be others.
pub async fn tell(store: &Store, word: &str) -> Result<bool> {
    if store.engine() == Engine::Sqlite {
        return Ok(false);
    }
    sql::rows(store.reader(), "SELECT pg_notify($1, $2)", vec![CHANNEL.into(), word.into()]).await?;
    Ok(true)
}

/// A connection that listens.
pub struct Listener(PgListener);

/// Begins to listen; none where there are no other nodes.
pub async fn listen(store: &Store) -> Result<Option<Listener>> {
    if store.engine() == Engine::Sqlite {
        return Ok(None);
    }
    let begun = async {
        let mut listener = PgListener::connect_with(store.reader().get_postgres_connection_pool()).await?;
        listener.listen(CHANNEL).await?;
        Ok::<_, sea_orm::sqlx::Error>(listener)
    };
    begun.await.map(|listener| Some(Listener(listener))).map_err(refused)
}

impl Listener {
    /// The next word; none when the connection was lost meanwhile, so that words may have been, too.
    pub async fn next(&mut self) -> Result<Option<String>> {
        let word = self.0.try_recv().await.map_err(refused)?;
        Ok(word.map(|word| word.payload().to_owned()))
    }
}

fn refused(error: sea_orm::sqlx::Error) -> baigong_model::Error {
    translate(sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))
}
