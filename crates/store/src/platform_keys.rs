//! Keys that the platform made for itself, sealed.

use baigong_model::Result;
use sea_orm::{DatabaseTransaction as Tx, EntityTrait};

use crate::{
    entity::platform_key::{Entity, Model},
    error::translate,
    sql,
    write::Store,
};

/// Every key.
pub async fn all(store: &Store) -> Result<Vec<Model>> {
    Entity::find().all(store.reader()).await.map_err(translate)
}

/// Stores a key unless there is one of that name: the first of several nodes decides.
pub async fn insert_if_absent(tx: &Tx, name: &str, value: &str, now: i64) -> Result<()> {
    let text = "INSERT INTO platform_key (name, value, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING";
    sql::run(tx, text, vec![name.into(), value.into(), now.into()]).await.map(drop)
}

/// Forgets a key.
pub async fn remove(tx: &Tx, name: &str) -> Result<()> {
    sql::run(tx, "DELETE FROM platform_key WHERE name = $1", vec![name.into()]).await.map(drop)
}
