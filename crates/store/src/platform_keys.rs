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

/// Stores a key unless there is one of that name: the first of several nodes decides. Answers whether it is this one.
pub async fn insert_if_absent(tx: &Tx, name: &str, value: &str, now: i64) -> Result<bool> {
    let text = "INSERT INTO platform_key (name, value, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING";
    Ok(sql::run(tx, text, vec![name.into(), value.into(), now.into()]).await? > 0)
}

/// Waits until no other write that holds the key called `name` goes on, and holds it until the commit.
pub async fn hold(tx: &Tx, name: &str) -> Result<()> {
    let text = "UPDATE platform_key SET created_at = created_at WHERE name = $1";
    sql::run(tx, text, vec![name.into()]).await.map(drop)
}

/// Whether there is a key called `name`, inside a write.
pub async fn is_there(tx: &Tx, name: &str) -> Result<bool> {
    sql::exists(tx, "SELECT 1 FROM platform_key WHERE name = $1", vec![name.into()]).await
}

/// Forgets a key.
pub async fn remove(tx: &Tx, name: &str) -> Result<()> {
    sql::run(tx, "DELETE FROM platform_key WHERE name = $1", vec![name.into()]).await.map(drop)
}
