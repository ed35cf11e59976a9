//! Triggers of this robot's own, and what came of each of their instants: one row for each, in the transaction that makes the
//! task, so that none fires twice whatever kills the agent.

use baigong_model::{Page, PageOf, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};

use crate::{
    Tx,
    entity::{
        local_firing,
        local_trigger::{ActiveModel, Column, Entity, Model},
    },
    error::{taken, translate},
    lists,
    write::RobotStore,
};

pub(crate) const TABLES: &str = "
CREATE TABLE local_trigger (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, live_name TEXT UNIQUE, cause TEXT NOT NULL,
    process_id BIGINT NOT NULL REFERENCES process (id), in_parameters TEXT NOT NULL, priority INTEGER NOT NULL,
    is_record BOOLEAN NOT NULL, max_run_minutes BIGINT NOT NULL, is_activated BOOLEAN NOT NULL, next_fire_at BIGINT,
    created_at BIGINT NOT NULL, deleted_at BIGINT);
CREATE INDEX local_trigger_process ON local_trigger (process_id);
CREATE INDEX local_trigger_next ON local_trigger (next_fire_at) WHERE next_fire_at IS NOT NULL;
CREATE TABLE local_firing (
    id INTEGER PRIMARY KEY AUTOINCREMENT, trigger_id BIGINT NOT NULL REFERENCES local_trigger (id), instant TEXT NOT NULL,
    outcome TEXT NOT NULL, detail TEXT NOT NULL, task_ids TEXT NOT NULL, fired_at BIGINT NOT NULL,
    is_told BOOLEAN NOT NULL, UNIQUE (trigger_id, instant));
CREATE INDEX local_firing_untold ON local_firing (id) WHERE NOT is_told;
";

/// Inserts `row` (its id is ignored); its id.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let name = row.name.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "trigger", &name))?.id)
}

/// Writes `row` over the one with its id.
pub async fn update(tx: &Tx, row: Model) -> Result<()> {
    let name = row.name.clone();
    let row = ActiveModel::from(row).reset_all();
    row.update(tx).await.map(drop).map_err(|error| taken(error, "trigger", &name))
}

/// The trigger `id`, unless it is deleted.
pub async fn find_live(tx: &Tx, id: i64) -> Result<Option<Model>> {
    Entity::find_by_id(id).filter(Column::DeletedAt.is_null()).one(tx).await.map_err(translate)
}

/// Marks it deleted, frees its name, and lets it fire no more.
pub async fn delete(tx: &Tx, id: i64, now: i64) -> Result<()> {
    let marked = Entity::update_many()
        .col_expr(Column::DeletedAt, Expr::value(now))
        .col_expr(Column::LiveName, Expr::value(None::<String>))
        .col_expr(Column::NextFireAt, Expr::value(None::<i64>))
        .col_expr(Column::IsActivated, Expr::value(false))
        .filter(Column::Id.eq(id));
    marked.exec(tx).await.map(drop).map_err(translate)
}

/// Every trigger that fires.
pub async fn active(store: &RobotStore) -> Result<Vec<Model>> {
    let active = Entity::find().filter(Column::DeletedAt.is_null()).filter(Column::IsActivated.eq(true));
    active.order_by_asc(Column::Id).all(store.reader()).await.map_err(translate)
}

/// Sets the next instant of one that still stands at `before`; whether it did.
pub async fn move_on(tx: &Tx, id: i64, before: i64, next: Option<i64>) -> Result<bool> {
    let moved = Entity::update_many()
        .col_expr(Column::NextFireAt, Expr::value(next))
        .filter(Column::Id.eq(id))
        .filter(Column::NextFireAt.eq(before));
    Ok(moved.exec(tx).await.map_err(translate)?.rows_affected > 0)
}

/// A page of triggers, oldest first.
pub async fn list(store: &RobotStore, page: Page, with_deleted: bool, keyword: Option<&str>) -> Result<PageOf<Model>> {
    let mut query = Entity::find();
    if !with_deleted {
        query = query.filter(Column::DeletedAt.is_null());
    }
    if let Some(keyword) = keyword {
        query = query.filter(lists::named(keyword));
    }
    lists::page(store, query.order_by_asc(Column::Id), page).await
}

/// Writes down what came of an instant; `false` when that has been done before.
pub async fn decide(tx: &Tx, row: local_firing::Model) -> Result<bool> {
    if is_known(tx, row.trigger_id, &row.instant).await? {
        return Ok(false);
    }
    let mut row = local_firing::ActiveModel::from(row).reset_all();
    row.id = NotSet;
    row.insert(tx).await.map(|_| true).map_err(translate)
}

/// Whether something came of an instant already, as far as this write sees.
pub async fn is_decided_in(tx: &Tx, trigger: i64, instant: &str) -> Result<bool> {
    is_known(tx, trigger, instant).await
}

/// Whether something came of an instant already.
pub async fn is_decided(store: &RobotStore, trigger: i64, instant: &str) -> Result<bool> {
    is_known(store.reader(), trigger, instant).await
}

async fn is_known(on: &impl ConnectionTrait, trigger: i64, instant: &str) -> Result<bool> {
    let known = local_firing::Entity::find()
        .filter(local_firing::Column::TriggerId.eq(trigger))
        .filter(local_firing::Column::Instant.eq(instant));
    Ok(known.one(on).await.map_err(translate)?.is_some())
}

/// A page of what came of a trigger's instants, the latest first.
pub async fn firings(store: &RobotStore, trigger: i64, page: Page) -> Result<PageOf<local_firing::Model>> {
    let query = local_firing::Entity::find().filter(local_firing::Column::TriggerId.eq(trigger));
    lists::page(store, query.order_by_desc(local_firing::Column::Id), page).await
}

/// The first of the instants that the platform has not been told of, with the name of its trigger.
pub async fn untold(store: &RobotStore) -> Result<Option<(local_firing::Model, String)>> {
    let first = local_firing::Entity::find().filter(local_firing::Column::IsTold.eq(false));
    let first = first.order_by_asc(local_firing::Column::Id).one(store.reader()).await.map_err(translate)?;
    let Some(firing) = first else { return Ok(None) };
    let trigger = Entity::find_by_id(firing.trigger_id).one(store.reader()).await.map_err(translate)?;
    Ok(Some((firing, trigger.map(|trigger| trigger.name).unwrap_or_default())))
}

/// The platform knows of the instants up to this one.
pub async fn told(tx: &Tx, up_to: i64) -> Result<()> {
    let told = local_firing::Entity::update_many()
        .col_expr(local_firing::Column::IsTold, Expr::value(true))
        .filter(local_firing::Column::Id.lte(up_to))
        .filter(local_firing::Column::IsTold.eq(false));
    told.exec(tx).await.map(drop).map_err(translate)
}
