//! Triggers. What the scheduler asks all day is in `due`, what depends on other things in `affected`; the rest goes
//! through the entity.

mod affected;
mod due;
mod items;

pub use affected::{Resting, of_group, of_process, of_robot, rest, touch, using_calendar, visible};
pub use due::{
    Advance, Locked, Ready, advance, arm, due, locked, next_due, ready_one, released, watching, with_open_tasks,
};
pub use items::items_ready;

use baigong_model::{Page, Result, ids::TriggerId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder,
};

use crate::{
    entity::task_trigger::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::ListFilter,
    scope::Scope,
    sql,
    write::{Store, row_lock},
};

/// Inserts `row` (its id is ignored); its id. The name must be free in its department.
pub async fn insert(tx: &Tx, row: Model) -> Result<TriggerId> {
    let name = row.name.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "trigger", &name))?.id)
}

/// Writes the whole row, which [`find_live`] has locked, over what is there.
pub async fn update(tx: &Tx, row: Model) -> Result<()> {
    let name = row.name.clone();
    let row = ActiveModel::from(row).reset_all();
    row.update(tx).await.map_err(|error| taken(error, "trigger", &name)).map(drop)
}

/// The trigger `id`, deleted or not, if the scope sees it.
pub async fn find(store: &Store, scope: &Scope, id: TriggerId) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id), store.reader()).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// The live trigger `id`, if the scope sees it, inside a write. The scheduler waits until the write has ended.
pub async fn find_live(tx: &Tx, scope: &Scope, id: TriggerId) -> Result<Option<Model>> {
    let lock = row_lock(tx, " FOR UPDATE");
    let text = format!("SELECT id FROM task_trigger WHERE id = $1 AND deleted_at IS NULL{lock}");
    if !sql::exists(tx, &text, vec![id.into()]).await? {
        return Ok(None);
    }
    let row = sql::unique(Entity::find_by_id(id), tx).await?;
    Ok(row.filter(|row| scope.sees(row.department_id, row.created_by)))
}

/// Which triggers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// What every list takes.
    pub list: ListFilter,
    /// Only those that are, or are not, activated.
    pub is_activated: Option<bool>,
    /// Only those of this process.
    pub process_id: Option<i64>,
}

/// A page of triggers, oldest first.
pub async fn list(store: &Store, filter: &Filter, page: Page) -> Result<Vec<Model>> {
    sql::page(Entity::find().filter(condition(filter)).order_by_asc(Column::Id), page, store.reader()).await
}

/// How many triggers a list holds.
pub async fn count(store: &Store, filter: &Filter) -> Result<u64> {
    Entity::find().filter(condition(filter)).count(store.reader()).await.map_err(translate)
}

fn condition(filter: &Filter) -> Condition {
    let list = filter.list.condition(Column::DepartmentId, Column::CreatedBy, Column::Name, Column::DeletedAt);
    list.add_option(filter.is_activated.map(|wanted| Column::IsActivated.eq(wanted)))
        .add_option(filter.process_id.map(|process| Column::ProcessId.eq(process)))
}
