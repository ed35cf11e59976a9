//! Tasks. Hot statements (create, claim, step, lease) are written by hand and take batches; the rest goes through the
//! entity.

mod claim;
mod details;
mod insert;
mod lease;
pub mod positions;
mod query;
mod step;
mod unstarted;

pub use claim::{Claim, claim, pools_with_waiting_tasks, with_waiting_tasks};
pub use details::{Assignment, Plan, assignments, plan, plans, set_step};
pub use insert::{NewTasks, create, insert};
pub use lease::{DueTask, extend, overdue_leases, overdue_runs, overdue_stops, overdue_waits, renew};
pub use query::{
    Filter, Standing, delete, find, head_of, held_by, list, lock, of_robots, robots, runs_on, states, was_given,
};
pub use step::{StepAnswer, StepDetail, StepRequest, step};
pub use unstarted::{Of, unstarted};
