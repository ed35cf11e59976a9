//! What the licenses are worth now: which robots have a seat that counts, in memory, and warnings before they end.

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
};

use baigong_model::{
    Error, NoticeKind, Result,
    ids::{DepartmentId, RobotId},
};
use baigong_store::{entity::license, license_seats as seats, licenses as rows};
use futures_util::FutureExt;

use super::document::{Grant, LicenseFile, SeatType};
use crate::{
    Platform, departments,
    notices::{self, Warning},
};

/// How long before the end of a license it is warned of.
const WARN_AHEAD: i64 = 30 * 24 * 3_600_000;

/// Which robots may be given tasks. Before it was first read, and where no license was imported: all.
#[derive(Default)]
pub(crate) struct Standing(RwLock<Option<Arc<HashSet<RobotId>>>>);

impl Standing {
    fn has_seat(&self, robot: RobotId) -> bool {
        let seated = self.0.read().unwrap_or_else(PoisonError::into_inner);
        seated.as_ref().is_none_or(|seated| seated.contains(&robot))
    }

    fn change(&self, change: impl FnOnce(&mut HashSet<RobotId>)) {
        if let Some(seated) = self.0.write().unwrap_or_else(PoisonError::into_inner).as_mut() {
            change(Arc::make_mut(seated));
        }
    }

    fn set(&self, seated: Option<HashSet<RobotId>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = seated.map(Arc::new);
    }
}

/// Whether the robot may be given tasks, as far as this node knows.
#[must_use]
pub fn has_seat(platform: &Platform, robot: RobotId) -> bool {
    platform.licenses.has_seat(robot)
}

/// The robot was given a seat that counts: known here before the next [`refresh`].
pub(crate) fn has_one(platform: &Platform, robot: RobotId) {
    platform.licenses.change(|seated| {
        seated.insert(robot);
    });
}

/// The robot was deleted.
pub(crate) fn has_none(platform: &Platform, robot: RobotId) {
    platform.licenses.change(|seated| {
        seated.remove(&robot);
    });
}

/// Reads again which robots have a seat that counts, and tells the dispatcher. Where there are fewer seats than were given,
/// the first keep theirs. To be called after every change, and now and then: time ends licenses, and other nodes change them.
pub async fn refresh(platform: &Platform) -> Result<()> {
    let (store, now) = (&platform.store, platform.now());
    let licenses = rows::all(store).await?;
    let seated = if licenses.is_empty() {
        None
    } else {
        let grants = grants_of(&licenses)?;
        let mut seated = HashSet::new();
        for seat_type in [SeatType::Unattended, SeatType::Attended] {
            seated.extend(seats::first_robots(store, seat_type.as_str(), quantity(&grants, seat_type, now)).await?);
        }
        Some(seated)
    };
    platform.licenses.set(seated);
    for robot in platform.links.robots() {
        let has_seat = has_seat(platform, robot);
        if platform.links.look(robot, |linked| linked.has_seat) == Some(!has_seat) {
            platform.links.update(robot, |linked| linked.has_seat = has_seat);
            platform.dispatch.wake_robot(robot);
        }
    }
    Ok(())
}

/// A grant and the license it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Granted {
    pub(crate) serial: String,
    pub(crate) customer: String,
    pub(crate) grant: Grant,
    pub(crate) valid: std::ops::Range<i64>,
}

/// Everything that imported licenses grant, valid now or not.
pub(crate) fn grants_of(licenses: &[license::Model]) -> Result<Vec<Granted>> {
    let mut grants = Vec::new();
    for row in licenses {
        let file: LicenseFile = serde_json::from_str(&row.document).map_err(Error::internal)?;
        for grant in file.license.seats {
            let valid = grant.valid()?;
            grants.push(Granted { serial: row.serial.clone(), customer: row.customer.clone(), grant, valid });
        }
    }
    Ok(grants)
}

/// How many seats of a type there are at `now`.
pub(crate) fn quantity(grants: &[Granted], seat_type: SeatType, now: i64) -> i64 {
    let valid = grants.iter().filter(|it| it.grant.seat_type == seat_type && it.valid.contains(&now));
    valid.map(|it| it.grant.quantity).fold(0, i64::saturating_add)
}

/// Warns of every grant that ends within 30 days, or has ended within the last: in the log, and once to whom the first
/// department has named. Answers how many.
pub async fn warn_of_expiry(platform: &Platform) -> Result<usize> {
    let now = platform.now();
    let mut warnings = Vec::new();
    let tree = departments::tree(platform).await?;
    for it in grants_of(&rows::all(&platform.store).await?)? {
        let (kind, serial, until) = (it.grant.seat_type.as_str(), &it.serial, &it.grant.valid_until);
        if !(now - WARN_AHEAD..=now + WARN_AHEAD).contains(&it.valid.end) {
            continue;
        }
        warnings.extend(tree.parents_first().next().map(|root| warning(&it, root.id)));
        match it.valid.end <= now {
            true => tracing::warn!(serial, kind, until, "a license has expired: its seats no longer count"),
            false => tracing::warn!(serial, kind, until, "a license ends soon: import the next one before it does"),
        }
    }
    let warned = warnings.len();
    if warned > 0 {
        let write = platform.store.write(move |tx| {
            async move {
                for warning in warnings {
                    notices::warn(tx, warning, now).await?;
                }
                Ok(())
            }
            .boxed()
        });
        write.await?;
    }
    Ok(warned)
}

/// What is told of a grant that ends soon, once.
fn warning(granted: &Granted, department_id: DepartmentId) -> Warning {
    let (kind, serial, until) = (granted.grant.seat_type.as_str(), &granted.serial, &granted.grant.valid_until);
    Warning {
        kind: NoticeKind::LicenseExpiring,
        department_id,
        object_id: None,
        once: format!("{serial}.{kind}.{until}"),
        texts: vec![("license", format!("{serial} ({kind})")), ("until", until.to_string())],
    }
}
