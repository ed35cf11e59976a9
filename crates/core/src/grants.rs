//! Which robots may have an asset or a credential: all of them, or those it is given to.

use baigong_model::{
    Error, Result,
    ids::{DepartmentId, RobotId},
};
pub(crate) use baigong_store::grants::Granted;
use baigong_store::{Tx, grants as rows};

use crate::{Caller, Platform, departments, robots};

/// The robots of a request, each once.
pub(crate) fn checked(mut robot_ids: Vec<RobotId>) -> Result<Vec<RobotId>> {
    robot_ids.sort_unstable();
    robot_ids.dedup();
    if robot_ids.len() > robots::MOST_ROBOTS {
        return Err(Error::invalid("robotIds", format!("must name 1 to {} robots", robots::MOST_ROBOTS)));
    }
    Ok(robot_ids)
}

/// Gives the thing to exactly these robots, which the caller must see.
pub(crate) async fn give(tx: &Tx, caller: &Caller, granted: Granted, id: i64, robot_ids: &[RobotId]) -> Result<()> {
    if !robot_ids.is_empty() {
        robots::all_visible(tx, caller.scope(), robot_ids).await?;
    }
    rows::replace(tx, granted, id, robot_ids).await
}

/// The robots that the thing is given to.
pub(crate) async fn robots_of(platform: &Platform, granted: Granted, id: i64) -> Result<Vec<RobotId>> {
    Ok(rows::robots(&platform.store, granted, &[id]).await?.remove(&id).unwrap_or_default())
}

/// What decides whether a robot gets a thing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer {
    pub(crate) id: i64,
    pub(crate) department_id: DepartmentId,
    pub(crate) is_global: bool,
}

/// Which of the things of one name a task of `department` on `robot` gets: of those that the robot may have, the one of
/// the nearest department upwards. Its place among the offers.
pub(crate) async fn choose(
    platform: &Platform,
    granted: Granted,
    department: DepartmentId,
    robot: RobotId,
    offers: &[Offer],
) -> Result<Option<usize>> {
    let ids: Vec<i64> = offers.iter().filter(|offer| !offer.is_global).map(|offer| offer.id).collect();
    let given = rows::robots(&platform.store, granted, &ids).await?;
    let way = departments::tree(platform).await?.upwards(department);
    let may_have =
        |offer: &Offer| offer.is_global || given.get(&offer.id).is_some_and(|robots| robots.contains(&robot));
    let allowed = offers.iter().enumerate().filter(|(_, offer)| may_have(offer));
    let near = |offer: &Offer| way.iter().position(|department| *department == offer.department_id);
    Ok(allowed.filter_map(|(place, offer)| Some((near(offer)?, place))).min().map(|(_, place)| place))
}

/// What to say to a flow that asks for a thing which its robot does not get.
pub(crate) fn refused(kind: &'static str, name: &str, is_there: bool) -> Error {
    match is_there {
        true => Error::Forbidden(format!("the {kind} \"{name}\" is not given to this robot")),
        false => Error::not_found(kind, format!("\"{name}\"")),
    }
}
