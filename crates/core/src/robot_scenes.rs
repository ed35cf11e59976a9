//! Scenes (场景): the names under which front ends list a robot. Every robot has a default one.

use std::collections::HashMap;

use baigong_model::{Error, Permission, Result, ids::RobotId};
use baigong_store::{Tx, audits, entity::robot_scene, robot_scenes as rows};
use futures_util::FutureExt;
use serde_json::json;

use crate::{Caller, Platform, names};

/// The default scene of every robot.
const DEFAULT: &str = "系统默认场景";

/// The live scenes of the robots, the default one first, by robot. The robots are those that the caller sees.
pub async fn of(platform: &Platform, robots: &[RobotId]) -> Result<HashMap<RobotId, Vec<robot_scene::Model>>> {
    let mut found: HashMap<RobotId, Vec<robot_scene::Model>> = HashMap::new();
    if robots.is_empty() {
        return Ok(found);
    }
    for scene in rows::of(&platform.store, robots).await? {
        found.entry(scene.robot_id).or_default().push(scene);
    }
    Ok(found)
}

/// Gives a robot one more scene.
pub async fn create(
    platform: &Platform,
    caller: &Caller,
    robot: RobotId,
    (name, description): (&str, Option<String>),
) -> Result<i64> {
    caller.need(Permission::RobotWrite)?;
    let row =
        row(robot, &names::name("name", name)?, names::limited("description", description, 1000)?, platform.now());
    let (now, caller) = (platform.now(), caller.clone());
    let made = platform.store.write(move |tx| {
        async move {
            crate::robots::all_visible(tx, caller.scope(), &[robot]).await?;
            let detail = json!({ "name": row.name, "robotId": robot });
            let id = rows::insert(tx, row).await?;
            audits::insert_many(tx, &[caller.audit(now, "create", "scene", Some(id), None, &detail)]).await.map(|()| id)
        }
        .boxed()
    });
    made.await
}

/// Takes a scene away from a robot, but not its default one.
pub async fn delete(platform: &Platform, caller: &Caller, robot: RobotId, id: i64) -> Result<()> {
    caller.need(Permission::RobotWrite)?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            crate::robots::all_visible(tx, caller.scope(), &[robot]).await?;
            if !rows::delete(tx, robot, id, now).await? {
                return Err(Error::not_found("scene", id));
            }
            let detail = json!({ "robotId": robot });
            audits::insert_many(tx, &[caller.audit(now, "delete", "scene", Some(id), None, &detail)]).await
        }
        .boxed()
    });
    deleted.await
}

/// The scene that a new robot gets.
pub(crate) async fn insert_default(tx: &Tx, robot: RobotId, now: i64) -> Result<()> {
    let row = robot_scene::Model { is_default: true, ..row(robot, DEFAULT, None, now) };
    rows::insert(tx, row).await.map(drop)
}

fn row(robot: RobotId, name: &str, description: Option<String>, now: i64) -> robot_scene::Model {
    robot_scene::Model {
        id: 0,
        robot_id: robot,
        name: name.to_owned(),
        live_name: Some(format!("{robot}/{name}")),
        description,
        is_default: false,
        created_at: now,
        deleted_at: None,
    }
}
