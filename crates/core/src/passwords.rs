//! Users' passwords: argon2id, on threads of their own, as many at a time as there are processors.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{CustomizedPasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use baigong_model::{Error, Random, Result, Secret};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// 7 MiB, five rounds: as hard as the usual 19 MiB and two, and two at a time do not swell an idle platform.
const MEMORY: u32 = 7 * 1024;
const ROUNDS: u32 = 5;
/// How many may wait before more are told to try later.
const WAITING: usize = 32;
/// The shortest password of a user, in letters.
const LEAST_PASSWORD: usize = 8;
/// The longest password, in letters.
pub(crate) const MAX_PASSWORD: usize = 128;

/// Where passwords are hashed and verified.
pub(crate) struct Passwords {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// Verified for users that do not exist, so that they take as long as others.
    dummy: tokio::sync::OnceCell<String>,
}

/// The right to use one processor for a password.
pub(crate) struct Place(#[expect(dead_code, reason = "it is held, not read")] OwnedSemaphorePermit);

impl Passwords {
    pub(crate) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            places: Arc::new(Semaphore::new(processors)),
            waiting: AtomicUsize::new(0),
            dummy: tokio::sync::OnceCell::new(),
        }
    }

    /// Waits for a processor; refuses when too many wait already.
    pub(crate) async fn place(&self) -> Result<Place> {
        if let Ok(permit) = self.places.clone().try_acquire_owned() {
            return Ok(Place(permit));
        }
        let _waits = Waits::begin(&self.waiting)?;
        self.places.clone().acquire_owned().await.map(Place).map_err(Error::internal)
    }

    /// Hashes a new password; the text has the form of a PHC string.
    pub(crate) async fn hash(&self, random: &Arc<dyn Random>, password: Secret<String>) -> Result<String> {
        let place = self.place().await?;
        let mut salt = [0; 16];
        random.fill(&mut salt);
        run(place, move || hash(&password, &salt)).await?.1
    }

    /// Whether `password` is the one of `hash`, or of nobody's. The place is given back for what has to be done before
    /// the next attempt may begin.
    pub(crate) async fn verify(
        &self,
        place: Place,
        password: Secret<String>,
        hash_text: Option<String>,
    ) -> Result<(Place, bool)> {
        let known = hash_text.is_some();
        let hash_text = match hash_text {
            Some(text) => text,
            None => self.dummy.get_or_try_init(|| async { hash(&Secret::new(String::new()), &[0; 16]) }).await?.clone(),
        };
        let (place, is_right) = run(place, move || is_right(&password, &hash_text)).await?;
        Ok((place, is_right? && known))
    }
}

struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn begin(waiting: &'a AtomicUsize) -> Result<Self> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let waits = Self(waiting);
        if before < WAITING {
            return Ok(waits);
        }
        Err(Error::LimitReached("too many sign-ins at once: try again in a moment".into()))
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn run<T: Send + 'static>(place: Place, work: impl FnOnce() -> T + Send + 'static) -> Result<(Place, T)> {
    tokio::task::spawn_blocking(move || (place, work())).await.map_err(Error::internal)
}

fn hash(password: &Secret<String>, salt: &[u8]) -> Result<String> {
    let params = Params::new(MEMORY, ROUNDS, 1, None).map_err(Error::internal)?;
    let argon = Argon2::default();
    let algorithm = Some(Algorithm::Argon2id.as_str());
    let password = password.expose().as_bytes();
    let version = Some(Version::V0x13.into());
    let hashed = argon.hash_password_customized(password, salt, algorithm, version, params);
    hashed.map(|hash| hash.to_string()).map_err(Error::internal)
}

fn is_right(password: &Secret<String>, hash_text: &str) -> Result<bool> {
    let hash = PasswordHash::new(hash_text).map_err(Error::internal)?;
    Ok(Argon2::default().verify_password(password.expose().as_bytes(), &hash).is_ok())
}

/// What a user signs in with must be hard to guess, and not be the name they sign in with.
pub fn check_users(field: &str, username: &str, password: &Secret<String>) -> Result<()> {
    let text = password.expose();
    if !(LEAST_PASSWORD..=MAX_PASSWORD).contains(&text.chars().count()) {
        return Err(Error::invalid(field, format!("must have {LEAST_PASSWORD} to {MAX_PASSWORD} letters")));
    }
    if text.to_lowercase() == username.to_lowercase() {
        return Err(Error::invalid(field, "must not be the name that the user signs in with"));
    }
    Ok(())
}

/// A new password that is not a user's must be there and not be longer than can be meant.
pub(crate) fn check(field: &str, password: &Secret<String>) -> Result<()> {
    let length = password.expose().chars().count();
    if (1..=MAX_PASSWORD).contains(&length) {
        return Ok(());
    }
    Err(Error::invalid(field, format!("must have 1 to {MAX_PASSWORD} letters")))
}

#[cfg(test)]
mod tests {
    use baigong_model::SeededRandom;

    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn a_users_password_is_not_too_short_and_not_their_name() {
        let check = |text: &str| check_users("password", "Zhang.San", &secret(text)).map_err(|error| error.to_string());
        assert_eq!(check("12345678"), Ok(()));
        assert_eq!(check("密码密码密码密码"), Ok(()), "letters, not bytes");
        assert_eq!(check(&"长".repeat(128)), Ok(()));
        for wrong in ["", "1", "1234567", &"长".repeat(129)] {
            assert_eq!(check(wrong), Err("password: must have 8 to 128 letters".to_owned()), "{wrong}");
        }
        for name in ["zhang.san", "Zhang.San"] {
            assert_eq!(check(name), Err("password: must not be the name that the user signs in with".to_owned()));
        }
    }

    #[tokio::test]
    async fn the_right_password_and_no_other() {
        let passwords = Passwords::new();
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(1));
        let hash = passwords.hash(&random, secret("百工2026")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=7168,t=5,p=1$"), "{hash}");
        for (text, expected) in [("百工2026", true), ("百工2027", false), ("", false)] {
            let place = passwords.place().await.unwrap();
            let (_, is_right) = passwords.verify(place, secret(text), Some(hash.clone())).await.unwrap();
            assert_eq!(is_right, expected, "{text}");
        }
        let place = passwords.place().await.unwrap();
        assert!(
            !passwords.verify(place, secret(""), None).await.unwrap().1,
            "nobody has no password, not an empty one"
        );
    }

    #[tokio::test]
    async fn more_than_may_wait_are_refused_and_a_place_given_back_is_used() {
        let passwords = Arc::new(Passwords::new());
        let mut places = Vec::new();
        while let Ok(permit) = passwords.places.clone().try_acquire_owned() {
            places.push(permit);
        }
        let waiting: Vec<_> = (0..WAITING)
            .map(|_| {
                let passwords = passwords.clone();
                tokio::spawn(async move { passwords.place().await.is_ok() })
            })
            .collect();
        while passwords.waiting.load(Ordering::Relaxed) < WAITING {
            tokio::task::yield_now().await;
        }
        assert!(matches!(passwords.place().await, Err(Error::LimitReached(_))));
        drop(places);
        for waiting in waiting {
            assert!(waiting.await.unwrap());
        }
        assert_eq!(passwords.waiting.load(Ordering::Relaxed), 0);
    }
}
