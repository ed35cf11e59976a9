//! The scenes of robots.

use baigong_model::{Result, ids::RobotId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, DatabaseTransaction as Tx, EntityTrait, QueryFilter, QueryOrder,
};

use crate::{
    entity::robot_scene::{ActiveModel, Column, Entity, Model},
    error::{taken, translate},
    sql,
    write::Store,
};

/// Inserts `row` (its id is ignored); its id. The name must be free among the robot's scenes.
pub async fn insert(tx: &Tx, row: Model) -> Result<i64> {
    let name = row.name.clone();
    let mut row = ActiveModel::from(row).reset_all();
    row.id = NotSet;
    Ok(row.insert(tx).await.map_err(|error| taken(error, "scene", &name))?.id)
}

/// The live scenes of the robots, the default one of each first.
pub async fn of(store: &Store, robots: &[RobotId]) -> Result<Vec<Model>> {
    let query =
        Entity::find().filter(Column::RobotId.is_in(robots.iter().copied())).filter(Column::DeletedAt.is_null());
    let query = query.order_by_asc(Column::RobotId).order_by_desc(Column::IsDefault).order_by_asc(Column::Id);
    query.all(store.reader()).await.map_err(translate)
}

/// Deletes a scene of the robot that is not its default one; whether there was one.
pub async fn delete(tx: &Tx, robot: RobotId, id: i64, now: i64) -> Result<bool> {
    let text = "UPDATE robot_scene SET deleted_at = $1, live_name = NULL
        WHERE id = $2 AND robot_id = $3 AND is_default = FALSE AND deleted_at IS NULL";
    Ok(sql::run(tx, text, vec![now.into(), id.into(), robot.into()]).await? > 0)
}
