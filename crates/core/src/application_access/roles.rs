//! The roles of an application: which menus they open, and for which departments.

use std::collections::{BTreeMap, BTreeSet};

use baigong_model::{DataScope, Error, PageOf, Result, ids::DepartmentId};
use baigong_store::{
    application_access::{menus, roles as rows},
    entity::application_role::Model,
};
use futures_util::FutureExt;
use serde_json::{Value, json};

use super::{Writing, reader, write};
use crate::{Caller, ListInput, Platform, departments, names, roles::joined};

/// The longest key, in letters.
const LONGEST_KEY: usize = 100;

/// A role to be made.
#[derive(Debug, Clone)]
pub struct NewRole {
    /// Its name.
    pub name: String,
    /// What programs know it by, unique in the application.
    pub key: String,
    /// Its place in lists.
    pub position: Option<i64>,
}

/// What is to be changed of a role; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct RoleChange {
    /// Its name.
    pub name: Option<String>,
    /// What programs know it by.
    pub key: Option<String>,
    /// Its place in lists.
    pub position: Option<i64>,
}

/// A role and what it allows.
#[derive(Debug, Clone)]
pub struct Role {
    /// The role.
    pub row: Model,
    /// The words of the permissions that its menus ask for, each once.
    pub permissions: Vec<String>,
}

/// A page of the roles of the application.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<Model>> {
    let application = reader(caller)?;
    let total = rows::count(&platform.store, application).await?;
    Ok(PageOf { rows: rows::list(&platform.store, application, input.page).await?, total })
}

/// The role `id` of the application.
pub async fn query(platform: &Platform, caller: &Caller, id: i64) -> Result<Role> {
    let application = reader(caller)?;
    let row = rows::find(&platform.store, application, id).await?.ok_or_else(|| unknown(id))?;
    let open: BTreeSet<i64> = rows::menus(&platform.store, &[id]).await?.into_iter().map(|(_, menu)| menu).collect();
    let menus = menus::all(&platform.store, application).await?;
    let words = menus.into_iter().filter(|menu| open.contains(&menu.id)).map(|menu| menu.permission);
    Ok(Role { row, permissions: once(words) })
}

/// Makes roles, which see what their holders made until they are given more; their ids, in order.
pub async fn create(platform: &Platform, caller: &Caller, inputs: Vec<NewRole>) -> Result<Vec<i64>> {
    write(platform, caller, inputs.len(), |writing| {
        async move {
            let mut ids = Vec::with_capacity(inputs.len());
            for input in inputs {
                let mut row = Model {
                    id: 0,
                    application_id: writing.id(),
                    name: String::new(),
                    role_key: String::new(),
                    live_name: None,
                    position: 0,
                    data_scope: DataScope::Own.as_str().into(),
                    departments: String::new(),
                    created_at: writing.now,
                    deleted_at: None,
                };
                apply(&mut row, RoleChange { name: Some(input.name), key: Some(input.key), position: input.position })?;
                let detail = detail(&row);
                let id = rows::insert(writing.tx, row).await?;
                writing.note("create", "application role", id, &detail).await?;
                ids.push(id);
            }
            Ok(ids)
        }
        .boxed()
    })
    .await
}

/// Changes what a role is called.
pub async fn update(platform: &Platform, caller: &Caller, id: i64, change: RoleChange) -> Result<()> {
    changed(platform, caller, id, move |row| apply(row, change)).await
}

/// Changes for which departments a role is: those given, which the caller must see, for the data scope custom.
pub async fn set_data_scope(
    platform: &Platform,
    caller: &Caller,
    id: i64,
    (scope, departments): (DataScope, Vec<DepartmentId>),
) -> Result<()> {
    let departments: BTreeSet<DepartmentId> = departments.into_iter().collect();
    if scope == DataScope::Custom {
        if departments.is_empty() {
            return Err(Error::invalid("deptIds", "must name the departments of the data scope custom"));
        }
        for department in &departments {
            departments::live(platform, caller, *department).await?;
        }
    }
    changed(platform, caller, id, move |row| {
        row.data_scope = scope.as_str().into();
        row.departments = if scope == DataScope::Custom { joined(departments.iter()) } else { String::new() };
        Ok(())
    })
    .await
}

/// Has each role that is named open exactly the menus that are named with it.
pub async fn set_menus(platform: &Platform, caller: &Caller, links: Vec<(i64, i64)>) -> Result<()> {
    write(platform, caller, links.len(), |writing| {
        async move {
            let mut wanted: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
            for (role, menu) in links {
                wanted.entry(role).or_default().insert(menu);
            }
            need_roles(&writing, wanted.keys().copied().collect()).await?;
            let known: BTreeSet<i64> =
                menus::all_in(writing.tx, writing.id()).await?.into_iter().map(|menu| menu.id).collect();
            for (role, menus) in wanted {
                if let Some(menu) = menus.difference(&known).next() {
                    return Err(Error::not_found("menu", menu));
                }
                let menus: Vec<i64> = menus.into_iter().collect();
                rows::set_menus(writing.tx, role, &menus).await?;
                writing.note("set-menus", "application role", role, &json!({ "menuIds": menus })).await?;
            }
            Ok(())
        }
        .boxed()
    })
    .await
}

/// Deletes roles that nobody has.
pub async fn delete(platform: &Platform, caller: &Caller, ids: Vec<i64>) -> Result<()> {
    write(platform, caller, ids.len(), |writing| {
        async move {
            let ids: Vec<i64> = ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
            let going = need_roles(&writing, ids.clone()).await?;
            if let Some(held) = rows::held(writing.tx, &ids).await?.first() {
                let name = going.iter().find(|row| row.id == *held).map_or("", |row| row.name.as_str());
                return Err(Error::Conflict(format!("users have the role \"{name}\": take it from them first")));
            }
            for row in &going {
                writing.note("delete", "application role", row.id, &detail(row)).await?;
            }
            rows::delete(writing.tx, &ids, writing.now).await
        }
        .boxed()
    })
    .await
}

/// The live roles with these ids, each once; fails when one of them is not of the application.
pub(super) async fn need_roles(writing: &Writing<'_>, ids: Vec<i64>) -> Result<Vec<Model>> {
    let found = rows::some(writing.tx, writing.id(), &ids).await?;
    match ids.iter().find(|id| !found.iter().any(|row| row.id == **id)) {
        Some(missing) => Err(unknown(*missing)),
        None => Ok(found),
    }
}

/// Each word once, in the order in which they come first; no empty ones.
pub(super) fn once(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    words.filter(|word| !word.is_empty() && seen.insert(word.clone())).collect()
}

pub(super) fn unknown(id: impl ToString) -> Error {
    Error::not_found("application role", id)
}

async fn changed(
    platform: &Platform,
    caller: &Caller,
    id: i64,
    change: impl FnOnce(&mut Model) -> Result<()> + Send + 'static,
) -> Result<()> {
    write(platform, caller, 1, move |writing| {
        async move {
            let mut row = need_roles(&writing, vec![id]).await?.swap_remove(0);
            change(&mut row)?;
            let detail = detail(&row);
            rows::update(writing.tx, row).await?;
            writing.note("update", "application role", id, &detail).await
        }
        .boxed()
    })
    .await
}

fn apply(row: &mut Model, change: RoleChange) -> Result<()> {
    if let Some(name) = change.name {
        row.name = names::name("roleName", &name)?;
    }
    if let Some(key) = change.key {
        let key = key.trim();
        let is_plain = !key.chars().any(|letter| letter.is_control() || letter.is_whitespace());
        if !is_plain || !(1..=LONGEST_KEY).contains(&key.chars().count()) {
            return Err(Error::invalid("roleKey", format!("must have 1 to {LONGEST_KEY} letters and no blanks")));
        }
        row.role_key = key.to_owned();
        row.live_name = Some(format!("{}/{key}", row.application_id));
    }
    row.position = change.position.unwrap_or(row.position);
    Ok(())
}

fn detail(row: &Model) -> Value {
    json!({
        "name": row.name, "key": row.role_key, "dataScope": row.data_scope, "departments": row.departments,
    })
}
