//! Calendars and their non-working days. They belong to no department.

use baigong_model::{
    Page, Result,
    ids::{CalendarId, DepartmentId, TriggerId, UserId},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ConnectionTrait, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::{
    entity::calendar::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    filter::ListFilter,
    sql,
    write::{Store, row_lock},
};

/// A non-working day, written `yyyy-MM-dd`, and what it is called (may be empty).
pub type NamedDay = (String, String);

/// Inserts `row` (its id is ignored); its id. The name must be free.
pub async fn insert(tx: &Tx, row: Model) -> Result<CalendarId> {
    let name = row.name.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "calendar", &name))?.id)
}

/// The codes of the shipped calendars that have a row.
pub async fn shipped_codes(tx: &Tx) -> Result<Vec<String>> {
    sql::column(tx, "SELECT shipped_code FROM calendar WHERE shipped_code IS NOT NULL", vec![]).await
}

/// The calendar `id`, deleted or not.
pub async fn find(store: &Store, id: CalendarId) -> Result<Option<Model>> {
    sql::unique(Entity::find_by_id(id), store.reader()).await
}

/// Whether the calendar is live; it then stays so until the end of the write.
pub async fn hold(tx: &Tx, id: CalendarId) -> Result<bool> {
    let lock = row_lock(tx, " FOR KEY SHARE");
    let text = format!("SELECT 1 FROM calendar WHERE id = $1 AND deleted_at IS NULL{lock}");
    sql::exists(tx, &text, vec![id.into()]).await
}

/// The live calendar `id`, to be changed: nobody else changes it, or puts a trigger on it, until the end of the write.
pub async fn lock(tx: &Tx, id: CalendarId) -> Result<Option<Model>> {
    let row = sql::unique(Entity::find_by_id(id).lock_exclusive(), tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none()))
}

/// Gives the calendar another name, which must be free.
pub async fn rename(tx: &Tx, id: CalendarId, name: &str) -> Result<()> {
    let text = "UPDATE calendar SET name = $1, live_name = $1 WHERE id = $2";
    sql::run_naming(tx, text, vec![name.into(), id.into()], ("calendar", Some(name))).await.map(drop)
}

/// Marks the calendar deleted and frees its name. Its days stay, for whoever asks what it was.
pub async fn delete(tx: &Tx, id: CalendarId, now: i64) -> Result<()> {
    sql::soft_delete(tx, "calendar", &[id], now).await.map(drop)
}

/// The days of a calendar, in order.
pub async fn days(on: &impl ConnectionTrait, id: CalendarId) -> Result<Vec<NamedDay>> {
    let text = "SELECT day, name FROM calendar_day WHERE calendar_id = $1 ORDER BY day";
    let rows = sql::rows(on, text, vec![id.into()]).await?;
    rows.iter().map(|row| Ok((sql::get(row, 0)?, sql::get(row, 1)?))).collect()
}

/// Puts `days` in the place of whatever days the calendar has.
pub async fn set_days(tx: &Tx, id: CalendarId, days: &[NamedDay]) -> Result<()> {
    sql::run(tx, "DELETE FROM calendar_day WHERE calendar_id = $1", vec![id.into()]).await?;
    for days in days.chunks(1000) {
        let places = sql::places(tx, days.len(), 3, 0);
        let text = format!("INSERT INTO calendar_day (calendar_id, day, name) VALUES {places}");
        let values = days.iter().flat_map(|(day, name)| [id.into(), day.into(), name.into()]);
        sql::run(tx, &text, values.collect()).await?;
    }
    Ok(())
}

/// A page of calendars, oldest first.
pub async fn list(store: &Store, filter: &ListFilter, page: Page) -> Result<Vec<Model>> {
    let query = Entity::find().filter(filter.without_scope(Column::Name, Column::DeletedAt));
    sql::page(query.order_by_asc(Column::Id), page, store.reader()).await
}

/// How many calendars a list holds.
pub async fn count(store: &Store, filter: &ListFilter) -> Result<u64> {
    let query = Entity::find().filter(filter.without_scope(Column::Name, Column::DeletedAt));
    query.count(store.reader()).await.map_err(translate)
}

/// A live trigger that does not fire on a calendar's non-working days.
#[derive(Debug, Clone)]
pub struct UsedBy {
    /// The trigger.
    pub trigger_id: TriggerId,
    /// Its name.
    pub name: String,
    /// Its department.
    pub department_id: DepartmentId,
    /// Who made it.
    pub created_by: UserId,
}

/// The live triggers that use the calendar.
pub async fn used_by(on: &impl ConnectionTrait, id: CalendarId) -> Result<Vec<UsedBy>> {
    let text = "SELECT id, name, department_id, created_by FROM task_trigger
        WHERE calendar_id = $1 AND uses_calendar AND deleted_at IS NULL ORDER BY id";
    let rows = sql::rows(on, text, vec![id.into()]).await?;
    let read = |row| {
        let mut row = sql::Cursor::over(row);
        Ok(UsedBy { trigger_id: row.get()?, name: row.get()?, department_id: row.get()?, created_by: row.get()? })
    };
    rows.iter().map(read).collect()
}
