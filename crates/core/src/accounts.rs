//! Who signs in, and what a token is good for.

mod confirm;
mod pair;
mod session;
mod sign_in;

pub(crate) use confirm::{check_password, confirm};
pub use pair::{TokenPair, pair, refresh, sign_in_by};
pub(crate) use session::Sessions;
pub use session::{authenticate, flush_token_use};
pub use sign_in::{SignedIn, sign_in, sign_out};

pub use crate::{
    passwords::check_users as check_new_password,
    sm2_transport::{PublicKey, public_key},
};

use baigong_model::{
    Error, Result, Secret,
    ids::{ApplicationId, UserId},
};
use baigong_store::{Scope, entity::user, roles, users};

use crate::{Caller, Platform, departments, policy::Power};

/// The stored form of a token.
fn token_hash(token: &str) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::digest(token.as_bytes()).into()
}

/// Ends every session of a user on this node at once; their tokens must be revoked in the database before. Other nodes
/// notice within a second.
pub(crate) fn end_sessions(platform: &Platform, user: UserId) {
    platform.sessions.end_all(user);
}

/// Ends every session of an application on this node at once; its tokens must be revoked in the database before.
pub(crate) fn end_application(platform: &Platform, application: ApplicationId) {
    platform.sessions.end_application(application);
}

/// A live user, acting without a token: for interfaces that know their callers by signatures. What they may do and see is
/// read from the database.
pub async fn caller_of(platform: &Platform, user: UserId) -> Result<Caller> {
    let row = users::find(&platform.store, &Scope::All, user).await?.filter(|row| row.deleted_at.is_none());
    let row = row.ok_or(Error::Unauthenticated)?;
    let role = roles::find(&platform.store, row.role_id).await?.ok_or(Error::Unauthenticated)?;
    let tree = departments::tree(platform).await?;
    let Power { permissions, scope } = Power::of((&role).into(), row.id, row.department_id, &tree);
    Ok(Caller::user(row.id, row.username.as_str().into(), permissions, scope))
}

/// The user that a token was given to, themselves or through an application. The hash of their password is taken out.
pub async fn me(platform: &Platform, caller: &Caller) -> Result<user::Model> {
    let id = caller.user_id.ok_or(Error::Unauthenticated)?;
    let mut row = users::find(&platform.store, &Scope::All, id).await?.ok_or(Error::Unauthenticated)?;
    row.password_hash.clear();
    Ok(row)
}

/// A new token, and the hash of it that is stored.
pub(crate) fn make_token(platform: &Platform) -> (Secret<String>, String) {
    let mut bytes = [0; 32];
    platform.random.fill(&mut bytes);
    let token = hex::encode(bytes);
    let hash = hex::encode(token_hash(&token));
    (Secret::new(token), hash)
}

/// Roles, or what users are, changed in the database: this node asks again before it believes a token. Other nodes do so
/// within a second.
pub(crate) fn roles_changed(platform: &Platform) {
    platform.sessions.changed();
}

#[cfg(test)]
mod tests;
