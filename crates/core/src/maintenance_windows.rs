//! Maintenance windows: times in which robots get no tasks, once or again and again. Which robots are covered now is worked
//! out once a second and kept with their connections, so that giving tasks asks nobody.

mod cover;
mod edit;
mod window;

pub(crate) use cover::{Cache, Cover};
pub use cover::{Covered, look_again, of_robot};
pub use edit::{Change, NewWindow, create, delete, update};
pub use window::{OnRunning, Target, Times};

use baigong_model::{Error, PageOf, Permission, Result};
use baigong_store::{entity::maintenance_window, maintenance_windows as rows};

use crate::{
    Caller, Platform,
    lists::{self, ListInput, Table},
};

/// A window and whether it is open.
#[derive(Debug, Clone)]
pub struct Details {
    /// The window.
    pub window: maintenance_window::Model,
    /// Until when it is open; none while it is not.
    pub open_until: Option<i64>,
}

/// The window `id`, deleted or not.
pub async fn query(platform: &Platform, caller: &Caller, id: i64) -> Result<Details> {
    caller.need(Permission::MaintenanceRead)?;
    let window = rows::find(&platform.store, caller.scope(), id).await?;
    details(platform, window.ok_or_else(|| Error::not_found("maintenance window", id))?)
}

/// A page of windows, oldest first.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<Details>> {
    caller.need(Permission::MaintenanceRead)?;
    let filter = input.filter(platform, caller).await?;
    let page = lists::page(platform, Table::MaintenanceWindows, &filter, input.page, rows::count, rows::list).await?;
    let rows = page.rows.into_iter().map(|window| details(platform, window)).collect::<Result<_>>()?;
    Ok(PageOf { rows, total: page.total })
}

fn details(platform: &Platform, window: maintenance_window::Model) -> Result<Details> {
    let is_live = window.deleted_at.is_none();
    let open_until = window::Window::of(window.clone())?.open_until(platform.now()).filter(|_| is_live);
    Ok(Details { window, open_until })
}

#[cfg(test)]
mod tests;
