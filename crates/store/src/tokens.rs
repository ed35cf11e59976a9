//! Tokens of signed-in users, by the hash of the token, and the nonces of encrypted passwords.

use baigong_model::Result;
use sea_orm::{DatabaseTransaction as Tx, FromQueryResult};

use crate::{error::translate, sql, write::Store};

/// Everything that decides what a token is good for, in one read.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Grant {
    /// Whose it is.
    pub user_id: i64,
    /// Their sign-in name.
    pub username: String,
    /// Their department.
    pub department_id: i64,
    /// What their role allows.
    pub permissions: String,
    /// How far it reaches.
    pub data_scope: String,
    /// The departments it lists, where it does: ids with spaces between.
    pub departments: String,
    /// The application that the token was given to.
    pub application_id: Option<i64>,
    /// Its name.
    pub application_name: Option<String>,
    /// What it may do at most.
    pub application_permissions: Option<String>,
    /// The only departments it sees.
    pub application_departments: Option<String>,
    /// Where it may come from.
    pub allowed_addresses: Option<String>,
    /// Where it may not come from.
    pub denied_addresses: Option<String>,
    /// When the token was last used, as far as it is stored.
    pub used_at: i64,
    /// When it ends, however much it is used.
    pub expires_at: i64,
}

/// Stores a token that was given at `now` to a user, or to an application of theirs.
pub async fn insert(
    tx: &Tx,
    hash: &str,
    (user, application): (i64, Option<i64>),
    now: i64,
    expires_at: i64,
) -> Result<()> {
    let text = "INSERT INTO token (hash, user_id, application_id, created_at, used_at, expires_at)
        VALUES ($1, $2, $3, $4, $4, $5)";
    let values = vec![hash.into(), user.into(), application.into(), now.into(), expires_at.into()];
    sql::run(tx, text, values).await.map(drop)
}

/// What the token is good for; none when it is unknown or revoked, or its user is deleted. A user who is locked out after
/// wrong passwords keeps the tokens given before: else whoever knows a name could sign its owner out.
pub async fn grant(store: &Store, hash: &str) -> Result<Option<Grant>> {
    let text = "SELECT t.user_id, u.username, u.department_id, r.permissions, r.data_scope, r.departments, t.used_at, t.expires_at,
            t.application_id, a.name AS application_name, a.permissions AS application_permissions,
            a.departments AS application_departments, a.allowed_addresses, a.denied_addresses
        FROM token t JOIN app_user u ON u.id = t.user_id JOIN role r ON r.id = u.role_id
        LEFT JOIN application a ON a.id = t.application_id
        WHERE t.hash = $1 AND NOT t.is_refresh AND u.deleted_at IS NULL AND a.deleted_at IS NULL";
    let rows = sql::rows(store.reader(), text, vec![hash.into()]).await?;
    rows.first().map(|row| Grant::from_query_result(row, "").map_err(translate)).transpose()
}

/// Says when tokens were last used; tokens that are gone are left out.
pub async fn touch(tx: &Tx, used: &[(String, i64)]) -> Result<()> {
    for (hash, at) in used {
        let text = "UPDATE token SET used_at = $1 WHERE hash = $2 AND used_at < $1";
        sql::run(tx, text, vec![(*at).into(), hash.as_str().into()]).await?;
    }
    Ok(())
}

/// Takes a token back.
pub async fn revoke(tx: &Tx, hash: &str) -> Result<bool> {
    Ok(sql::run(tx, "DELETE FROM token WHERE hash = $1", vec![hash.into()]).await? > 0)
}

/// Takes every token of the user back.
pub async fn revoke_all(tx: &Tx, user_id: i64) -> Result<u64> {
    sql::run(tx, "DELETE FROM token WHERE user_id = $1", vec![user_id.into()]).await
}

/// Makes the token end at `ends_at`, and stores one more for the same caller that is good only for getting others.
pub async fn pair(tx: &Tx, hash: &str, ends_at: i64, (refresh, now, until): (&str, i64, i64)) -> Result<()> {
    sql::run(tx, "UPDATE token SET expires_at = $1 WHERE hash = $2", vec![ends_at.into(), hash.into()]).await?;
    let text = "INSERT INTO token (hash, user_id, application_id, is_refresh, created_at, used_at, expires_at)
        SELECT $1, user_id, application_id, TRUE, $2, $2, $3 FROM token WHERE hash = $4";
    sql::run(tx, text, vec![refresh.into(), now.into(), until.into(), hash.into()]).await.map(drop)
}

/// Takes back a token that is good only for getting others: whose it was, and when it ends.
pub async fn take_refresh(tx: &Tx, hash: &str) -> Result<Option<((i64, Option<i64>), i64)>> {
    let text = "DELETE FROM token WHERE hash = $1 AND is_refresh RETURNING user_id, application_id, expires_at";
    let rows = sql::rows(tx, text, vec![hash.into()]).await?;
    let read = |row| Ok(((sql::get(row, 0)?, sql::get(row, 1)?), sql::get(row, 2)?));
    rows.first().map(read).transpose()
}

/// Forgets tokens that ended before `ended`, or were not used since `idle_since`, and nonces that nobody could use any more.
pub async fn forget_ended(tx: &Tx, now: i64, (ended, idle_since): (i64, i64)) -> Result<u64> {
    let text = "DELETE FROM token WHERE expires_at <= $1 OR used_at <= $2 AND NOT is_refresh";
    let tokens = sql::run(tx, text, vec![ended.into(), idle_since.into()]).await?;
    Ok(tokens + sql::run(tx, "DELETE FROM used_nonce WHERE expires_at <= $1", vec![now.into()]).await?)
}

/// Takes the nonce; `false` when it was taken before.
pub async fn take_nonce(tx: &Tx, hash: &str, expires_at: i64) -> Result<bool> {
    let text = "INSERT INTO used_nonce (hash, expires_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
    Ok(sql::run(tx, text, vec![hash.into(), expires_at.into()]).await? > 0)
}
