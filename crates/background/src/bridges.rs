//! Works the bridges: what the robots that stand for foreign platforms are given is started there, watched and stopped, and
//! what is there is looked at now and then. Each bridge goes its own way: one whose other side does not answer holds up
//! nobody.

mod look;
mod work;

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError, atomic::Ordering},
};

use baigong_client::{Cipher, Error as ClientError, Foreign, Login};
use baigong_core::{
    Platform,
    bridges::{self, Here},
    rows::bridge,
};
use baigong_model::{Error, Result};

/// How long the other side is left alone after it did not answer, doubled with each time, in milliseconds.
const FIRST_REST: i64 = 1000;
const LONGEST_REST: i64 = 60_000;
/// And after it did not let us in: platforms lock whoever comes with a wrong password five times in a quarter of an hour.
const REST_OUTSIDE: i64 = 300_000;

/// The callers in use. A caller keeps its token; one whose bridge has changed is made anew.
static CALLERS: LazyLock<Mutex<HashMap<String, Arc<Foreign>>>> = LazyLock::new(Mutex::default);

/// Goes on with every bridge of this node; answers how many it began.
pub async fn run_once(platform: &Platform) -> Result<usize> {
    let all = bridges::all(platform).await?;
    let mut begun = 0;
    for (bridge, here) in bridges::hold(platform, &all).await? {
        let Some(round) = here.begin() else { continue };
        begun += 1;
        let platform = platform.clone();
        tokio::spawn(async move {
            if let Err(error) = one(&platform, &bridge, &here).await {
                tracing::error!(bridge = bridge.id, %error, "a bridge could not be gone on with");
            }
            drop(round);
        });
    }
    Ok(begun)
}

/// One round of one bridge.
async fn one(platform: &Platform, bridge: &bridge::Model, here: &Arc<Here>) -> Result<()> {
    work::hear(platform, bridge, &here.take()).await?;
    // Whoever changes the bridge, or has it look again, ends the rest.
    if bridge.failures > 0 && here.rests_until.load(Ordering::Relaxed) > platform.now() {
        return Ok(());
    }
    let outcome = match caller(platform, bridge)? {
        Ok(foreign) => {
            let worked = work::go_on(platform, bridge, &foreign).await?;
            match worked {
                Ok(()) => look::look(platform, bridge, &foreign).await?,
                Err(error) => Err(error),
            }
        }
        Err(error) => Err(error),
    };
    let found = outcome.map_err(|error| {
        here.rests_until.store(platform.now() + rest(&error, bridge.failures), Ordering::Relaxed);
        (!matches!(error, ClientError::Unreachable(_) | ClientError::NoAnswer(_)), error.to_string())
    });
    bridges::found(platform, bridge, found).await
}

/// How long the other side is left alone after this, the next of so many failures in a row.
fn rest(error: &ClientError, failures: i32) -> i64 {
    match error {
        ClientError::NotLetIn(_) => REST_OUTSIDE,
        _ => (FIRST_REST << failures.clamp(0, 6)).min(LONGEST_REST),
    }
}

/// What talks to the other side.
fn caller(platform: &Platform, bridge: &bridge::Model) -> Result<std::result::Result<Arc<Foreign>, ClientError>> {
    // A bridge is changed in ways that this shows; a token is kept as long as it is not.
    let key = format!("{} {} {} {} {}", platform.node_id, bridge.id, bridge.url, bridge.username, bridge.sealed);
    let known = CALLERS.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    if let Some(known) = known {
        return Ok(Ok(known));
    }
    let login = Login {
        dialect: bridge.kind.parse().map_err(|()| Error::internal(format!("a bridge of kind {}", bridge.kind)))?,
        url: bridge.url.clone(),
        username: bridge.username.clone(),
        secret: bridges::secret(platform, bridge)?,
    };
    let certificates = platform.config.warn.certificates.as_deref();
    let cipher = Cipher { clock: platform.clock.clone(), random: platform.random.clone() };
    let made = match Foreign::new(login, &cipher, certificates) {
        Ok(made) => Arc::new(made),
        Err(error) => return Ok(Err(error)),
    };
    let mut callers = CALLERS.lock().unwrap_or_else(PoisonError::into_inner);
    let own = format!("{} {} ", platform.node_id, bridge.id);
    callers.retain(|key, _| !key.starts_with(&own));
    callers.insert(key, made.clone());
    Ok(Ok(made))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_grow_to_a_minute_and_nobodys_account_is_locked() {
        let away = ClientError::Unreachable(String::new());
        assert_eq!([0, 1, 5, 6, 100].map(|failures| rest(&away, failures)), [1000, 2000, 32_000, 60_000, 60_000]);
        let tries = 15 * 60_000 / rest(&ClientError::NotLetIn(String::new()), 0);
        assert!(tries < 5, "{tries} wrong passwords in a quarter of an hour lock an account");
    }
}
