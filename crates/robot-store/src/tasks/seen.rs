//! Tasks of the platform that run here: what was seen of them, so that they can be asked for on this robot too. The platform
//! decides their steps; a row here decides nothing.

use baigong_model::{Result, TaskState};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{
    OWN_IDS_ABOVE, Tx,
    entity::task::{ActiveModel, Column, Entity, Model},
    error::translate,
};

/// What was seen of a task.
#[derive(Debug, Clone)]
pub enum Seen {
    /// It came to this robot.
    Came(Box<Model>),
    /// It stands so now.
    Is(TaskState),
    /// It began to run.
    Began,
    /// It ended.
    Ended {
        /// How.
        state: TaskState,
        /// Why.
        message: Option<String>,
        /// What came out, as JSON.
        out_parameters: String,
    },
    /// It left this robot before it began, or will be run elsewhere.
    Left,
}

/// Writes down what was seen of the task `id` under the lease `fence` at `now`.
pub async fn seen(tx: &Tx, (id, fence): (i64, i64), seen: Seen, now: i64) -> Result<()> {
    if id > OWN_IDS_ABOVE {
        // It would look like one of this robot's own. It runs all the same; it is only not listed here.
        return Ok(());
    }
    let row = match seen {
        Seen::Came(row) => {
            Entity::delete_by_id(id).exec(tx).await.map_err(translate)?;
            let row = ActiveModel::from(*row).reset_all();
            return Entity::insert(row).exec_without_returning(tx).await.map(drop).map_err(translate);
        }
        Seen::Left => {
            let gone = Entity::delete_many().filter(Column::Id.eq(id)).filter(Column::Fence.eq(fence));
            return gone.filter(Column::StartedAt.is_null()).exec(tx).await.map(drop).map_err(translate);
        }
        other => other,
    };
    let found = Entity::find_by_id(id).one(tx).await.map_err(translate)?.filter(|task| task.fence == fence);
    let Some(mut task) = found.filter(|task| task.ended_at.is_none()) else { return Ok(()) };
    match row {
        Seen::Is(state) => task.state = state.to_string(),
        Seen::Began => (task.state, task.started_at) = (TaskState::Running.to_string(), Some(now)),
        Seen::Ended { state, message, out_parameters } => {
            (task.state, task.message, task.ended_at) = (state.to_string(), message, Some(now));
            task.out_parameters = Some(out_parameters);
        }
        Seen::Came(_) | Seen::Left => {}
    }
    ActiveModel::from(task).reset_all().update(tx).await.map(drop).map_err(translate)
}

/// Tasks of the platform that look as if they ran, and of which this robot knows nothing any more: it stopped dead before it
/// had written down their end. `known` are the leases it does know.
pub async fn lost_sight(tx: &Tx, known: &[(i64, i64)], now: i64) -> Result<()> {
    let open = Entity::find().filter(Column::IsOwn.eq(false)).filter(Column::EndedAt.is_null());
    let open: Vec<Model> = open.all(tx).await.map_err(translate)?;
    for task in open.into_iter().filter(|task| !known.contains(&(task.id, task.fence))) {
        let change = Entity::update_many()
            .col_expr(Column::State, Expr::value(TaskState::Lost.as_str()))
            .col_expr(
                Column::Message,
                Expr::value("the robot stopped before it had written down the end: the platform knows it"),
            )
            .col_expr(Column::EndedAt, Expr::value(now))
            .filter(Column::Id.eq(task.id));
        change.exec(tx).await.map_err(translate)?;
    }
    Ok(())
}
