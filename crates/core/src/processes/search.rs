//! Finding processes by who made them and who developed them.

use baigong_model::{PageOf, Permission, Result};
use baigong_store::{entity::process, processes as rows, users};

use crate::{Caller, ListInput, Platform};

/// Which processes.
#[derive(Debug, Clone)]
pub struct Search {
    /// What every list takes.
    pub list: ListInput,
    /// Only those made by the user who signs in as this.
    pub owner: Option<String>,
    /// Only those whose activated package version was uploaded by the user who signs in as this.
    pub developer: Option<String>,
}

/// A page of processes, oldest first.
pub async fn search(platform: &Platform, caller: &Caller, search: &Search) -> Result<PageOf<process::Model>> {
    caller.need(Permission::ProcessRead)?;
    let which = rows::Search {
        list: search.list.filter(platform, caller).await?,
        owners: ids_of(platform, search.owner.as_deref()).await?,
        developers: ids_of(platform, search.developer.as_deref()).await?,
    };
    rows::search(&platform.store, &which, search.list.page).await
}

/// The ids of whoever signs in so: none, or one.
async fn ids_of(platform: &Platform, username: Option<&str>) -> Result<Option<Vec<i64>>> {
    let Some(username) = username.map(str::trim).filter(|it| !it.is_empty()) else { return Ok(None) };
    let user = users::find_by_username(&platform.store, username).await?;
    Ok(Some(user.map(|user| user.id).into_iter().collect()))
}
