//! Keys by their names: the newest seals, each of them opens what it has sealed.

use baigong_model::{Random, Secret};

use super::sealing::{Place, Sealer, key_id_of};

/// The keys.
pub(super) struct Ring {
    newest: Sealer,
    older: Vec<Sealer>,
}

impl Ring {
    pub(super) fn of(newest: Sealer) -> Self {
        Self { newest, older: Vec::new() }
    }

    /// Adds a key, which is the newest from now on.
    pub(super) fn add(&mut self, newest: Sealer) {
        self.older.push(std::mem::replace(&mut self.newest, newest));
    }

    pub(super) fn seal(&self, random: &dyn Random, place: Place<'_>, value: &[u8]) -> String {
        self.newest.seal(random, place, value)
    }

    pub(super) fn open(&self, place: Place<'_>, sealed: &str) -> Option<Secret<Vec<u8>>> {
        let key_id = key_id_of(sealed)?;
        let mut all = std::iter::once(&self.newest).chain(&self.older);
        all.find(|sealer| sealer.key_id() == key_id)?.open(place, sealed)
    }

    /// The number of the newest key.
    pub(super) fn newest(&self) -> u32 {
        self.newest.key_id().parse().unwrap_or(1)
    }
}
