//! Assets by their names.

use baigong_model::{Permission, Result};
use baigong_store::assets as rows;

use crate::{Caller, Platform, departments};

/// The id of the live asset called `name` that the caller sees. Where several departments have one, that of the caller's own
/// department is meant; where it has none, nobody knows which.
pub async fn by_name(platform: &Platform, caller: &Caller, name: &str) -> Result<i64> {
    caller.need(Permission::AssetRead)?;
    let found = rows::all_named(&platform.store, caller.scope(), name).await?;
    departments::nearest(platform, caller, ("asset", name), found.iter().map(|row| (row.id, row.department_id))).await
}

/// `text` as an id, or else as a name.
pub async fn by_id_or_name(platform: &Platform, caller: &Caller, text: &str) -> Result<i64> {
    match text.parse() {
        Ok(id) => Ok(id),
        Err(_) => by_name(platform, caller, text).await,
    }
}
