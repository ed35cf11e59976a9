//! Who made, changed or read an asset. A reading is written down before the value is given; the value of a secret asset is
//! shown to nobody but robots, so that only theirs are readings.

use baigong_model::{Error, Page, PageOf, Permission, Result, ids::RobotId};
pub use baigong_store::asset_accesses::Filter as AccessFilter;
use baigong_store::{
    asset_accesses as rows, assets,
    entity::{asset, asset_access, task},
};
use futures_util::FutureExt;

use crate::{Caller, Platform};

pub(crate) const CREATE: &str = "create";
pub(crate) const EDIT: &str = "edit";
const READ: &str = "read";

/// What can be done to an asset.
pub const ACTIONS: [&str; 3] = [CREATE, EDIT, READ];

/// What a user did.
pub(super) fn by(caller: &Caller, asset_id: i64, action: &'static str, at: i64) -> rows::NewAccess {
    rows::NewAccess { asset_id, at, action, user_id: caller.user_id, run: None }
}

/// Writes down that the caller reads those of `assets` that are not secret.
pub(super) async fn read(platform: &Platform, caller: &Caller, assets: &[asset::Model]) -> Result<()> {
    let now = platform.now();
    let shown = assets.iter().filter(|asset| asset.kind != super::AssetKind::Hash.as_str());
    let accesses: Vec<_> = shown.map(|asset| by(caller, asset.id, READ, now)).collect();
    write(platform, accesses).await
}

/// That a task reads the asset on `robot`.
pub(crate) fn by_task(task: &task::Model, robot: RobotId, asset_id: i64, at: i64) -> rows::NewAccess {
    let run = Some((robot, task.process_id, task.id));
    rows::NewAccess { asset_id, at, action: READ, user_id: None, run }
}

/// Writes accesses down.
pub(crate) async fn write(platform: &Platform, accesses: Vec<rows::NewAccess>) -> Result<()> {
    if accesses.is_empty() {
        return Ok(());
    }
    platform.store.write(move |tx| async move { rows::insert_many(tx, &accesses).await }.boxed()).await
}

/// A page of the accesses to an asset that the caller sees, newest first.
pub async fn accesses(
    platform: &Platform,
    caller: &Caller,
    filter: &AccessFilter,
    page: Page,
) -> Result<PageOf<asset_access::Model>> {
    caller.need(Permission::AssetRead)?;
    let id = filter.asset_id;
    assets::find(&platform.store, caller.scope(), id).await?.ok_or_else(|| Error::not_found("asset", id))?;
    if let Some(action) = filter.action.as_deref().filter(|action| !ACTIONS.contains(action)) {
        return Err(Error::invalid("action", format!("\"{action}\" is none of {}", ACTIONS.join(", "))));
    }
    rows::list(&platform.store, filter, page).await
}
