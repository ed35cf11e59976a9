//! The tasks the robot holds at the moment: who holds which lease, how far it is, how many more there may be.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use baigong_protocol::{Held, HeldPhase, TaskRef};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::{own::is_own, spool::TaskLog};

/// What the platform says about one task.
#[derive(Debug)]
pub(crate) enum TaskEvent {
    /// The assignment came again.
    AssignedAgain,
    /// It may start.
    Granted,
    /// It must not start.
    Refused(String),
    /// It is to stop.
    Cancel(String),
    /// Its lease is over.
    Stale(String),
    /// It is to pause.
    Pause,
    /// It is to go on.
    Resume,
    /// Its report is stored.
    ReportAcknowledged,
}

/// The desk.
pub(crate) struct Desk {
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

struct State {
    seats: BTreeMap<TaskRef, Seat>,
    /// Accepted and never started, because the agent stopped: said in the next `Hello`.
    dropped: BTreeSet<TaskRef>,
    max_tasks: u32,
    closed: Option<&'static str>,
    /// Somebody stopped the robot through its own interface.
    stopped: bool,
}

/// Why a stopped robot takes no task.
const STOPPED: &str = "the robot was stopped through its own interface: start it there";

struct Seat {
    phase: HeldPhase,
    events: mpsc::UnboundedSender<TaskEvent>,
    log: Option<Arc<TaskLog>>,
    over: CancellationToken,
}

/// A seat that was given to a task.
pub(crate) struct Seated {
    /// What the platform says about the task.
    pub(crate) events: mpsc::UnboundedReceiver<TaskEvent>,
    /// The same task under an earlier lease, which must be over before this one starts.
    pub(crate) earlier: Option<CancellationToken>,
}

/// Why a task is not taken on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoSeat {
    /// It is held already, under this very lease.
    HeldAlready,
    /// For the operator.
    Because(String),
}

impl Desk {
    /// An empty desk with `dropped` tasks to tell of, and so many places until the platform names a number.
    pub(crate) fn new(dropped: BTreeSet<TaskRef>, max_tasks: u32) -> Self {
        let state = State { seats: BTreeMap::new(), dropped, max_tasks, closed: None, stopped: false };
        Self { state: Mutex::new(state), changed: watch::Sender::new(()) }
    }

    /// Gives a new task a seat, if there is one.
    pub(crate) fn admit(&self, task: TaskRef) -> Result<Seated, NoSeat> {
        let mut state = self.state();
        if state.seats.contains_key(&task) {
            return Err(NoSeat::HeldAlready);
        }
        let because = |text: &str| Err(NoSeat::Because(text.to_owned()));
        if let Some(reason) = state.closed.or(state.stopped.then_some(STOPPED)) {
            return because(reason);
        }
        if state.dropped.contains(&task) {
            return because("the robot stopped after it had accepted this lease");
        }
        let whole = TaskRef { fence: i64::MIN, ..task }..=TaskRef { fence: i64::MAX, ..task };
        let newest = state.seats.range(whole).next_back().map(|(other, seat)| (other.fence, seat.over.clone()));
        if newest.as_ref().is_some_and(|(fence, _)| *fence > task.fence) {
            return because("the robot holds the task under a later lease");
        }
        let busy = state.busy().filter(|other| other.task_id != task.task_id).count();
        if busy >= state.max_tasks as usize {
            return because("the robot has no free slot");
        }
        if let Some(seat) = newest.as_ref().and_then(|(fence, _)| state.seats.get(&TaskRef { fence: *fence, ..task })) {
            let _ = seat.events.send(TaskEvent::Stale("the task was given to a later lease".to_owned()));
        }
        let events = state.sit(task, HeldPhase::Accepted);
        Ok(Seated { events, earlier: newest.map(|(_, over)| over) })
    }

    /// Gives a task of an earlier run of the agent its seat back.
    pub(crate) fn seat_again(&self, task: TaskRef, phase: HeldPhase) -> mpsc::UnboundedReceiver<TaskEvent> {
        self.state().sit(task, phase)
    }

    /// Notes how far a task is.
    pub(crate) fn set_phase(&self, task: TaskRef, phase: HeldPhase) {
        if let Some(seat) = self.state().seats.get_mut(&task) {
            seat.phase = phase;
        }
        self.changed.send_replace(());
    }

    /// Notes where a task's log is.
    pub(crate) fn set_log(&self, task: TaskRef, log: Arc<TaskLog>) {
        if let Some(seat) = self.state().seats.get_mut(&task) {
            seat.log = Some(log);
        }
    }

    /// A task's log.
    pub(crate) fn log_of(&self, task: TaskRef) -> Option<Arc<TaskLog>> {
        self.state().seats.get(&task).and_then(|seat| seat.log.clone())
    }

    /// A task is no longer held.
    pub(crate) fn leave(&self, task: TaskRef) {
        if let Some(seat) = self.state().seats.remove(&task) {
            seat.over.cancel();
        }
        self.changed.send_replace(());
    }

    /// A task that was never started is no longer held, which the platform may not know.
    pub(crate) fn leave_unstarted(&self, task: TaskRef) {
        self.state().dropped.insert(task);
        self.leave(task);
    }

    /// Tells a task's holder; false when nobody holds it.
    pub(crate) fn tell(&self, task: TaskRef, event: TaskEvent) -> bool {
        self.state().seats.get(&task).is_some_and(|seat| seat.events.send(event).is_ok())
    }

    /// How many tasks there may be at once.
    pub(crate) fn set_max_tasks(&self, max_tasks: u32) {
        self.state().max_tasks = max_tasks;
    }

    /// Takes no new tasks, for this reason; `None` takes them again, unless the agent stops.
    pub(crate) fn close(&self, reason: Option<&'static str>) {
        self.state().closed = reason;
    }

    /// Takes no tasks from now on, or takes them again: beside every other reason not to.
    pub(crate) fn set_stopped(&self, stopped: bool) {
        self.state().stopped = stopped;
        self.changed.send_replace(());
    }

    /// Why no task is taken, where somebody stopped the robot through its own interface.
    pub(crate) fn is_stopped(&self) -> Option<&'static str> {
        self.state().stopped.then_some(STOPPED)
    }

    /// Whether a task is under way.
    pub(crate) fn is_busy(&self) -> bool {
        self.state().busy().next().is_some()
    }

    /// Tells of every change of seats and phases.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Waits until the task stands still, or does not, or is not held here any more.
    pub(crate) async fn stands(&self, task: TaskRef, still: bool) {
        let is_so = |seat: &Seat| match seat.phase {
            HeldPhase::Running => !still,
            HeldPhase::Paused => still,
            HeldPhase::Accepted => false,
            _ => true,
        };
        self.until(|state| state.seats.get(&task).is_none_or(is_so)).await;
    }

    /// Waits until none of the robot's own tasks is held.
    pub(crate) async fn no_own_task(&self) {
        self.until(|state| !state.seats.keys().any(|task| is_own(*task))).await;
    }

    /// How many more tasks it would take now.
    pub(crate) fn free_slots(&self) -> u32 {
        let state = self.state();
        let busy = u32::try_from(state.busy().count()).unwrap_or(u32::MAX);
        if state.closed.is_some() || state.stopped { 0 } else { state.max_tasks.saturating_sub(busy) }
    }

    /// The platform's leases, to be renewed.
    pub(crate) fn leases(&self) -> Vec<TaskRef> {
        self.state().seats.keys().filter(|task| !is_own(**task)).copied().collect()
    }

    /// Those of them that stand still.
    pub(crate) fn paused(&self) -> Vec<TaskRef> {
        let state = self.state();
        let paused = state.seats.iter().filter(|(_, seat)| seat.phase == HeldPhase::Paused);
        paused.map(|(task, _)| *task).filter(|task| !is_own(*task)).collect()
    }

    /// Everything to say in a `Hello`.
    pub(crate) fn held(&self) -> Vec<Held> {
        let state = self.state();
        let seats = state.seats.iter().filter(|(task, _)| !is_own(**task)).map(|(task, seat)| (task, seat.phase));
        let dropped = state.dropped.iter().map(|task| (task, HeldPhase::Dropped));
        seats.chain(dropped).map(|(task, phase)| Held { task_id: task.task_id, fence: task.fence, phase }).collect()
    }

    /// A `Welcome` has answered the `Hello` that told of this dropped task.
    pub(crate) fn dropped_is_known(&self, task: TaskRef) {
        self.state().dropped.remove(&task);
    }

    /// Waits until no process runs and none may start.
    pub(crate) async fn nothing_runs(&self) {
        self.until(|state| state.busy().next().is_none()).await;
    }

    /// Waits until no task is held.
    pub(crate) async fn is_empty(&self) {
        self.until(|state| state.seats.is_empty()).await;
    }

    async fn until(&self, condition: impl Fn(&State) -> bool) {
        let mut changes = self.changed.subscribe();
        while !condition(&self.state()) {
            // The sender lives as long as this desk.
            let _ = changes.changed().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn busy(&self) -> impl Iterator<Item = &TaskRef> {
        let busy = |seat: &Seat| matches!(seat.phase, HeldPhase::Accepted | HeldPhase::Running | HeldPhase::Paused);
        self.seats.iter().filter(move |(_, seat)| busy(seat)).map(|(task, _)| task)
    }

    fn sit(&mut self, task: TaskRef, phase: HeldPhase) -> mpsc::UnboundedReceiver<TaskEvent> {
        let (events, receiver) = mpsc::unbounded_channel();
        self.seats.insert(task, Seat { phase, events, log: None, over: CancellationToken::new() });
        receiver
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(task_id: i64, fence: i64) -> TaskRef {
        TaskRef { task_id, fence }
    }

    fn refusal(desk: &Desk, task: TaskRef) -> NoSeat {
        desk.admit(task).err().expect("there must be no seat")
    }

    #[test]
    fn there_are_as_many_seats_as_the_platform_allows() {
        let desk = Desk::new(BTreeSet::from([task(9, 1)]), 2);
        let _one = desk.admit(task(1, 1)).ok().unwrap();
        assert_eq!(desk.free_slots(), 1);
        let _two = desk.admit(task(2, 1)).ok().unwrap();
        assert_eq!(refusal(&desk, task(1, 1)), NoSeat::HeldAlready);
        assert_eq!(refusal(&desk, task(3, 1)), NoSeat::Because("the robot has no free slot".into()));
        desk.set_phase(task(1, 1), HeldPhase::Finished);
        assert_eq!(desk.free_slots(), 1, "a task that only waits for its acknowledgement needs no slot");
        assert!(matches!(refusal(&desk, task(9, 1)), NoSeat::Because(reason) if reason.contains("stopped")));
        assert_eq!(
            desk.held().iter().map(|held| held.phase).collect::<Vec<_>>(),
            [HeldPhase::Finished, HeldPhase::Accepted, HeldPhase::Dropped]
        );
        desk.dropped_is_known(task(9, 1));
        desk.close(Some("it stops"));
        assert_eq!((refusal(&desk, task(3, 1)), desk.free_slots()), (NoSeat::Because("it stops".into()), 0));
    }

    #[test]
    fn a_later_lease_takes_the_seat_and_an_earlier_one_does_not() {
        let desk = Desk::new(BTreeSet::new(), 1);
        let mut first = desk.admit(task(1, 5)).ok().unwrap();
        assert!(matches!(refusal(&desk, task(1, 4)), NoSeat::Because(reason) if reason.contains("later lease")));
        let second = desk.admit(task(1, 6)).ok().unwrap();
        assert!(matches!(first.events.try_recv(), Ok(TaskEvent::Stale(_))));
        let earlier = second.earlier.unwrap();
        assert!(!earlier.is_cancelled());
        desk.leave(task(1, 5));
        assert!(earlier.is_cancelled(), "the later lease may start when the earlier one is over");
    }
}
