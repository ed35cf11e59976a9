//! Who calls with the key pair of an application and a token beside it: the application itself, or one of its users through it.

use std::net::IpAddr;

use baigong_model::{Error, Result, Secret};
use baigong_store::application_access::users;

use super::{bounds::limited, key::verify};
use crate::{Caller, Platform, accounts, policy::Power};

/// The caller behind a key pair and a token, which must be the application's own or that of one of its users: its owner, or
/// somebody who has a role in it. Whoever they are, they may no more than the application may. A wrong key pair is told as
/// [`Error::WrongPassword`], a wrong token as [`Error::Unauthenticated`].
pub async fn acting(
    platform: &Platform,
    access_key_id: &str,
    secret: &Secret<String>,
    token: &str,
    from: Option<IpAddr>,
) -> Result<Caller> {
    let application = verify(platform, access_key_id, secret, from).await.map_err(|error| match error {
        Error::Unauthenticated => Error::WrongPassword,
        other => other,
    })?;
    let caller = accounts::authenticate(platform, token, from).await?;
    if caller.application_id == Some(application.id) {
        return Ok(caller);
    }
    let user = caller.user_id.filter(|_| caller.application_id.is_none());
    let is_one_of_its = match user {
        Some(user) => user == application.owner_id || has_role(platform, application.id, user).await?,
        None => false,
    };
    if !is_one_of_its {
        return Err(Error::Forbidden("a token of the application or of one of its users".into()));
    }
    let power = Power { permissions: caller.permissions(), scope: caller.scope().clone() };
    let Power { permissions, scope } = limited(power, &application.permissions, application.departments.as_deref());
    Ok(caller.limited_to(permissions, scope).through(application.id, &application.name))
}

async fn has_role(platform: &Platform, application: i64, user: i64) -> Result<bool> {
    Ok(!users::among(&platform.store, application, &[user]).await?.is_empty())
}
