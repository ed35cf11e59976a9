//! What the tests of the store share.

use baigong_model::Result;
use baigong_store::{Settings, Store, Tx, entity};
use baigong_testkit::TestDatabase;
use futures_util::future::BoxFuture;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

/// The store over a fresh database. Tests of logic do not flush.
pub(crate) async fn open(database: &TestDatabase) -> Store {
    let settings = Settings { synchronous: baigong_store::Synchronous::Off, ..Settings::new(database.url()) };
    Store::open(&settings).await.expect("the store opens")
}

/// A write, spelt shorter.
pub(crate) async fn write<T: Send + 'static>(
    store: &Store,
    work: impl for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
) -> Result<T> {
    store.write(work).await
}

/// A department.
pub(crate) async fn department(store: &Store) -> i64 {
    let name = Set("d".to_owned());
    let row = entity::department::ActiveModel { name, parent_id: Set(0), created_at: Set(1), ..Default::default() };
    let inserted =
        write(store, |tx| Box::pin(async move { row.insert(tx).await.map_err(baigong_model::Error::internal) }));
    inserted.await.expect("a department is stored").id
}
