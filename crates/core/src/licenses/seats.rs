//! Who sits where: a robot gets its seat when it is made and gives it back when it is deleted; people may do both.

use baigong_model::{Error, Page, PageOf, Permission, Result, ids::RobotId};
use baigong_store::{Scope, Tx, audits, license_seats as seats, licenses as rows, robots, take_turn};
use futures_util::FutureExt;
use serde_json::json;

use super::{
    document::SeatType,
    standing::{grants_of, quantity},
};
use crate::{Caller, Platform, names, policy};

pub use baigong_store::license_seats::Seat;

/// Who sits on a seat, as people say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// A robot: the type of the seat is its own.
    Robot(RobotId),
    /// A designer, by a name that its user gives it.
    Designer(String),
}

impl Holder {
    /// The robot if one is named, else the designer.
    pub fn of(robot_id: Option<RobotId>, designer: Option<String>) -> Result<Self> {
        match (robot_id, designer) {
            (Some(robot), None) => Ok(Self::Robot(robot)),
            (None, Some(name)) => Ok(Self::Designer(names::name("designer", &name)?)),
            _ => Err(Error::invalid("robotId", "must be given, or designer instead")),
        }
    }

    fn stored(&self) -> String {
        match self {
            Self::Robot(id) => format!("robot:{id}"),
            Self::Designer(name) => format!("designer:{name}"),
        }
    }

    fn robot_id(&self) -> Option<RobotId> {
        match self {
            Self::Robot(id) => Some(*id),
            Self::Designer(_) => None,
        }
    }
}

/// Gives a new robot its seat, in the write that makes it.
pub(crate) async fn take_seat(tx: &Tx, robot: RobotId, robot_type: i32, by: i64, now: i64) -> Result<()> {
    give(tx, &Holder::Robot(robot), SeatType::of_robot(robot_type), by, now).await
}

/// Frees the seat of a robot that is being deleted.
pub(crate) async fn free_seat(tx: &Tx, robot: RobotId) -> Result<()> {
    seats::remove(tx, &Holder::Robot(robot).stored()).await.map(drop)
}

/// Changes the seat of a robot that becomes another type, if it has one.
pub(crate) async fn move_seat(tx: &Tx, robot: RobotId, robot_type: i32, by: i64, now: i64) -> Result<()> {
    let holder = Holder::Robot(robot);
    match seats::remove(tx, &holder.stored()).await? {
        true => give(tx, &holder, SeatType::of_robot(robot_type), by, now).await,
        false => Ok(()),
    }
}

async fn give(tx: &Tx, holder: &Holder, seat_type: SeatType, by: i64, now: i64) -> Result<()> {
    let licenses = rows::all_in(tx).await?;
    if !licenses.is_empty() {
        // Two at once must not both take the last seat.
        take_turn(tx).await?;
        let quantity = quantity(&grants_of(&licenses)?, seat_type, now);
        if seats::used(tx, seat_type.as_str()).await? >= quantity {
            let word = seat_type.as_str();
            return Err(Error::NotLicensed(match quantity {
                0 => format!("no license for {word} seats is valid now: import one"),
                _ => format!("all {quantity} {word} seats are taken: reclaim one or import a license"),
            }));
        }
    }
    let seat = Seat {
        id: 0,
        seat_type: seat_type.as_str().into(),
        holder: holder.stored(),
        robot_id: holder.robot_id(),
        created_by: by,
        created_at: now,
    };
    match seats::insert(tx, seat).await? {
        true => Ok(()),
        false => Err(Error::already_exists("license seat", holder.stored())),
    }
}

/// Gives a robot or a designer a seat; one that has a seat already keeps it.
pub async fn allocate(platform: &Platform, caller: &Caller, holder: Holder) -> Result<()> {
    change(platform, caller, holder, "allocate").await
}

/// Takes a seat back. Where licenses are imported a robot without a seat gets no more tasks; what it runs it runs to its end.
pub async fn reclaim(platform: &Platform, caller: &Caller, holder: Holder) -> Result<()> {
    change(platform, caller, holder, "reclaim").await
}

async fn change(platform: &Platform, caller: &Caller, holder: Holder, action: &'static str) -> Result<()> {
    caller.need(Permission::LicenseWrite)?;
    let (now, caller) = (platform.now(), caller.clone());
    let written = platform.store.write(move |tx| {
        async move {
            let (seat_type, department) = match holder.robot_id() {
                Some(id) => {
                    let robot = robots::lock(tx, caller.scope(), id).await?;
                    let robot = robot.ok_or_else(|| Error::not_found("robot", id))?;
                    (SeatType::of_robot(robot.robot_type), Some(robot.department_id))
                }
                // Designers belong to no department: their seats are for those who see everything.
                None if *caller.scope() != Scope::All => return Err(policy::too_wide()),
                None => (SeatType::Designer, None),
            };
            if action == "allocate" {
                if seats::has(tx, &holder.stored()).await? {
                    return Ok(());
                }
                give(tx, &holder, seat_type, caller.id(), now).await?;
            } else if !seats::remove(tx, &holder.stored()).await? {
                return Err(Error::not_found("license seat", holder.stored()));
            }
            let detail = json!({ "holder": holder.stored(), "type": seat_type.as_str() });
            let audit = caller.audit(now, action, "license seat", holder.robot_id(), department, &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    written.await?;
    super::refresh(platform).await
}

/// A page of seats in the order in which they were given, of robots that the caller sees; whoever sees everything sees
/// those of designers too.
pub async fn list(platform: &Platform, caller: &Caller, seat_type: Option<&str>, page: Page) -> Result<PageOf<Seat>> {
    caller.need(Permission::LicenseRead)?;
    if seat_type.is_some_and(|word| SeatType::of(word).is_none()) {
        return Err(Error::invalid("type", "must be unattended, attended or designer"));
    }
    let total = seats::count(&platform.store, caller.scope(), seat_type).await?;
    Ok(PageOf { rows: seats::list(&platform.store, caller.scope(), seat_type, page).await?, total })
}
