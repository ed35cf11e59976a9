//! The public keys that users registered.

use baigong_model::{Result, ids::UserId};
use sea_orm::{DatabaseTransaction as Tx, EntityTrait};

use crate::{
    entity::user_key::{Entity, Model},
    sql,
    write::Store,
};

/// Registers the key of a user in place of an earlier one.
pub async fn put(tx: &Tx, row: Model) -> Result<()> {
    let text = "INSERT INTO user_key (user_id, public_key, created_at) VALUES ($1, $2, $3)
        ON CONFLICT (user_id) DO UPDATE SET public_key = excluded.public_key, created_at = excluded.created_at";
    sql::run(tx, text, vec![row.user_id.into(), row.public_key.into(), row.created_at.into()]).await.map(drop)
}

/// Forgets the key of a user; false where there was none.
pub async fn remove(tx: &Tx, user: UserId) -> Result<bool> {
    Ok(sql::run(tx, "DELETE FROM user_key WHERE user_id = $1", vec![user.into()]).await? > 0)
}

/// The key of a user.
pub async fn find(store: &Store, user: UserId) -> Result<Option<Model>> {
    sql::unique(Entity::find_by_id(user), store.reader()).await
}
