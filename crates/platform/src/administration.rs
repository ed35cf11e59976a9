//! Looking after a platform's data from outside: on a stopped platform, or beside a running one.

use std::path::Path;

use anyhow::Result;
use baigong_core::{Platform, bootstrap, keys, maintenance};
pub use baigong_core::{keys::Rotation, maintenance::Report};
use baigong_model::{Error, Secret};

use crate::Settings;
use crate::start::config;

/// Gives `user` the password `wanted`, or a made one, which is answered; unlocks the account and revokes its tokens.
///
/// # Errors
/// When there is no such user, or the password is too weak.
pub async fn reset_password(
    platform: &Platform,
    user: &str,
    wanted: Option<Secret<String>>,
) -> Result<Option<Secret<String>>> {
    let made = wanted.is_none().then(|| bootstrap::make_password(platform));
    if let Some(password) = wanted.or_else(|| made.clone()) {
        bootstrap::reset_password(platform, user, password).await.map_err(|error| match error {
            Error::UnknownUser => anyhow::anyhow!("there is no user \"{user}\""),
            other => other.into(),
        })?;
    }
    Ok(made)
}

/// Makes the next key for secret values and seals what is stored anew under it; no platform may run meanwhile.
///
/// # Errors
/// When a platform runs on the database, or a stored value does not open.
pub async fn rotate_key(platform: &Platform) -> Result<Rotation> {
    Ok(keys::rotate(platform).await?)
}

/// Checks the database and that every stored file is there. Changes nothing.
///
/// # Errors
/// When the database cannot be read at all, or is of a newer version.
pub async fn check(settings: &Settings) -> Result<Report> {
    Ok(maintenance::check(&config(settings)?).await?)
}

/// Copies the database and the stored files into the folder `into`; answers how many files.
///
/// # Errors
/// When the folder exists already, or the disk is full; with PostgreSQL while its dump is missing, saying how to make it.
pub async fn backup(settings: &Settings, into: &Path) -> Result<usize> {
    Ok(maintenance::backup(&config(settings)?, into).await?)
}
