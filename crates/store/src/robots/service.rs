//! Whether robots are in service.

use baigong_model::{Result, ServiceState, ids::RobotId};
use sea_orm::DatabaseTransaction as Tx;

use crate::{sql, write::Store};

/// Changes the service state of a live robot from one of `from` to `to`; whether it was in one of them.
pub async fn set_service(tx: &Tx, id: RobotId, from: &[ServiceState], to: ServiceState) -> Result<bool> {
    let text = format!(
        "UPDATE robot SET service_state = $1 WHERE id = $2 AND deleted_at IS NULL AND service_state IN {}",
        sql::places(tx, 1, from.len(), 2)
    );
    let mut values = vec![to.as_str().into(), id.into()];
    values.extend(from.iter().map(|state| state.as_str().into()));
    Ok(sql::run(tx, &text, values).await? > 0)
}

/// The robots with tasks that are paused because their robot was.
pub async fn with_paused_tasks(store: &Store) -> Result<Vec<RobotId>> {
    let text =
        "SELECT DISTINCT robot_id FROM task WHERE state = 'paused' AND paused_with_robot AND robot_id IS NOT NULL";
    sql::column(store.reader(), text, Vec::new()).await
}
