//! The tokens that people sign requests of other systems with: sealed, because signatures need them verbatim.

use baigong_model::{Result, ids::UserId};
use sea_orm::DatabaseTransaction as Tx;

use crate::{sql, write::Store};

/// A token and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Whose it is.
    pub user_id: UserId,
    /// The token, sealed.
    pub sealed: String,
}

/// Stores the token of a user in place of an earlier one.
pub async fn put(tx: &Tx, user: UserId, sealed: &str, now: i64) -> Result<()> {
    let text = "INSERT INTO open_api_token (user_id, sealed, created_at) VALUES ($1, $2, $3)
        ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed, created_at = excluded.created_at";
    sql::run(tx, text, vec![user.into(), sealed.into(), now.into()]).await.map(drop)
}

/// The token of a user.
pub async fn find(tx: &Tx, user: UserId) -> Result<Option<Stored>> {
    let text = "SELECT user_id, sealed FROM open_api_token WHERE user_id = $1";
    Ok(read(&sql::rows(tx, text, vec![user.into()]).await?)?.into_iter().next())
}

/// The tokens of the live users with this e-mail: addresses are not unique.
pub async fn by_email(store: &Store, email: &str) -> Result<Vec<Stored>> {
    let text = "SELECT t.user_id, t.sealed FROM app_user u JOIN open_api_token t ON t.user_id = u.id
        WHERE u.email = $1 AND u.deleted_at IS NULL ORDER BY u.id";
    read(&sql::rows(store.reader(), text, vec![email.into()]).await?)
}

fn read(rows: &[sea_orm::QueryResult]) -> Result<Vec<Stored>> {
    rows.iter().map(|row| Ok(Stored { user_id: sql::get(row, 0)?, sealed: sql::get(row, 1)? })).collect()
}
