//! Applications: API clients with a key pair.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, applications, rows::application};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    actions::Action,
    wire::{Id, ListQuery, Listed, time},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApplicationCreate {
    /// Its name, unique in the department
    name: String,
    /// What it is for
    description: Option<String>,
    /// Its department; the caller's own when absent
    department_id: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApplicationCreated {
    /// Its id
    id: i64,
    /// The public half of its key pair
    access_key_id: String,
    /// The secret half: it is stored nowhere and not shown again
    access_key_secret: String,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: ApplicationCreate) -> Result<ApplicationCreated> {
    let new = applications::NewApplication {
        department_id: body.department_id,
        name: body.name,
        description: body.description,
    };
    let (id, key) = applications::create(&platform, &caller, new).await?;
    Ok(ApplicationCreated { id, access_key_id: key.access_key_id, access_key_secret: key.secret.expose().clone() })
}

/// An application.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Application {
    /// Its id
    id: i64,
    /// Its name
    name: String,
    /// What it is for
    description: String,
    /// Its department
    department_id: i64,
    /// The user it acts for
    owner_id: i64,
    /// The public half of its key pair
    access_key_id: String,
    /// Until when the secret before the newest is taken too
    old_secret_until: Option<String>,
    /// What it may do of what its owner may; `*` for all of it
    permissions: Vec<String>,
    /// The only departments it sees; absent where it sees all that its owner sees
    #[serde(skip_serializing_if = "Option::is_none")]
    department_ids: Option<Vec<i64>>,
    /// From where it may come, as networks; from everywhere when empty
    allowed_addresses: Vec<String>,
    /// From where it may not come; goes before the others
    denied_addresses: Vec<String>,
    /// The robots it lists, those that the caller sees
    robots: Vec<Robot>,
    /// When it was made
    created_at: String,
    /// Whether it is deleted
    is_deleted: bool,
    /// What the caller may do to it now
    actions: Actions,
}

#[derive(Serialize, JsonSchema)]
struct Robot {
    /// Its id
    id: i64,
    /// Its name
    name: String,
}

#[derive(Serialize, JsonSchema)]
struct Actions {
    /// Change its name, scopes, addresses and robots
    update: Action,
    /// Give it a new secret
    rotate: Action,
    /// Delete it
    delete: Action,
}

impl Application {
    fn of(caller: &Caller, row: application::Model, robots: Vec<applications::ListedRobot>) -> Self {
        let limits = applications::limits_of(&row);
        let rule = || applications::may_change(caller, &row).into();
        Self {
            actions: Actions { update: rule(), rotate: rule(), delete: rule() },
            id: row.id,
            name: row.name,
            description: row.description.unwrap_or_default(),
            department_id: row.department_id,
            owner_id: row.owner_id,
            access_key_id: row.access_key_id,
            old_secret_until: row.old_secret_until.map(time),
            permissions: limits.permissions,
            department_ids: limits.departments,
            allowed_addresses: limits.allowed_addresses,
            denied_addresses: limits.denied_addresses,
            robots: robots.into_iter().map(|robot| Robot { id: robot.id, name: robot.name }).collect(),
            created_at: time(row.created_at),
            is_deleted: row.deleted_at.is_some(),
        }
    }
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ListQuery) -> Result<Listed<Application>> {
    let page = applications::list(&platform, &caller, &body.input()?).await?;
    let ids: Vec<i64> = page.rows.iter().map(|row| row.id).collect();
    let mut robots = applications::robots(&platform, &caller, &ids).await?;
    let shown = |row: application::Model| {
        let robots = robots.remove(&row.id).unwrap_or_default();
        Application::of(&caller, row, robots)
    };
    Ok(Listed { items: page.rows.into_iter().map(shown).collect(), total: page.total })
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: Id) -> Result<Application> {
    let row = applications::query(&platform, &caller, body.id).await?;
    let robots = applications::robots(&platform, &caller, &[row.id]).await?.remove(&row.id);
    Ok(Application::of(&caller, row, robots.unwrap_or_default()))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct ApplicationUpdate {
    /// Its id
    id: i64,
    /// Its name
    name: Option<String>,
    /// What it is for
    description: Option<String>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: ApplicationUpdate) -> Result<Nothing> {
    let change = applications::Change { name: body.name, description: body.description };
    applications::update(&platform, &caller, body.id, change).await?;
    Ok(Nothing {})
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: Id) -> Result<Nothing> {
    applications::delete(&platform, &caller, body.id).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rotate {
    /// Its id
    id: i64,
    /// For how many seconds the secret before is taken too; not at all when absent
    grace_seconds: Option<i64>,
}

pub(crate) async fn rotate(platform: Platform, caller: Caller, body: Rotate) -> Result<ApplicationCreated> {
    let key = applications::rotate(&platform, &caller, body.id, body.grace_seconds).await?;
    Ok(ApplicationCreated {
        id: body.id,
        access_key_id: key.access_key_id,
        access_key_secret: key.secret.expose().clone(),
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetRobots {
    /// Its id
    id: i64,
    /// All the robots it is to list
    robot_ids: Vec<i64>,
}

pub(crate) async fn set_robots(platform: Platform, caller: Caller, body: SetRobots) -> Result<Nothing> {
    applications::set_robots(&platform, &caller, body.id, body.robot_ids).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetScopes {
    /// Its id
    id: i64,
    /// What it may do of what its owner may: words such as `task:run`, or `*`
    permissions: Vec<String>,
    /// The only departments it is to see; all that its owner sees when absent
    department_ids: Option<Vec<i64>>,
}

pub(crate) async fn set_scopes(platform: Platform, caller: Caller, body: SetScopes) -> Result<Nothing> {
    let scopes = applications::Scopes { permissions: body.permissions, departments: body.department_ids };
    applications::set_scopes(&platform, &caller, body.id, scopes).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetAddresses {
    /// Its id
    id: i64,
    /// From where it may come: addresses and networks; from everywhere when empty
    allowed: Vec<String>,
    /// From where it may not come
    denied: Vec<String>,
}

pub(crate) async fn set_addresses(platform: Platform, caller: Caller, body: SetAddresses) -> Result<Nothing> {
    applications::set_addresses(&platform, &caller, body.id, (body.allowed, body.denied)).await?;
    Ok(Nothing {})
}
