//! Lists of robots. The one list that is asked for all day: it reads only what it shows.

use baigong_model::{Page, Result, RobotState, ServiceState, TaskState, ids::PoolId};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

use crate::{
    entity::{
        node,
        robot::{Column, Entity, Model},
        robot_pool_member, task,
    },
    error::translate,
    filter::ListFilter,
    scope::Scope,
    sql,
    write::Store,
};

/// Which robots.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Filter {
    /// What every list takes.
    pub list: ListFilter,
    /// Only robots of this pool.
    pub pool_id: Option<PoolId>,
    /// Only robots of this pool too.
    pub other_pool_id: Option<PoolId>,
    /// Only robots in this state, at this time.
    pub state: Option<(RobotState, i64)>,
    /// Studios instead of robots.
    pub studios: bool,
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
    /// What people decided about it.
    pub service: ServiceState,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// A page of robots, oldest first.
pub async fn list(store: &Store, filter: &Filter, page: Page) -> Result<Vec<Listed>> {
    let columns = [
        Column::Id,
        Column::DepartmentId,
        Column::RobotType,
        Column::Name,
        Column::MachineId,
        Column::Remark,
        Column::NodeId,
        Column::ServiceState,
        Column::DeletedAt,
    ];
    let query = Entity::find().select_only().columns(columns).filter(condition(filter));
    let rows = sql::page_rows(&query.order_by_asc(Column::Id), page, store.reader()).await?;
    rows.iter().map(listed).collect()
}

/// By the places of the columns above.
fn listed(row: &QueryResult) -> Result<Listed> {
    let mut next = sql::Cursor::over(row);
    Ok(Listed {
        id: next.get()?,
        department_id: next.get()?,
        robot_type: next.get()?,
        name: next.get()?,
        machine_id: next.get()?,
        remark: next.get()?,
        node_id: next.get()?,
        service: next.get::<String>()?.parse().unwrap_or_default(),
        deleted_at: next.get()?,
    })
}

/// The robots `ids`, deleted or not, whoever sees them.
pub async fn by_ids(store: &Store, ids: &[i64]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = Entity::find().filter(Column::Id.is_in(ids.iter().copied()));
    query.all(store.reader()).await.map_err(translate)
}

/// The live robots that the scope sees and that are called so.
pub async fn named(store: &Store, scope: &Scope, name: &str) -> Result<Vec<Model>> {
    let seen = scope.condition(Column::DepartmentId, Column::CreatedBy);
    let query = Entity::find().filter(Column::Name.eq(name)).filter(Column::DeletedAt.is_null()).filter(seen);
    query.all(store.reader()).await.map_err(translate)
}

/// How many robots a list holds.
pub async fn count(store: &Store, filter: &Filter) -> Result<u64> {
    Entity::find().filter(condition(filter)).count(store.reader()).await.map_err(translate)
}

fn condition(filter: &Filter) -> Condition {
    let in_pool = filter.pool_id.map(|pool| Column::Id.in_subquery(members(pool)));
    let in_other = filter.other_pool_id.map(|pool| Column::Id.in_subquery(members(pool)));
    let in_state = filter.state.map(|(state, now)| in_state(state, now));
    let list = filter.list.condition(Column::DepartmentId, Column::CreatedBy, Column::Name, Column::DeletedAt);
    let kind = match filter.studios {
        true => Column::RobotType.eq(super::STUDIO),
        false => Column::RobotType.ne(super::STUDIO),
    };
    list.add(kind).add_option(in_pool).add_option(in_other).add_option(in_state)
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
    let busy = Expr::exists(busy);
    let stopped = Column::ServiceState.eq(ServiceState::Stopped.as_str());
    match state {
        RobotState::Offline => Condition::any()
            .add(Column::NodeId.is_null())
            .add(online.not())
            .add(Condition::all().add(stopped).add(busy.not())),
        RobotState::Idle => Condition::all().add(online).add(stopped.not()).add(busy.not()),
        RobotState::Running => Condition::all().add(online).add(busy),
    }
}
