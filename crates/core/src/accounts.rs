//! Who signs in, and what a token is good for.

mod confirm;
mod session;
mod sign_in;

pub(crate) use confirm::confirm;
pub(crate) use session::Sessions;
pub use session::{authenticate, flush_token_use};
pub use sign_in::{SignedIn, sign_in, sign_out};

pub use crate::sm2_transport::{PublicKey, public_key};

use baigong_model::ids::UserId;

use crate::Platform;

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

/// Roles, or what users are, changed in the database: this node asks again before it believes a token. Other nodes do so
/// within a second.
pub(crate) fn roles_changed(platform: &Platform) {
    platform.sessions.changed();
}

#[cfg(test)]
mod tests;
