//! Data queues (T/TSAC 002-2025, 6.2.8). Their items are in `queue_items`.

mod change;

pub use change::{QueueChange, QueueSettings, delete, update};

use baigong_model::{
    Error, PageOf, Permission, Priority, Result,
    ids::{DepartmentId, QueueId},
};
use baigong_store::{audits, departments as department_rows, entity::data_queue, queue_items, queues as rows};
use futures_util::FutureExt;
use serde_json::json;

use crate::{
    Caller, Platform, departments,
    lists::{self, ListInput, Table},
    names,
};

/// How long an item is held before it goes to another, unless said: an hour.
const LEASE_SECONDS: i64 = 3600;
/// How often an item is tried, unless said.
const MAX_ATTEMPTS: i32 = 3;

/// A data queue to be made.
#[derive(Debug, Clone, Default)]
pub struct NewQueue {
    /// Its department.
    pub department_id: DepartmentId,
    /// Its name, unique in the department.
    pub name: String,
    /// A remark.
    pub remark: Option<String>,
    /// How it treats its items.
    pub settings: QueueSettings,
}

/// A data queue and how many items are in which state: the states add up to `total`, always.
#[derive(Debug, Clone)]
pub struct QueueDetails {
    /// The queue.
    pub queue: data_queue::Model,
    /// Waiting to be taken now.
    pub unconsumed: i64,
    /// Taken: held or ended.
    pub consumed: i64,
    /// Waiting for a later time.
    pub unavailable: i64,
    /// Not taken in time.
    pub expired: i64,
    /// Of those taken, ended well.
    pub succeeded: i64,
    /// Of those taken, ended badly.
    pub failed: i64,
    /// All that are not deleted.
    pub total: i64,
    /// Taken out by hand.
    pub deleted: i64,
}

/// Makes an empty data queue.
pub async fn create(platform: &Platform, caller: &Caller, input: NewQueue) -> Result<QueueId> {
    caller.need(Permission::QueueWrite)?;
    departments::live(platform, caller, input.department_id).await?;
    let name = names::name("queueName", &input.name)?;
    let now = platform.now();
    let mut row = data_queue::Model {
        id: 0,
        department_id: input.department_id,
        live_name: Some(format!("{}/{name}", input.department_id)),
        name,
        remark: names::remark(input.remark)?,
        lease_seconds: LEASE_SECONDS,
        max_attempts: MAX_ATTEMPTS,
        default_priority: Priority::default().number(),
        success_queue_id: None,
        failure_queue_id: None,
        max_items: None,
        robots: String::new(),
        created_by: caller.id(),
        created_at: now,
        deleted_at: None,
    };
    input.settings.apply(&mut row)?;
    let (caller, inside) = (caller.clone(), platform.clone());
    let created = platform.store.write(move |tx| {
        async move {
            department_rows::hold(tx, row.department_id).await?;
            let (detail, department) = (json!({ "name": row.name }), row.department_id);
            let ways = input.settings.ways(tx).await?;
            input.settings.check_ways(ways, &inside, &caller, &row).await?;
            let id = rows::insert(tx, row).await?;
            let audit = caller.audit(now, "create", "data queue", Some(id), Some(department), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    let id = created.await?;
    platform.counts.changed(Table::Queues);
    Ok(id)
}

/// The queue `id`, deleted or not, with the count of its items.
pub async fn query(platform: &Platform, caller: &Caller, id: QueueId) -> Result<QueueDetails> {
    caller.need(Permission::QueueRead)?;
    let queue = rows::find(&platform.store, caller.scope(), id).await?;
    let queue = queue.ok_or_else(|| Error::not_found("data queue", id))?;
    let counts = rows::counts(&platform.store, id, platform.now()).await?;
    let of = |state: &str| counts.get(state).copied().unwrap_or(0);
    let failed = of(queue_items::FAILED) + of(queue_items::BUSINESS_FAILED);
    let succeeded = of(queue_items::SUCCEEDED);
    Ok(QueueDetails {
        queue,
        unconsumed: of(queue_items::NEW),
        consumed: of(queue_items::RUNNING) + succeeded + failed,
        unavailable: of(queue_items::POSTPONED),
        expired: of(queue_items::EXPIRED),
        succeeded,
        failed,
        total: counts.values().sum::<i64>() - of(queue_items::DELETED),
        deleted: of(queue_items::DELETED),
    })
}

/// The queue `id`, deleted or not, without counting its items.
pub async fn query_row(platform: &Platform, caller: &Caller, id: QueueId) -> Result<data_queue::Model> {
    caller.need(Permission::QueueRead)?;
    rows::find(&platform.store, caller.scope(), id).await?.ok_or_else(|| Error::not_found("data queue", id))
}

/// A page of queues, oldest first.
pub async fn list(platform: &Platform, caller: &Caller, input: &ListInput) -> Result<PageOf<data_queue::Model>> {
    caller.need(Permission::QueueRead)?;
    let filter = input.filter(platform, caller).await?;
    lists::page(platform, Table::Queues, &filter, input.page, rows::count, rows::list).await
}
