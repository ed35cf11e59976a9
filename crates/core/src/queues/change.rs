//! Changing and deleting data queues, and where their items go on to.

use std::collections::HashMap;

use baigong_model::{
    Error, Permission, Priority, Result,
    ids::{QueueId, RobotId},
};
use baigong_store::{Tx, audits, entity::data_queue, queues as rows};
use futures_util::FutureExt;
use serde_json::json;

use crate::{Caller, Platform, lists::Table, names};

/// The longest lease: a week.
const LONGEST_LEASE: i64 = 7 * 24 * 3600;
/// The largest limit of items.
const MOST_ITEMS: i64 = 1_000_000_000;
/// The most attempts.
const MOST_ATTEMPTS: i64 = 1000;

/// Where each queue sends what ended well, and what ended badly.
pub(super) type Ways = HashMap<QueueId, [Option<QueueId>; 2]>;

/// How a queue treats its items; what is none stays as it is.
#[derive(Debug, Clone, Default)]
pub struct QueueSettings {
    /// How long an item is held before it goes to another, in seconds.
    pub lease_seconds: Option<i64>,
    /// How often an item is tried.
    pub max_attempts: Option<i64>,
    /// The priority of items that come without.
    pub default_priority: Option<i64>,
    /// Where items go on to that ended well; 0 for nowhere.
    pub success_queue_id: Option<QueueId>,
    /// Where items go on to that ended badly; 0 for nowhere.
    pub failure_queue_id: Option<QueueId>,
    /// How many items may wait or be held in it; 0 for no limit.
    pub max_items: Option<i64>,
    /// The only robots whose tasks take items; empty for all.
    pub robot_ids: Option<Vec<RobotId>>,
}

/// What of a queue is to be changed; the rest stays.
#[derive(Debug, Clone, Default)]
pub struct QueueChange {
    /// Its name.
    pub name: Option<String>,
    /// Its remark.
    pub remark: Option<String>,
    /// How it treats its items.
    pub settings: QueueSettings,
}

impl QueueChange {
    fn apply(&self, row: &mut data_queue::Model) -> Result<()> {
        if let Some(name) = &self.name {
            row.name = names::name("queueName", name)?;
            row.live_name = Some(format!("{}/{}", row.department_id, row.name));
        }
        if self.remark.is_some() {
            row.remark = names::remark(self.remark.clone())?;
        }
        self.settings.apply(row)
    }
}

impl QueueSettings {
    /// Puts them into `row`; where items go on to is checked apart, inside the write.
    pub(super) fn apply(&self, row: &mut data_queue::Model) -> Result<()> {
        if let Some(seconds) = self.lease_seconds {
            row.lease_seconds = within("leaseSeconds", seconds, LONGEST_LEASE)?;
        }
        if let Some(attempts) = self.max_attempts {
            row.max_attempts =
                i32::try_from(within("maxAttempts", attempts, MOST_ATTEMPTS)?).map_err(Error::internal)?;
        }
        if let Some(priority) = self.default_priority {
            row.default_priority = Priority::from_number(priority)?.number();
        }
        if let Some(most) = self.max_items {
            let most = if most == 0 { 0 } else { within("queueMaxItems", most, MOST_ITEMS)? };
            row.max_items = Some(most).filter(|most| *most > 0);
        }
        if let Some(robots) = &self.robot_ids {
            row.robots = robots.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        }
        let way = |id: i64| Some(id).filter(|id| *id != 0);
        if let Some(id) = self.success_queue_id {
            row.success_queue_id = way(id);
        }
        if let Some(id) = self.failure_queue_id {
            row.failure_queue_id = way(id);
        }
        Ok(())
    }

    fn changes_ways(&self) -> bool {
        self.success_queue_id.is_some() || self.failure_queue_id.is_some()
    }

    /// Where all queues send their items, if this changes it: nobody else does until the write has ended.
    pub(super) async fn ways(&self, tx: &Tx) -> Result<Option<Ways>> {
        if self.changes_ways() { rows::ways(tx).await.map(Some) } else { Ok(None) }
    }

    /// Fails unless the queues that `row` newly sends its items to are live, seen by the caller, and do not lead back.
    pub(super) async fn check_ways(
        &self,
        ways: Option<Ways>,
        platform: &Platform,
        caller: &Caller,
        row: &data_queue::Model,
    ) -> Result<()> {
        let Some(mut ways) = ways else { return Ok(()) };
        for (field, target, is_new) in [
            ("successQueueId", row.success_queue_id, self.success_queue_id.is_some()),
            ("failureQueueId", row.failure_queue_id, self.failure_queue_id.is_some()),
        ] {
            let Some(target) = target.filter(|_| is_new) else { continue };
            if target == row.id {
                return Err(Error::invalid(field, "must be another queue"));
            }
            let seen = rows::find(&platform.store, caller.scope(), target).await?;
            if seen.is_none() || !ways.contains_key(&target) {
                return Err(Error::not_found("data queue", target));
            }
        }
        ways.insert(row.id, [row.success_queue_id, row.failure_queue_id]);
        if leads_back(&ways, row.id) {
            return Err(Error::conflict("the items would come back to this queue: forwarding must not go in a circle"));
        }
        Ok(())
    }
}

fn within(field: &str, value: i64, most: i64) -> Result<i64> {
    if (1..=most).contains(&value) {
        Ok(value)
    } else {
        Err(Error::invalid(field, format!("must be between 1 and {most}")))
    }
}

/// Whether items of `start` can come back to it.
fn leads_back(ways: &Ways, start: QueueId) -> bool {
    let next = |id: QueueId| ways.get(&id).into_iter().flatten().flatten().copied();
    let mut reached: Vec<QueueId> = next(start).collect();
    let mut at = 0;
    while let Some(id) = reached.get(at).copied() {
        if id == start {
            return true;
        }
        let further: Vec<QueueId> = next(id).filter(|id| !reached.contains(id)).collect();
        reached.extend(further);
        at += 1;
    }
    false
}

/// Changes a live queue.
pub async fn update(platform: &Platform, caller: &Caller, id: QueueId, change: QueueChange) -> Result<()> {
    caller.need(Permission::QueueWrite)?;
    let (now, caller, inside) = (platform.now(), caller.clone(), platform.clone());
    let done = platform.store.write(move |tx| {
        async move {
            // All queues before the one, so that two who change ways do not wait for each other.
            let ways = change.settings.ways(tx).await?;
            let row = rows::find_live(tx, caller.scope(), id).await?;
            let mut row = row.ok_or_else(|| Error::not_found("data queue", id))?;
            change.apply(&mut row)?;
            change.settings.check_ways(ways, &inside, &caller, &row).await?;
            let detail = json!({ "name": row.name, "leaseSeconds": row.lease_seconds, "maxAttempts": row.max_attempts,
                "successQueueId": row.success_queue_id, "failureQueueId": row.failure_queue_id });
            let department = row.department_id;
            rows::update(tx, row).await?;
            let audit = caller.audit(now, "update", "data queue", Some(id), Some(department), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    done.await?;
    platform.known_queues.forget(id);
    platform.counts.changed(Table::Queues);
    Ok(())
}

/// Deletes a queue; what waits in it can no longer be taken. Refused while items of it are held, since their holders could
/// not tell what became of them, and while another queue sends its items here.
pub async fn delete(platform: &Platform, caller: &Caller, id: QueueId) -> Result<()> {
    caller.need(Permission::QueueWrite)?;
    let row = live(platform, caller, id).await?;
    let (now, caller, department) = (platform.now(), caller.clone(), row.department_id);
    let done = platform.store.write(move |tx| {
        async move {
            let ways = rows::ways(tx).await?;
            if !ways.contains_key(&id) {
                return Err(Error::not_found("data queue", id));
            }
            if let Some((other, _)) = ways.iter().find(|(_, to)| to.contains(&Some(id))) {
                return Err(Error::conflict(format!("data queue {other} sends its items here")));
            }
            let held = rows::held(tx, id).await?;
            if held > 0 {
                return Err(Error::conflict(format!("{held} items of it are being worked on")));
            }
            rows::delete(tx, id, now).await?;
            let audit =
                caller.audit(now, "delete", "data queue", Some(id), Some(department), &json!({ "name": row.name }));
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    done.await?;
    platform.known_queues.forget(id);
    platform.counts.changed(Table::Queues);
    Ok(())
}

async fn live(platform: &Platform, caller: &Caller, id: QueueId) -> Result<data_queue::Model> {
    let row = rows::find(&platform.store, caller.scope(), id).await?;
    row.filter(|row| row.deleted_at.is_none()).ok_or_else(|| Error::not_found("data queue", id))
}

#[cfg(test)]
mod tests {
    use super::leads_back;

    #[test]
    fn a_circle_is_found_and_a_branch_that_meets_again_is_none() {
        let ways = |list: &[(i64, Option<i64>, Option<i64>)]| list.iter().map(|(id, a, b)| (*id, [*a, *b])).collect();
        assert!(!leads_back(&ways(&[(1, Some(2), Some(3)), (2, Some(4), None), (3, Some(4), None)]), 1));
        assert!(leads_back(&ways(&[(1, Some(2), None), (2, None, Some(3)), (3, Some(1), None)]), 1));
        assert!(!leads_back(&ways(&[(1, Some(2), None), (2, Some(3), None), (3, Some(2), None)]), 1));
    }
}
