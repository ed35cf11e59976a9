//! The one way to write: one writer, which begins IMMEDIATE and answers after its commit is on disk. A robot has few writers;
//! those of its runs come in batches by themselves.

use std::sync::Arc;

use baigong_model::Result;
use futures_util::future::BoxFuture;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction as Tx, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait, sqlx::Connection,
};
use tokio::sync::Mutex;

use crate::error::translate;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct RobotStore(Arc<Inner>);

struct Inner {
    reader: DatabaseConnection,
    writer: Mutex<DatabaseConnection>,
}

impl RobotStore {
    pub(crate) fn new(reader: DatabaseConnection, writer: DatabaseConnection) -> Self {
        Self(Arc::new(Inner { reader, writer: Mutex::new(writer) }))
    }

    /// For queries. They never see work that is not committed.
    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.0.reader
    }

    /// Runs `work` in a transaction and answers after it is durable. An error undoes all of it. The work must wait for nothing
    /// but the database: others wait for it.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T>>,
    {
        let writer = self.0.writer.lock().await;
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = match writer.begin_with_options(options).await {
            Ok(tx) => tx,
            Err(error) => return Err(broken(&writer, error).await),
        };
        match work(&tx).await {
            Ok(value) => match tx.commit().await {
                Ok(()) => Ok(value),
                Err(error) => Err(broken(&writer, error).await),
            },
            Err(refused) => match tx.rollback().await {
                Ok(()) => Err(refused),
                Err(error) => Err(broken(&writer, error).await),
            },
        }
    }

    /// The bytes of its file that hold something: what was deleted leaves room in the file for what comes.
    pub async fn bytes_in_use(&self) -> Result<i64> {
        let text = "SELECT (page_count - freelist_count) * page_size
            FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()";
        let query = Statement::from_string(self.reader().get_database_backend(), text);
        let row = self.reader().query_one_raw(query).await.map_err(translate)?;
        row.map_or(Ok(0), |row| row.try_get_by_index(0)).map_err(translate)
    }

    /// The pages of the log go into the file, so that a copy of it is whole.
    pub async fn close(&self) {
        let writer = self.0.writer.lock().await;
        drop(writer.clone().close().await);
        drop(self.0.reader.clone().close().await);
    }
}

/// Closes the writer's connection, which can no longer be trusted – a full disk makes SQLite end a transaction by itself –;
/// the pool opens another.
async fn broken(writer: &DatabaseConnection, error: DbErr) -> baigong_model::Error {
    tracing::error!(%error, "a write into the robot's database is undone");
    if let Ok(connection) = writer.get_sqlite_connection_pool().acquire().await {
        drop(connection.detach().close_hard().await);
    }
    translate(error)
}
