//! Robots as people name them, where a list of ids is not at hand.

use baigong_model::{Error, Permission, Result, ids::RobotId};
use baigong_store::robots as rows;

use super::{Change, update};
use crate::{Caller, Platform};

/// The robots that `text` names: ids or names with commas between, dashes around each; none where it says all of them.
pub async fn named(platform: &Platform, caller: &Caller, field: &str, text: &str) -> Result<Option<Vec<RobotId>>> {
    caller.need(Permission::RobotRead)?;
    let words: Vec<&str> =
        text.split(',').map(|word| word.trim().trim_matches('-')).filter(|it| !it.is_empty()).collect();
    if words.is_empty() || words == ["all"] {
        return Ok(None);
    }
    if words.len() > MOST_NAMED {
        return Err(Error::invalid(field, format!("must name at most {MOST_NAMED} robots")));
    }
    let mut found = Vec::with_capacity(words.len());
    for word in words {
        found.push(one(platform, caller, field, word).await?);
    }
    Ok(Some(found))
}

/// How many may be named in one text.
const MOST_NAMED: usize = 100;

async fn one(platform: &Platform, caller: &Caller, field: &str, word: &str) -> Result<RobotId> {
    let by_name = rows::named(&platform.store, caller.scope(), word).await?;
    match by_name.as_slice() {
        [robot] => return Ok(robot.id),
        [] => {}
        _ => {
            return Err(Error::invalid(field, format!("several robots are called \"{word}\": name them by their ids")));
        }
    }
    let by_id = match word.parse() {
        Ok(id) => rows::find(&platform.store, caller.scope(), id).await?,
        Err(_) => None,
    };
    by_id
        .filter(|robot| robot.deleted_at.is_none())
        .map(|robot| robot.id)
        .ok_or_else(|| Error::not_found("robot", word))
}

/// Gives a robot, or where `is_studio` a studio, another name.
pub async fn rename(
    platform: &Platform,
    caller: &Caller,
    id: RobotId,
    is_studio: bool,
    name: Option<String>,
) -> Result<()> {
    caller.need(Permission::RobotWrite)?;
    let found = rows::find(&platform.store, caller.scope(), id).await?;
    let fits = found.is_some_and(|robot| robot.deleted_at.is_none() && (robot.robot_type == rows::STUDIO) == is_studio);
    if !fits {
        return Err(Error::not_found("robot", id));
    }
    update(platform, caller, id, Change { name, ..Change::default() }).await
}
