//! Passwords of files: argon2id, on threads of their own.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{CustomizedPasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use baigong_model::{Error, Random, Result, Secret};

/// 7 MiB, five rounds, as on the platform.
const MEMORY: u32 = 7 * 1024;
const ROUNDS: u32 = 5;
/// The longest password, in letters.
const LONGEST: usize = 128;

/// The hash of a new password, as a PHC string.
pub(super) async fn hash(random: &dyn Random, field: &str, password: Secret<String>) -> Result<String> {
    if !(1..=LONGEST).contains(&password.expose().chars().count()) {
        return Err(Error::invalid(field, format!("must have 1 to {LONGEST} letters")));
    }
    let mut salt = [0; 16];
    random.fill(&mut salt);
    let work = tokio::task::spawn_blocking(move || {
        let params = Params::new(MEMORY, ROUNDS, 1, None).map_err(Error::internal)?;
        let (algorithm, version) = (Some(Algorithm::Argon2id.as_str()), Some(Version::V0x13.into()));
        let password = password.expose().as_bytes();
        let hashed = Argon2::default().hash_password_customized(password, &salt, algorithm, version, params);
        hashed.map(|hash| hash.to_string()).map_err(Error::internal)
    });
    work.await.map_err(Error::internal)?
}

/// Whether `password` is the one of `hash`.
pub(super) async fn is_right(password: Secret<String>, hash: String) -> Result<bool> {
    let work = tokio::task::spawn_blocking(move || {
        let hash = PasswordHash::new(&hash).map_err(Error::internal)?;
        Ok(Argon2::default().verify_password(password.expose().as_bytes(), &hash).is_ok())
    });
    work.await.map_err(Error::internal)?
}
