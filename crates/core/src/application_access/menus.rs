//! The menus of an application: folders, pages and buttons, each with the word of a permission. A menu without its own
//! permission opens nothing by itself.

use std::collections::{BTreeSet, HashMap};

use baigong_model::{Error, Result};
use baigong_store::{application_access::menus as rows, entity::application_menu::Model};
use futures_util::FutureExt;
use serde_json::{Value, json};

use super::{Writing, reader, write};
use crate::{Caller, Platform, names};

/// The longest key of a route and the longest word of a permission, in letters.
const LONGEST_WORD: usize = 128;
/// The longest address that a menu leads to, in letters.
const LONGEST_ADDRESS: usize = 1000;
/// Folders, pages, buttons.
const KINDS: [&str; 3] = ["M", "C", "F"];

/// What a menu is to be. In a change, what is absent stays; in a new one the name and the kind must be there.
#[derive(Debug, Clone, Default)]
pub struct MenuInput {
    /// The menu above; 0 for the top.
    pub parent_id: Option<i64>,
    /// Its name.
    pub name: Option<String>,
    /// `M` a folder, `C` a page, `F` a button.
    pub kind: Option<String>,
    /// The key of its route, unique in the application.
    pub route_key: Option<String>,
    /// Where it leads.
    pub redirect: Option<String>,
    /// The word of the permission that it asks for.
    pub permission: Option<String>,
    /// Its place among its siblings.
    pub position: Option<i64>,
    /// Whether it is shown.
    pub is_visible: Option<bool>,
}

/// The menus of the application, in the order they are shown in.
pub async fn list(platform: &Platform, caller: &Caller) -> Result<Vec<Model>> {
    rows::all(&platform.store, reader(caller)?).await
}

/// Makes menus; their ids, in order.
pub async fn create(platform: &Platform, caller: &Caller, inputs: Vec<MenuInput>) -> Result<Vec<i64>> {
    write(platform, caller, inputs.len(), |writing| {
        async move {
            let mut known = known(&writing).await?;
            let mut ids = Vec::with_capacity(inputs.len());
            for input in inputs {
                let mut row = empty(&writing);
                apply(&mut row, input)?;
                if row.name.is_empty() || row.kind.is_empty() {
                    let field = if row.name.is_empty() { "menuName" } else { "menuType" };
                    return Err(Error::invalid(field, "is required"));
                }
                need_place(&known, &row)?;
                row.id = rows::insert(writing.tx, row.clone()).await?;
                writing.note("create", "application menu", row.id, &detail(&row)).await?;
                ids.push(row.id);
                known.insert(row.id, row);
            }
            Ok(ids)
        }
        .boxed()
    })
    .await
}

/// Changes menus, one after the other.
pub async fn update(platform: &Platform, caller: &Caller, changes: Vec<(i64, MenuInput)>) -> Result<()> {
    write(platform, caller, changes.len(), |writing| {
        async move {
            let mut known = known(&writing).await?;
            for (id, change) in changes {
                let mut row = known.get(&id).cloned().ok_or_else(|| unknown(id))?;
                apply(&mut row, change)?;
                need_place(&known, &row)?;
                rows::update(writing.tx, row.clone()).await?;
                writing.note("update", "application menu", id, &detail(&row)).await?;
                known.insert(id, row);
            }
            Ok(())
        }
        .boxed()
    })
    .await
}

/// Deletes menus, and takes them from every role. Refused while there are menus below one of them that stay.
pub async fn delete(platform: &Platform, caller: &Caller, ids: Vec<i64>) -> Result<()> {
    write(platform, caller, ids.len(), |writing| {
        async move {
            let known = known(&writing).await?;
            let going: BTreeSet<i64> = ids.into_iter().collect();
            if let Some(stays) = known.values().find(|row| going.contains(&row.parent_id) && !going.contains(&row.id)) {
                let name = known.get(&stays.parent_id).map_or("", |above| above.name.as_str());
                return Err(Error::Conflict(format!("the menu \"{name}\" has menus below it: delete those first")));
            }
            delete_all(&writing, &known, going).await
        }
        .boxed()
    })
    .await
}

/// Deletes a menu with all below it, and takes them from every role.
pub async fn delete_tree(platform: &Platform, caller: &Caller, id: i64) -> Result<()> {
    write(platform, caller, 1, move |writing| {
        async move {
            let known = known(&writing).await?;
            let mut going = BTreeSet::from([id]);
            let mut open = vec![id];
            while let Some(above) = open.pop() {
                let below = known.values().filter(|row| row.parent_id == above).map(|row| row.id);
                open.extend(below.filter(|id| going.insert(*id)).collect::<Vec<_>>());
            }
            delete_all(&writing, &known, going).await
        }
        .boxed()
    })
    .await
}

async fn delete_all(writing: &Writing<'_>, known: &HashMap<i64, Model>, going: BTreeSet<i64>) -> Result<()> {
    for id in &going {
        let row = known.get(id).ok_or_else(|| unknown(*id))?;
        writing.note("delete", "application menu", *id, &json!({ "name": row.name })).await?;
    }
    let ids: Vec<i64> = going.into_iter().collect();
    rows::delete(writing.tx, &ids, writing.now).await
}

async fn known(writing: &Writing<'_>) -> Result<HashMap<i64, Model>> {
    Ok(rows::all_in(writing.tx, writing.id()).await?.into_iter().map(|row| (row.id, row)).collect())
}

fn empty(writing: &Writing<'_>) -> Model {
    Model {
        id: 0,
        application_id: writing.id(),
        parent_id: 0,
        name: String::new(),
        live_name: None,
        kind: String::new(),
        route_key: String::new(),
        redirect: String::new(),
        permission: String::new(),
        position: 0,
        is_visible: true,
        created_at: writing.now,
        deleted_at: None,
    }
}

fn apply(row: &mut Model, input: MenuInput) -> Result<()> {
    let limited = |field, text, most| Ok::<_, Error>(names::limited(field, text, most)?.map(|it| it.trim().to_owned()));
    if let Some(name) = input.name {
        row.name = names::name("menuName", &name)?;
    }
    if let Some(kind) = input.kind {
        if !KINDS.contains(&kind.as_str()) {
            return Err(Error::invalid("menuType", "must be M, C or F"));
        }
        row.kind = kind;
    }
    row.parent_id = input.parent_id.unwrap_or(row.parent_id);
    row.position = input.position.unwrap_or(row.position);
    row.is_visible = input.is_visible.unwrap_or(row.is_visible);
    row.redirect = limited("redirect", input.redirect, LONGEST_ADDRESS)?.unwrap_or(std::mem::take(&mut row.redirect));
    row.permission = limited("perms", input.permission, LONGEST_WORD)?.unwrap_or(std::mem::take(&mut row.permission));
    row.route_key = limited("menuKey", input.route_key, LONGEST_WORD)?.unwrap_or(std::mem::take(&mut row.route_key));
    row.live_name = (!row.route_key.is_empty()).then(|| format!("{}/{}", row.application_id, row.route_key));
    Ok(())
}

/// Fails unless the menu above is one of the application, and none of those below this one.
fn need_place(known: &HashMap<i64, Model>, row: &Model) -> Result<()> {
    let mut above = row.parent_id;
    while above != 0 {
        if above == row.id {
            return Err(Error::conflict("a menu cannot be moved below itself"));
        }
        above = known.get(&above).ok_or_else(|| unknown(above))?.parent_id;
    }
    Ok(())
}

fn unknown(id: i64) -> Error {
    Error::not_found("menu", id)
}

fn detail(row: &Model) -> Value {
    json!({ "name": row.name, "parentId": row.parent_id, "permission": row.permission, "routeKey": row.route_key })
}
