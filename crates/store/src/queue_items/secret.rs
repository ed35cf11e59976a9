//! What secret items carry, sealed for their own row. The keys are `core`'s: here is only where they are needed, since an
//! item has its id, which the seal is bound to, only inside the write.

use std::{fmt, sync::Arc};

use baigong_model::{Result, Secret};

/// Seals and opens the values of secret items.
pub trait Vault: Send + Sync {
    /// `text` sealed for a column of an item.
    fn seal(&self, item: i64, column: &'static str, text: &str) -> String;
    /// What was sealed for it.
    fn open(&self, item: i64, column: &'static str, sealed: &str) -> Result<Secret<String>>;
}

impl fmt::Debug for dyn Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

/// The data of a new item, JSON.
#[derive(Debug, Clone)]
pub enum Payload {
    /// Stored as it is.
    Plain(String),
    /// Stored sealed.
    Secret(Secret<String>, Arc<dyn Vault>),
}

impl Payload {
    /// As it is stored in the row of `item`.
    pub(super) fn stored(&self, item: i64) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Secret(text, vault) => vault.seal(item, "payload", text.expose()),
        }
    }

    pub(super) fn is_secret(&self) -> bool {
        matches!(self, Self::Secret(..))
    }
}
