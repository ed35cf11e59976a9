//! Lists of robots. The one list that is asked for all day: it reads only what it shows.

use baigong_model::{Page, Result, RobotState, TaskState, ids::PoolId};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

use crate::{
    entity::{
        node,
        robot::{Column, Entity},
        robot_pool_member, task,
    },
    error::translate,
    filter::ListFilter,
    write::Store,
};

/// Which robots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// What every list takes.
    pub list: ListFilter,
    /// Only robots of this pool.
    pub pool_id: Option<PoolId>,
    /// Only robots in this state, at this time.
    pub state: Option<(RobotState, i64)>,
}

/// A robot in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: i64,
    /// Its department.
    pub department_id: i64,
    /// 0 unattended, 1 attended.
    pub robot_type: i32,
    /// Its name.
    pub name: String,
    /// Its machine.
    pub machine_id: i64,
    /// A remark.
    pub remark: Option<String>,
    /// The node it is connected to.
    pub node_id: Option<String>,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// A page of robots, oldest first.
pub async fn list(store: &Store, filter: &Filter, page: Page) -> Result<Vec<Listed>> {
    type Row = (i64, i64, i32, String, i64, Option<String>, Option<String>, Option<i64>);
    let columns = [
        Column::Id,
        Column::DepartmentId,
        Column::RobotType,
        Column::Name,
        Column::MachineId,
        Column::Remark,
        Column::NodeId,
        Column::DeletedAt,
    ];
    let query = Entity::find().select_only().columns(columns).filter(condition(filter));
    let query = query.order_by_asc(Column::Id).offset(page.offset()).limit(page.size());
    let rows: Vec<Row> = query.into_tuple().all(store.reader()).await.map_err(translate)?;
    let listed = |(id, department_id, robot_type, name, machine_id, remark, node_id, deleted_at)| Listed {
        id,
        department_id,
        robot_type,
        name,
        machine_id,
        remark,
        node_id,
        deleted_at,
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// How many robots a list holds.
pub async fn count(store: &Store, filter: &Filter) -> Result<u64> {
    Entity::find().filter(condition(filter)).count(store.reader()).await.map_err(translate)
}

fn condition(filter: &Filter) -> Condition {
    let in_pool = filter.pool_id.map(|pool| Column::Id.in_subquery(members(pool)));
    let in_state = filter.state.map(|(state, now)| in_state(state, now));
    let list = filter.list.condition(Column::DepartmentId, Column::Name, Column::DeletedAt);
    list.add_option(in_pool).add_option(in_state)
}

fn members(pool: PoolId) -> SelectStatement {
    use robot_pool_member::{Column, Entity};
    Query::select().column(Column::RobotId).from(Entity).and_where(Column::PoolId.eq(pool)).to_owned()
}

/// Connected means: to a node whose lease lasts.
fn in_state(state: RobotState, now: i64) -> Condition {
    let alive = Query::select()
        .column(node::Column::Id)
        .from(node::Entity)
        .and_where(node::Column::LeaseUntil.gt(now))
        .to_owned();
    let held = TaskState::HELD.map(TaskState::as_str);
    let busy = Query::select()
        .expr(Expr::val(1))
        .from(task::Entity)
        .and_where(Expr::col((task::Entity, task::Column::RobotId)).equals((Entity, Column::Id)))
        .and_where(task::Column::State.is_in(held))
        .to_owned();
    let online = Column::NodeId.in_subquery(alive);
    match state {
        RobotState::Offline => Condition::any().add(Column::NodeId.is_null()).add(online.not()),
        RobotState::Idle => Condition::all().add(online).add(Expr::exists(busy).not()),
        RobotState::Running => Condition::all().add(online).add(Expr::exists(busy)),
    }
}
