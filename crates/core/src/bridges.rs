//! Bridges: foreign platforms and robots that are seen and worked from here ([decision
//! 51](../../../docs/decisions/0051-a-bridge-is-a-robot.md)). A robot of ours stands for each: what it runs, it has run there.
//! Knows what was seen and what was started; who talks to the other side is in `background`.

mod change;
mod here;
mod mirror;
mod runs;

pub use baigong_store::foreign_objects::{Kind, Object};
pub use change::{BridgeChange, NewBridge, create, delete, update};
pub(crate) use here::Standing;
pub use here::{Held, Here, hold};
pub use mirror::{Seen, SeenProcess, look_again, put, set_parameters};
pub use runs::{Run, accept, known_of, open as open_runs, taken, task_of, written};

use baigong_model::{Error, Page, PageOf, Permission, Result, Secret, ids::BridgeId};
use baigong_store::{bridges as rows, entity::bridge, foreign_objects};
use futures_util::FutureExt;

use crate::{Caller, Platform, keys::Place, lists::ListInput};

/// The bridge `id`, deleted or not; its secret is taken out.
pub async fn query(platform: &Platform, caller: &Caller, id: BridgeId) -> Result<bridge::Model> {
    caller.need(Permission::BridgeRead)?;
    let row = rows::find(&platform.store, caller.scope(), id).await?;
    row.map(shown).ok_or_else(|| Error::not_found("bridge", id))
}

/// A page of bridges, oldest first.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<bridge::Model>> {
    caller.need(Permission::BridgeRead)?;
    let filter = input.filter(platform, caller).await?;
    let total = rows::count(&platform.store, &filter).await?;
    let rows = rows::list(&platform.store, &filter, input.page).await?;
    Ok(PageOf { rows: rows.into_iter().map(shown).collect(), total })
}

/// A page of what is known of the other side.
pub async fn objects(
    platform: &Platform,
    caller: &Caller,
    id: BridgeId,
    kind: Kind,
    page: Page,
) -> Result<PageOf<Object>> {
    let bridge = query(platform, caller, id).await?;
    let total = foreign_objects::count(&platform.store, bridge.id, kind).await?;
    Ok(PageOf { rows: foreign_objects::list(&platform.store, bridge.id, kind, page).await?, total })
}

/// Every live bridge, for whoever works them.
pub async fn all(platform: &Platform) -> Result<Vec<bridge::Model>> {
    rows::live(&platform.store).await
}

/// The secret we come with.
pub fn secret(platform: &Platform, row: &bridge::Model) -> Result<Secret<String>> {
    let opened = platform.keys.open(place(&row.id.to_string()), &row.sealed)?;
    String::from_utf8(opened.expose().clone()).map(Secret::new).map_err(|_| Error::internal("a secret is not text"))
}

/// How the other side was found. Written when it changes, and once a minute; no more tasks go to one that does not answer.
pub async fn found(platform: &Platform, row: &bridge::Model, found: Result<(), (bool, String)>) -> Result<()> {
    const FRESH: i64 = 60_000;
    const MOST_FAILURES: i32 = 6;
    let now = platform.now();
    if let Err((_, detail)) = &found {
        let declines = here::declines(row, Some(detail));
        platform.links.update(row.robot_id, |linked| (linked.accepts, linked.declines) = (false, Some(declines)));
    }
    let found = match found {
        Ok(()) => rows::Found { state: "reachable", detail: None, failures: 0 },
        Err((is_refusal, detail)) => rows::Found {
            state: if is_refusal { "refused" } else { "unreachable" },
            detail: Some(detail),
            failures: row.failures.saturating_add(1),
        },
    };
    let is_same = row.state == found.state && row.detail == found.detail;
    // How often it failed is written down as long as it makes the rests longer.
    let is_known = if found.failures > 0 {
        row.failures >= MOST_FAILURES
    } else {
        row.reached_at.is_some_and(|at| now - at < FRESH)
    };
    if is_same && is_known {
        return Ok(());
    }
    if row.state != found.state {
        tracing::info!(bridge = row.id, from = row.state, to = found.state, "a bridge's other side is found so");
    }
    let id = row.id;
    platform.store.write(move |tx| async move { rows::found(tx, id, &found, now).await }.boxed()).await
}

/// Whether the caller may change the bridge now, and why not.
pub fn may_change(caller: &Caller, row: &bridge::Model) -> Result<()> {
    change::writer(caller)?;
    match row.deleted_at {
        None => Ok(()),
        Some(_) => Err(Error::not_found("bridge", row.id)),
    }
}

fn shown(mut row: bridge::Model) -> bridge::Model {
    row.sealed.clear();
    row
}

fn place(row: &str) -> Place<'_> {
    Place { table: "bridge", row, column: "sealed" }
}

#[cfg(test)]
mod tests;
