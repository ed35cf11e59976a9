//! The hot writes, coalesced: whatever arrives while the last commit runs shares the next statement and commit.

use baigong_model::ids::{QueueItemId, TaskId};
use baigong_store::{
    Coalescer, Store, entity,
    queue_items::{self, Finish, Once, Pop, Push},
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
    /// Queue push of requests that may come again.
    pub push_once: Coalescer<Once<Push>, Vec<QueueItemId>>,
    /// Queue pop.
    pub pop: Coalescer<Pop, Option<entity::queue_item::Model>>,
    /// Queue pop of requests that may come again.
    pub pop_once: Coalescer<Once<Pop>, Option<entity::queue_item::Model>>,
    /// Queue finish.
    pub finish: Coalescer<Finish, &'static str>,
}

impl Hot {
    /// The coalescers over `store`.
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self {
            create: Coalescer::new(store, 256, tasks::create),
            step: Coalescer::new(store, 256, tasks::step),
            log: Coalescer::new(store, 64, task_logs::append),
            push: Coalescer::new(store, 512, queue_items::push),
            push_once: Coalescer::new(store, 512, queue_items::push_once),
            pop: Coalescer::new(store, 512, queue_items::pop),
            pop_once: Coalescer::new(store, 512, queue_items::pop_once),
            finish: Coalescer::new(store, 512, queue_items::finish),
        }
    }
}
