//! Who made, changed or read assets. Rows are only added.

use baigong_model::{Page, PageOf, Result};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction as Tx, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};

use crate::{
    entity::asset_access::{Column, Entity, Model},
    error::translate,
    sql,
    write::Store,
};

/// An access to be written down.
#[derive(Debug, Clone)]
pub struct NewAccess {
    /// The asset.
    pub asset_id: i64,
    /// When.
    pub at: i64,
    /// "create", "edit" or "read".
    pub action: &'static str,
    /// The user who did it.
    pub user_id: Option<i64>,
    /// The robot that did it, the process of its task, and the task.
    pub run: Option<(i64, i64, i64)>,
}

/// Writes accesses down.
pub async fn insert_many(tx: &Tx, rows: &[NewAccess]) -> Result<()> {
    for rows in rows.chunks(1000) {
        let text = format!(
            "INSERT INTO asset_access (asset_id, at, action, user_id, robot_id, process_id, task_id) VALUES {}",
            sql::places(tx, rows.len(), 7, 0)
        );
        let mut values = Vec::with_capacity(rows.len() * 7);
        for row in rows {
            let (robot, process, task) = row.run.map_or((None, None, None), |(a, b, c)| (Some(a), Some(b), Some(c)));
            values.extend([
                row.asset_id.into(),
                row.at.into(),
                row.action.into(),
                row.user_id.into(),
                robot.into(),
                process.into(),
                task.into(),
            ]);
        }
        sql::run(tx, &text, values).await?;
    }
    Ok(())
}

/// Which accesses to an asset.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The asset.
    pub asset_id: i64,
    /// Only this: "create", "edit" or "read".
    pub action: Option<String>,
    /// Only of this robot.
    pub robot_id: Option<i64>,
    /// Only of this process.
    pub process_id: Option<i64>,
    /// From this time on.
    pub from: Option<i64>,
    /// Up to this time.
    pub to: Option<i64>,
}

/// A page of accesses, newest first.
pub async fn list(store: &Store, filter: &Filter, page: Page) -> Result<PageOf<Model>> {
    let which = Condition::all()
        .add(Column::AssetId.eq(filter.asset_id))
        .add_option(filter.action.as_deref().map(|action| Column::Action.eq(action)))
        .add_option(filter.robot_id.map(|robot| Column::RobotId.eq(robot)))
        .add_option(filter.process_id.map(|process| Column::ProcessId.eq(process)))
        .add_option(filter.from.map(|from| Column::At.gte(from)))
        .add_option(filter.to.map(|to| Column::At.lte(to)));
    let query = Entity::find().filter(which);
    let total = query.clone().count(store.reader()).await.map_err(translate)?;
    Ok(PageOf { rows: sql::page(query.order_by_desc(Column::Id), page, store.reader()).await?, total })
}
