//! The data and output of secret items, sealed with the platform's data key for their row and column.

use std::sync::Arc;

use baigong_model::{Error, Result, Secret};
use baigong_store::queue_items::Vault;

use crate::{Platform, keys::Place};

struct Sealed(Platform);

/// Where secret items are sealed and opened.
pub(crate) fn vault(platform: &Platform) -> Arc<dyn Vault> {
    Arc::new(Sealed(platform.clone()))
}

impl Vault for Sealed {
    fn seal(&self, item: i64, column: &'static str, text: &str) -> String {
        let row = item.to_string();
        self.0.keys.seal(&*self.0.random, Place { table: "queue_item", row: &row, column }, text.as_bytes())
    }

    fn open(&self, item: i64, column: &'static str, sealed: &str) -> Result<Secret<String>> {
        let row = item.to_string();
        let opened = self.0.keys.open(Place { table: "queue_item", row: &row, column }, sealed)?;
        let text = std::str::from_utf8(opened.expose()).map_err(Error::internal)?;
        Ok(Secret::new(text.to_owned()))
    }
}
