//! The hot writes, coalesced: whatever arrives while the last commit runs shares the next statement and commit.

use baigong_model::ids::{QueueItemId, TaskId};
use baigong_store::{
    Coalescer, Store, entity,
    queue_items::{self, Finish, Pop, Push},
    task_logs,
    tasks::{self, NewTasks, StepAnswer, StepRequest},
};

/// One coalescer per kind of hot write.
#[derive(Clone)]
pub struct Hot {
    /// Task create.
    pub create: Coalescer<NewTasks, Vec<TaskId>>,
    /// Every change of a task's state.
    pub step: Coalescer<StepRequest, StepAnswer>,
    /// Log batches.
    pub log: Coalescer<task_logs::Batch, ()>,
    /// Queue push.
    pub push: Coalescer<Push, Vec<QueueItemId>>,
    /// Queue pop.
    pub pop: Coalescer<Pop, Option<entity::queue_item::Model>>,
    /// Queue finish.
    pub finish: Coalescer<Finish, &'static str>,
}

impl Hot {
    /// The coalescers over `store`.
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self {
            create: Coalescer::new(store, 256, tasks::insert),
            step: Coalescer::new(store, 256, tasks::step),
            log: Coalescer::new(store, 64, task_logs::append),
            push: Coalescer::new(store, 512, queue_items::push),
            pop: Coalescer::new(store, 512, queue_items::pop),
            finish: Coalescer::new(store, 512, queue_items::finish),
        }
    }
}
