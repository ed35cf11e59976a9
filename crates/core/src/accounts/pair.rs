//! Tokens in pairs: one that is good for a fixed time, however much it is used, and one that is good only for the next pair.

use std::net::IpAddr;

use baigong_model::{Error, Result, Secret};
use baigong_store::{Scope, applications, tokens, users};
use futures_util::FutureExt;

use super::{SignedIn, make_token, sign_in, token_hash};
use crate::{Platform, applications as clients};

/// What the next pair is got with, and how long the first token is good.
#[derive(Debug, Clone)]
pub struct TokenPair {
    /// The token.
    pub access: Secret<String>,
    /// For getting the next pair, once.
    pub refresh: Secret<String>,
    /// How long the token is good, in milliseconds.
    pub expires_in: i64,
}

/// A pair for a login (a username, a phone or an e-mail) with the password, or for the key pair of an application.
pub async fn sign_in_by(
    platform: &Platform,
    login: &str,
    secret: &Secret<String>,
    from: Option<IpAddr>,
) -> Result<TokenPair> {
    if applications::by_key(&platform.store, login).await?.is_some() {
        let signed_in = clients::sign_in(platform, login, secret, from).await;
        let signed_in = signed_in.map_err(|error| match error {
            Error::Unauthenticated => Error::WrongPassword,
            other => other,
        })?;
        return pair(platform, signed_in).await;
    }
    let username = username_of(platform, login).await?;
    let from = from.map(|address| address.to_string());
    pair(platform, sign_in(platform, &username, secret, from.as_deref()).await?).await
}

/// The username of whoever has this phone or e-mail; where nobody has it, or several have, it is itself the username.
async fn username_of(platform: &Platform, login: &str) -> Result<String> {
    if users::find_by_username(&platform.store, login).await?.is_none() {
        let mut found = users::find_by_address(&platform.store, login).await?;
        if found.len() == 1 {
            return Ok(found.swap_remove(0).username);
        }
    }
    Ok(login.to_owned())
}

/// Makes a token that was just given the first of a pair.
pub async fn pair(platform: &Platform, signed_in: SignedIn) -> Result<TokenPair> {
    let (refresh, refresh_hash) = make_token(platform);
    let (now, hash) = (platform.now(), hex::encode(token_hash(signed_in.token.expose())));
    let (ends_at, until) = (now + platform.config.token_idle, now + platform.config.token_absolute);
    let paired = platform
        .store
        .write(move |tx| async move { tokens::pair(tx, &hash, ends_at, (&refresh_hash, now, until)).await }.boxed());
    paired.await?;
    Ok(TokenPair { access: signed_in.token, refresh, expires_in: ends_at - now })
}

/// The next pair. The token that it is got with is good for nothing afterwards.
pub async fn refresh(platform: &Platform, token: &str) -> Result<TokenPair> {
    let (used, now) = (hex::encode(token_hash(token)), platform.now());
    let (access, hash) = make_token(platform);
    let ends_at = now + platform.config.token_idle;
    let written = platform.store.write(move |tx| {
        async move {
            let (whose, expires_at) = tokens::take_refresh(tx, &used).await?.ok_or(Error::Unauthenticated)?;
            if now >= expires_at {
                return Err(Error::TokenExpired);
            }
            users::find_live(tx, &Scope::All, whose.0).await?.ok_or(Error::Unauthenticated)?;
            tokens::insert(tx, &hash, whose, now, ends_at).await
        }
        .boxed()
    });
    written.await?;
    pair(platform, SignedIn { token: access, expires_at: ends_at }).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accounts::authenticate, employees, testing::on_both};

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_pair_comes_for_a_name_a_phone_or_a_mail_and_ends_however_much_it_is_used() {
        on_both(async |world| {
            let platform = &world.platform;
            let new = employees::NewEmployee {
                name: "Li".into(),
                username: "li".into(),
                password: secret("initial-Passw0rd"),
                department_id: world.north,
                email: Some("li@example.com".into()),
                mobile: Some("13800000001".into()),
                role_id: None,
                remark: None,
            };
            employees::create(platform, &world.admin, new).await.unwrap();
            for login in ["li", "li@example.com", "13800000001"] {
                assert!(sign_in_by(platform, login, &secret("initial-Passw0rd"), None).await.is_ok(), "{login}");
            }
            let wrong = sign_in_by(platform, "li@example.com", &secret("no"), None).await;
            assert!(matches!(wrong, Err(Error::WrongPassword)));
            let nobody = sign_in_by(platform, "wang@example.com", &secret("no"), None).await;
            assert!(matches!(nobody, Err(Error::UnknownUser)));
            let first = sign_in_by(platform, "li", &secret("initial-Passw0rd"), None).await.unwrap();
            let idle = platform.config.token_idle;
            assert_eq!(first.expires_in, idle);
            let is_good = async |token: &Secret<String>| authenticate(platform, token.expose(), None).await;
            world.clock.advance(idle - 1);
            assert!(is_good(&first.access).await.is_ok());
            assert!(is_good(&first.refresh).await.is_err(), "it is good only for the next pair");
            world.clock.advance(1);
            assert!(matches!(is_good(&first.access).await, Err(Error::TokenExpired)));
            let second = refresh(platform, first.refresh.expose()).await.unwrap();
            assert!(is_good(&second.access).await.is_ok());
            assert!(matches!(refresh(platform, first.refresh.expose()).await, Err(Error::Unauthenticated)), "used");
            world.clock.advance(platform.config.token_absolute);
            assert!(matches!(refresh(platform, second.refresh.expose()).await, Err(Error::TokenExpired)));
        })
        .await;
    }
}
