//! What is seen on the other side, beside our own: each of its processes gets a process here that stands for it, and so is
//! started, scheduled and stopped like any other. Its package is a small one that says where it belongs; it is run by the
//! bridge's robot, which does not look into it.

use std::collections::HashMap;

use baigong_model::{
    Error, Permission, Result,
    ids::{BridgeId, ProcessId},
};
use baigong_package::Limits;
use baigong_store::{
    Scope, Tx, audits, bridges as rows,
    entity::bridge,
    foreign_objects::{self as objects, Kind, Object},
    processes as process_rows,
};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::change::writer;
use crate::{Caller, Platform, packages, processes};

/// For how long tasks are remembered that are not listed any more, in milliseconds.
const REMEMBERED: i64 = 7 * 86_400_000;
/// The longest name of a process.
const MAX_NAME: usize = 128;
/// The most parameters of a process.
const MOST_PARAMETERS: usize = 100;

/// A process there.
#[derive(Debug, Clone)]
pub struct SeenProcess {
    /// Its id there.
    pub id: String,
    /// Its name there.
    pub name: String,
    /// What is to be known to start it: for whoever talks to the other side.
    pub known: Value,
}

/// What was seen.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// What can be run there.
    pub processes: Vec<SeenProcess>,
    /// The robots there: id, name, state.
    pub robots: Vec<(String, String, String)>,
    /// Tasks there: id, process, state, and when they began and ended.
    pub tasks: Vec<(String, String, String, (String, String))>,
}

/// What is kept of a process there.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Detail {
    /// What is to be known to start it.
    pub(super) known: Value,
    /// The parameters that people say it has: the dialects do not tell.
    #[serde(default)]
    pub(super) parameters: Vec<String>,
}

/// Writes down what was seen, and makes processes here for those there.
pub async fn put(platform: &Platform, bridge: &bridge::Model, seen: Seen) -> Result<()> {
    let (id, now) = (bridge.id, platform.now());
    let known = objects::all(&platform.store, id, Kind::Process).await?;
    let mut known: HashMap<String, Object> = known.into_iter().map(|it| (it.foreign_id.clone(), it)).collect();
    let mut rows = Vec::with_capacity(seen.processes.len());
    for process in seen.processes {
        let before = known.remove(&process.id);
        rows.push(process_row(platform, bridge, process, before).await?);
    }
    let ours: HashMap<String, i64> = super::taken(platform, id).await?.into_iter().collect();
    let object = |foreign_id: String, name: String, state: String, detail: Value| Object {
        local_id: ours.get(&foreign_id).copied(),
        foreign_id,
        name,
        state,
        detail: detail.to_string(),
        seen_at: now,
    };
    let robots: Vec<Object> =
        seen.robots.into_iter().map(|(id, name, state)| object(id, name, state, json!({}))).collect();
    let robots: Vec<Object> = robots.into_iter().map(|robot| Object { local_id: None, ..robot }).collect();
    let tasks = seen.tasks.into_iter().map(|(id, process, state, (began, ended))| {
        object(id, process.clone(), state, json!({ "process": process, "startTime": began, "endTime": ended }))
    });
    let tasks: Vec<Object> = tasks.collect();
    let write = platform.store.write(move |tx| {
        async move {
            objects::put(tx, id, Kind::Process, &rows).await?;
            objects::put(tx, id, Kind::Robot, &robots).await?;
            objects::put(tx, id, Kind::Task, &tasks).await?;
            for kind in [Kind::Process, Kind::Robot] {
                objects::gone(tx, id, kind, now).await?;
            }
            objects::forget_tasks(tx, id, now - REMEMBERED).await?;
            rows::listed(tx, id, now).await
        }
        .boxed()
    });
    write.await
}

/// The row of a process there, with a process here that stands for it.
async fn process_row(
    platform: &Platform,
    bridge: &bridge::Model,
    process: SeenProcess,
    before: Option<Object>,
) -> Result<Object> {
    let detail = before.as_ref().and_then(|it| serde_json::from_str::<Detail>(&it.detail).ok()).unwrap_or_default();
    let detail = Detail { known: process.known.clone(), ..detail };
    let standing = match before.as_ref().and_then(|it| it.local_id) {
        Some(local) => process_rows::find(&platform.store, &Scope::All, local).await?,
        None => None,
    };
    let standing = standing.filter(|row| row.deleted_at.is_none()).map(|row| row.id);
    let local_id = match standing {
        Some(local) => Some(local),
        None => match stand_in(platform, bridge, &process, &detail.parameters).await {
            Ok(local) => Some(local),
            Err(error @ (Error::Internal(_) | Error::Unavailable(_))) => return Err(error),
            Err(error) => {
                tracing::warn!(bridge = bridge.id, process = process.id, %error, "no process can stand for it here");
                None
            }
        },
    };
    Ok(Object {
        foreign_id: process.id,
        name: process.name,
        state: String::new(),
        detail: serde_json::to_string(&detail).map_err(Error::internal)?,
        local_id,
        seen_at: platform.now(),
    })
}

/// Makes the process here that stands for one there.
async fn stand_in(
    platform: &Platform,
    bridge: &bridge::Model,
    process: &SeenProcess,
    parameters: &[String],
) -> Result<ProcessId> {
    let ours = Caller::platform();
    let suffix = format!(" @{}", bridge.name);
    let new = |suffix: &str| processes::NewProcess {
        department_id: bridge.department_id,
        robot_group_id: bridge.robot_group_id,
        name: named(&process.name, suffix),
        remark: Some(format!("bridge {}: {} {}", bridge.name, bridge.kind, process.id)),
        is_record: false,
        fail_try_times: 0,
    };
    let made = match processes::create(platform, &ours, new(&suffix)).await {
        Err(Error::AlreadyExists { .. }) => {
            processes::create(platform, &ours, new(&format!("{suffix} #{}", process.id))).await
        }
        made => made,
    };
    let id = made?;
    activate(platform, bridge, (id, &process.id), parameters).await.map(|()| id)
}

/// The name there with what is ours behind it, as much of it as fits.
fn named(name: &str, suffix: &str) -> String {
    let room = MAX_NAME.saturating_sub(suffix.chars().count());
    let name: String = name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(room).collect();
    format!("{}{suffix}", name.trim())
}

/// Gives a process that stands for one there its package, made for these parameters.
async fn activate(
    platform: &Platform,
    bridge: &bridge::Model,
    (id, foreign_id): (ProcessId, &str),
    parameters: &[String],
) -> Result<()> {
    let ours = Caller::platform();
    let name = format!("bridge {} process {foreign_id}", bridge.id);
    let manifest = manifest(&name, bridge, parameters);
    let text = serde_json::to_string_pretty(&manifest).map_err(Error::internal)?;
    let mut random = [0; 8];
    platform.random.fill(&mut random);
    let version = hex::encode(random);
    // JSON is YAML.
    let packed = tokio::task::spawn_blocking(move || pack(&text)).await.map_err(Error::internal)?;
    let (_folder, file) = packed?;
    let new = packages::NewPackage { department_id: bridge.department_id, name, version, file };
    let package = packages::create(platform, &ours, new).await?;
    processes::activate_package_version(platform, &ours, id, package, Vec::new(), None).await
}

fn pack(manifest: &str) -> Result<(tempfile::TempDir, std::path::PathBuf)> {
    let folder = tempfile::tempdir().map_err(Error::internal)?;
    let inside = folder.path().join("package");
    std::fs::create_dir(&inside).map_err(Error::internal)?;
    std::fs::write(inside.join("baigong.yaml"), manifest).map_err(Error::internal)?;
    let file = folder.path().join("package.zip");
    baigong_package::pack(&inside, &file, &Limits::default())?;
    Ok((folder, file))
}

/// The package says where it belongs; a robot other than the bridge's finds no program of this name.
fn manifest(name: &str, bridge: &bridge::Model, parameters: &[String]) -> Value {
    let parameters: Vec<Value> = parameters.iter().map(|name| json!({ "name": name })).collect();
    json!({
        "kind": "command",
        "name": name,
        "description": format!("Runs on {} ({}) over the bridge {}.", bridge.url, bridge.kind, bridge.id),
        "command": ["baigong-bridge", bridge.id.to_string()],
        "parameters": { "in": parameters },
    })
}

/// Says which parameters a process there has: the dialects do not tell, and tasks take only those that are known.
pub async fn set_parameters(
    platform: &Platform,
    caller: &Caller,
    (bridge, foreign_id): (BridgeId, String),
    mut parameters: Vec<String>,
) -> Result<()> {
    writer(caller)?;
    parameters.dedup();
    if parameters.len() > MOST_PARAMETERS {
        return Err(Error::invalid("parameters", format!("must name at most {MOST_PARAMETERS}")));
    }
    let row = rows::find(&platform.store, caller.scope(), bridge).await?;
    let row = row.filter(|row| row.deleted_at.is_none()).ok_or_else(|| Error::not_found("bridge", bridge))?;
    let known = objects::all(&platform.store, bridge, Kind::Process).await?;
    let mut object = known
        .into_iter()
        .find(|object| object.foreign_id == foreign_id)
        .ok_or_else(|| Error::not_found("process", &foreign_id))?;
    let mut detail: Detail = serde_json::from_str(&object.detail).map_err(Error::internal)?;
    detail.parameters.clone_from(&parameters);
    object.detail = serde_json::to_string(&detail).map_err(Error::internal)?;
    if let Some(local) = object.local_id {
        activate(platform, &row, (local, &foreign_id), &parameters).await.map_err(|error| match error {
            // The package's own check says what is wrong with a name.
            Error::Invalid { reason, .. } => Error::invalid("parameters", reason),
            other => other,
        })?;
    }
    let (now, caller) = (platform.now(), caller.clone());
    let write = platform.store.write(move |tx| {
        async move {
            objects::put(tx, bridge, Kind::Process, &[object]).await?;
            told(tx, &caller, &row, &json!({ "process": foreign_id, "parameters": parameters }), now).await
        }
        .boxed()
    });
    write.await
}

/// Has what is there listed again soon, also where the other side is being left alone.
pub async fn look_again(platform: &Platform, caller: &Caller, id: BridgeId) -> Result<()> {
    caller.need(Permission::BridgeRead)?;
    let caller = caller.clone();
    let write = platform.store.write(move |tx| {
        async move {
            let row = rows::find_live(tx, caller.scope(), id).await?;
            row.ok_or_else(|| Error::not_found("bridge", id))?;
            rows::look_again(tx, id).await
        }
        .boxed()
    });
    write.await
}

async fn told(tx: &Tx, caller: &Caller, bridge: &bridge::Model, detail: &Value, now: i64) -> Result<()> {
    let audit = caller.audit(now, "set-parameters", "bridge", Some(bridge.id), Some(bridge.department_id), detail);
    audits::insert_many(tx, &[audit]).await
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_name_leaves_room_for_where_it_comes_from() {
        assert_eq!(named("对账\n", " @东区"), "对账 @东区");
        let long = named(&"长".repeat(200), " @东区");
        assert!(long.chars().count() == 128 && long.ends_with(" @东区"));
    }
}
