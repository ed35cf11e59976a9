//! Bridges: foreign platforms and robots that are seen and worked from here.

use baigong_api_kit::Nothing;
use baigong_core::{
    Platform, accounts,
    bridges::{self, Kind},
    rows::bridge,
};
use baigong_model::{Error, Page, Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Caller,
    actions::Action,
    wire::{Id, ListQuery, Listed, time},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BridgeCreate {
    /// Its name, unique in the department
    name: String,
    /// What the other side speaks: `tsac` (a platform of T/TSAC 002-2025), `oapi`, or `robot` (a robot of T/TSAC 002-2025)
    kind: String,
    /// `https://host:port`
    url: String,
    /// As whom we come: a user's name or the public half of a key pair; not for robots
    username: Option<String>,
    /// The password, the secret half, or the robot's secret: SM2-encrypted for the purpose "bridge", or plain where the
    /// configuration allows it
    secret: Secret<String>,
    /// Its department: what comes from there belongs to it; the caller's own when absent
    department_id: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct BridgeCreated {
    /// Its id
    id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: BridgeCreate) -> Result<BridgeCreated> {
    let department_id = match body.department_id {
        Some(id) => id,
        None => accounts::me(&platform, &caller).await?.department_id,
    };
    let new = bridges::NewBridge {
        department_id,
        name: body.name,
        kind: body.kind,
        url: body.url,
        username: body.username.unwrap_or_default(),
        secret: body.secret,
    };
    Ok(BridgeCreated { id: bridges::create(&platform, &caller, new).await? })
}

/// A bridge.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Bridge {
    /// Its id
    id: i64,
    /// Its name
    name: String,
    /// What the other side speaks
    kind: String,
    /// Where it is
    url: String,
    /// As whom we come
    username: String,
    /// Its department
    department_id: i64,
    /// The robot of ours that stands for it
    robot_id: i64,
    /// That robot's group
    robot_group_id: i64,
    /// Whether it is in use
    is_active: bool,
    /// `new`, `reachable`, `unreachable` or `refused`
    state: String,
    /// What went wrong last
    detail: String,
    /// When it last answered
    reached_at: Option<String>,
    /// When what is there was last listed
    listed_at: Option<String>,
    /// Whether it is deleted
    is_deleted: bool,
    /// What the caller may do to it now
    actions: Actions,
}

#[derive(Serialize, JsonSchema)]
struct Actions {
    /// Change it
    update: Action,
    /// Remove it
    delete: Action,
}

impl Bridge {
    fn of(caller: &Caller, row: bridge::Model) -> Self {
        let rule = || bridges::may_change(caller, &row).into();
        Self {
            actions: Actions { update: rule(), delete: rule() },
            id: row.id,
            name: row.name,
            kind: row.kind,
            url: row.url,
            username: row.username,
            department_id: row.department_id,
            robot_id: row.robot_id,
            robot_group_id: row.robot_group_id,
            is_active: row.is_active,
            state: row.state,
            detail: row.detail.unwrap_or_default(),
            reached_at: row.reached_at.map(time),
            listed_at: row.listed_at.map(time),
            is_deleted: row.deleted_at.is_some(),
        }
    }
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ListQuery) -> Result<Listed<Bridge>> {
    let page = bridges::list(&platform, &caller, &body.input()?).await?;
    Ok(Listed { items: page.rows.into_iter().map(|row| Bridge::of(&caller, row)).collect(), total: page.total })
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: Id) -> Result<Bridge> {
    Ok(Bridge::of(&caller, bridges::query(&platform, &caller, body.id).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BridgeUpdate {
    /// Its id
    id: i64,
    /// Where it is
    url: Option<String>,
    /// As whom we come
    username: Option<String>,
    /// The secret; `******` changes nothing. Another address wants it again
    secret: Option<Secret<String>>,
    /// Whether it is in use
    is_active: Option<bool>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: BridgeUpdate) -> Result<Nothing> {
    let change = bridges::BridgeChange {
        url: body.url,
        username: body.username,
        secret: body.secret,
        is_active: body.is_active,
    };
    bridges::update(&platform, &caller, body.id, change).await?;
    Ok(Nothing {})
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: Id) -> Result<Nothing> {
    bridges::delete(&platform, &caller, body.id).await?;
    Ok(Nothing {})
}

pub(crate) async fn look_again(platform: Platform, caller: Caller, body: Id) -> Result<Nothing> {
    bridges::look_again(&platform, &caller, body.id).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ObjectsQuery {
    /// The bridge
    id: i64,
    /// From 1
    page: Option<i64>,
    /// 1 to 1000, 100 when absent
    page_size: Option<i64>,
}

/// Something on the other side, as it was seen last.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Object {
    /// Its id there
    foreign_id: String,
    /// Its name there; of a task, the id of its process
    name: String,
    /// Its state there; `gone` where it is not there any more
    state: String,
    /// What stands for it here: a process, or the task that it was started by
    local_id: Option<i64>,
    /// What more is known of it
    detail: Value,
    /// When it was last seen
    seen_at: String,
}

async fn objects(platform: Platform, caller: Caller, body: ObjectsQuery, kind: Kind) -> Result<Listed<Object>> {
    let page = Page::new(body.page, body.page_size)?;
    let page = bridges::objects(&platform, &caller, body.id, kind, page).await?;
    let object = |row: bridges::Object| {
        Ok(Object {
            foreign_id: row.foreign_id,
            name: row.name,
            state: row.state,
            local_id: row.local_id,
            detail: serde_json::from_str(&row.detail).map_err(Error::internal)?,
            seen_at: time(row.seen_at),
        })
    };
    Ok(Listed { items: page.rows.into_iter().map(object).collect::<Result<_>>()?, total: page.total })
}

pub(crate) async fn processes(platform: Platform, caller: Caller, body: ObjectsQuery) -> Result<Listed<Object>> {
    objects(platform, caller, body, Kind::Process).await
}

pub(crate) async fn robots(platform: Platform, caller: Caller, body: ObjectsQuery) -> Result<Listed<Object>> {
    objects(platform, caller, body, Kind::Robot).await
}

pub(crate) async fn tasks(platform: Platform, caller: Caller, body: ObjectsQuery) -> Result<Listed<Object>> {
    objects(platform, caller, body, Kind::Task).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetParameters {
    /// The bridge
    id: i64,
    /// The process's id there
    foreign_id: String,
    /// The names of its in-parameters
    parameters: Vec<String>,
}

pub(crate) async fn set_parameters(platform: Platform, caller: Caller, body: SetParameters) -> Result<Nothing> {
    bridges::set_parameters(&platform, &caller, (body.id, body.foreign_id), body.parameters).await?;
    Ok(Nothing {})
}
