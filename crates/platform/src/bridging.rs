//! Bridges from the command line: on the data of a platform that is stopped or running. A running one takes up what is
//! made here within a second.

use anyhow::{Context, Result};
use baigong_core::{
    Caller, ListInput, Platform,
    bridges::{self, NewBridge},
    departments,
};
use baigong_model::{Page, Secret};

/// A bridge to be made in the root department.
#[derive(Debug, Clone)]
pub struct BridgeToMake {
    /// Its name.
    pub name: String,
    /// "tsac", "oapi" or "robot".
    pub kind: String,
    /// `https://host:port`
    pub url: String,
    /// As whom we come.
    pub username: String,
    /// What we come with.
    pub secret: Secret<String>,
}

/// A bridge and how its other side was found.
#[derive(Debug, Clone)]
pub struct BridgeLine {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What the other side speaks.
    pub kind: String,
    /// Where it is.
    pub url: String,
    /// "new", "reachable", "unreachable" or "refused".
    pub state: String,
    /// What went wrong last.
    pub detail: String,
}

/// Registers a foreign platform or robot; its id.
///
/// # Errors
/// When the name is taken, or a value is not as it should be.
pub async fn add_bridge(platform: &Platform, new: BridgeToMake) -> Result<i64> {
    let tree = departments::tree(platform).await?;
    let department_id = tree.parents_first().next().context("there is no department")?.id;
    let BridgeToMake { name, kind, url, username, secret } = new;
    let new = NewBridge { department_id, name, kind, url, username, secret };
    Ok(bridges::create(platform, &Caller::platform(), new).await?)
}

/// The bridges that there are.
///
/// # Errors
/// When the database cannot be read.
pub async fn list_bridges(platform: &Platform) -> Result<Vec<BridgeLine>> {
    let page = Page::new(None, Some(1000))?;
    let found = bridges::list(platform, &Caller::platform(), &ListInput::all(page)).await?;
    let line = |row: baigong_core::rows::bridge::Model| BridgeLine {
        id: row.id,
        name: row.name,
        kind: row.kind,
        url: row.url,
        state: if row.is_active { row.state } else { "off".into() },
        detail: row.detail.unwrap_or_default(),
    };
    Ok(found.rows.into_iter().map(line).collect())
}

/// Removes a bridge with everything that stands for its other side.
///
/// # Errors
/// When there is none, or a task runs over it.
pub async fn remove_bridge(platform: &Platform, id: i64) -> Result<()> {
    Ok(bridges::delete(platform, &Caller::platform(), id).await?)
}
