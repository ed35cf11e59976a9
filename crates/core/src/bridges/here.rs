//! The end of a bridge on this node: the robot that stands for the other side is on line here while this node works the
//! bridge. One node does at a time; when it stops, another takes the turn.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use baigong_model::{Result, ids::BridgeId};
use baigong_protocol::{Heartbeat, Held as HeldTask, HeldPhase, Hello, HostInfo, TaskRef, ToRobot};
use baigong_store::{Scope, bridges as rows, entity::bridge, foreign_runs::Run, robots};
use futures_util::FutureExt;

use crate::{
    Platform, RobotLink,
    robot_sessions::{self, Parting, Session},
};

/// For how long a node that works a bridge may be silent before another takes the turn, in milliseconds.
const TURN: i64 = 30_000;
/// How long before its end a turn is gone on with.
const IN_TIME: i64 = 20_000;
/// How many tasks run there at once.
const AT_ONCE: u32 = 64;

/// The bridges that this node works.
#[derive(Default)]
pub(crate) struct Standing(Mutex<HashMap<BridgeId, Arc<Here>>>);

/// A bridge that this node works.
pub struct Here {
    session: Mutex<Option<Session>>,
    /// Until when the turn is ours.
    turn: AtomicI64,
    inbox: Mutex<Vec<ToRobot>>,
    is_gone: AtomicBool,
    is_busy: AtomicBool,
    sequence: AtomicI64,
    /// Not before then is the other side asked again.
    pub rests_until: AtomicI64,
}

impl RobotLink for Here {
    fn send(&self, message: ToRobot) -> bool {
        if self.is_gone.load(Ordering::Acquire) {
            return false;
        }
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner).push(message);
        true
    }
}

impl Here {
    fn new(turn: i64) -> Self {
        Self {
            session: Mutex::default(),
            turn: AtomicI64::new(turn),
            inbox: Mutex::default(),
            is_gone: AtomicBool::new(false),
            is_busy: AtomicBool::new(false),
            sequence: AtomicI64::new(0),
            rests_until: AtomicI64::new(0),
        }
    }

    /// What was said to the robot since the last time.
    pub fn take(&self) -> Vec<ToRobot> {
        std::mem::take(&mut *self.inbox.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Begins a round of work; none while the one before goes on. It ends when what is answered is dropped.
    #[must_use]
    pub fn begin(self: &Arc<Self>) -> Option<Held> {
        let is_first = !self.is_busy.swap(true, Ordering::AcqRel);
        is_first.then(|| Held(self.clone()))
    }

    fn session(&self) -> Option<Session> {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A round of work.
pub struct Held(Arc<Here>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.is_busy.store(false, Ordering::Release);
    }
}

impl Standing {
    fn get(&self, bridge: BridgeId) -> Option<Arc<Here>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&bridge).cloned()
    }

    fn put(&self, bridge: BridgeId, here: Arc<Here>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(bridge, here);
    }

    fn remove(&self, bridge: BridgeId) -> Option<Arc<Here>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&bridge)
    }

    fn ids(&self) -> Vec<BridgeId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }
}

/// Has this node work the bridges whose turn it has or can take, and lets go of the others. Answers those it works, with a
/// sign of life of each for the tasks it holds.
pub async fn hold(platform: &Platform, bridges: &[bridge::Model]) -> Result<Vec<(bridge::Model, Arc<Here>)>> {
    let (mut held, mut troubled) = (Vec::new(), Vec::new());
    for bridge in bridges {
        match one(platform, bridge).await {
            Ok(Some(here)) => held.push((bridge.clone(), here)),
            Ok(None) => {}
            Err(error) => {
                // The others go on, and this one with the next beat.
                tracing::error!(bridge = bridge.id, %error, "a bridge could not be gone on with");
                troubled.push(bridge.id);
            }
        }
    }
    for id in platform.bridges.ids() {
        if !held.iter().any(|(bridge, _)| bridge.id == id) && !troubled.contains(&id) {
            let_go(platform, id).await?;
        }
    }
    Ok(held)
}

async fn one(platform: &Platform, bridge: &bridge::Model) -> Result<Option<Arc<Here>>> {
    let now = platform.now();
    let runs = super::runs::open(platform, bridge.id).await?;
    // One that is switched off takes nothing new; what runs there is seen to its end.
    if !bridge.is_active && runs.is_empty() {
        return Ok(None);
    }
    let present = platform.bridges.get(bridge.id);
    let turn = match &present {
        Some(here) => here.turn.load(Ordering::Acquire),
        None if bridge.turn_at > now => return Ok(None),
        None => bridge.turn_at,
    };
    if present.is_none() || turn - now < IN_TIME {
        let (id, until) = (bridge.id, now + TURN);
        let taken =
            platform.store.write(move |tx| async move { rows::take_turn(tx, id, turn, until).await }.boxed()).await?;
        if !taken {
            return Ok(None);
        }
        if let Some(here) = &present {
            here.turn.store(until, Ordering::Release);
        }
    }
    let here = match present {
        Some(here) if is_on_line(platform, bridge, &here) => here,
        _ => match connect(platform, bridge, &runs, now + TURN).await? {
            Some(here) => here,
            None => return Ok(None),
        },
    };
    beat(platform, bridge, &here, &runs);
    Ok(Some(here))
}

fn is_on_line(platform: &Platform, bridge: &bridge::Model, here: &Here) -> bool {
    let connection = platform.links.look(bridge.robot_id, |linked| linked.connection);
    here.session().is_some_and(|session| Some(session.connection) == connection)
}

/// Puts the bridge's robot on line here.
async fn connect(platform: &Platform, bridge: &bridge::Model, runs: &[Run], turn: i64) -> Result<Option<Arc<Here>>> {
    let robot = robots::find(&platform.store, &Scope::All, bridge.robot_id).await?;
    let Some(robot) = robot.filter(|robot| robot.deleted_at.is_none()) else { return Ok(None) };
    let phase = |run: &Run| match run.phase.as_str() {
        "accepted" => HeldPhase::Accepted,
        _ => HeldPhase::Running,
    };
    let held = runs.iter().map(|run| HeldTask { task_id: run.task_id, fence: run.fence, phase: phase(run) });
    let hello = Hello {
        protocol: baigong_protocol::PROTOCOL_VERSION,
        agent_version: "bridge".into(),
        incarnation: format!("bridge-{}-{}", bridge.id, platform.node_id),
        capacity: AT_ONCE,
        install_path: bridge.url.clone(),
        installed_at: bridge.created_at,
        host: HostInfo { machine_name: bridge.name.clone(), ip: String::new(), system: bridge.kind.clone() },
        held: held.collect(),
    };
    let here = Arc::new(Here::new(turn));
    let session = robot_sessions::connect(platform, &robot, &hello, here.clone()).await?;
    *here.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
    platform.bridges.put(bridge.id, here.clone());
    Ok(Some(here))
}

/// The sign of life: what is held goes on there whether or not it can be seen; new tasks come only while the other side
/// answers.
fn beat(platform: &Platform, bridge: &bridge::Model, here: &Here, runs: &[Run]) {
    let held: Vec<TaskRef> = runs.iter().map(|run| TaskRef { task_id: run.task_id, fence: run.fence }).collect();
    let free = AT_ONCE.saturating_sub(u32::try_from(held.len()).unwrap_or(AT_ONCE));
    let declines = match bridge.is_active {
        false => Some(declines(bridge, Some("it is switched off"))),
        true => (bridge.state != "reachable").then(|| declines(bridge, bridge.detail.as_deref())),
    };
    let heartbeat = Heartbeat {
        sequence: here.sequence.fetch_add(1, Ordering::Relaxed).unsigned_abs(),
        held,
        free_slots: if declines.is_some() { 0 } else { free },
        paused: Vec::new(),
        declines,
    };
    robot_sessions::heartbeat(platform, bridge.robot_id, &heartbeat);
}

/// Why a bridge takes no tasks.
pub(super) fn declines(bridge: &bridge::Model, detail: Option<&str>) -> String {
    format!("bridge {}: {}", bridge.name, detail.unwrap_or("the other side has not been reached yet"))
}

async fn let_go(platform: &Platform, bridge: BridgeId) -> Result<()> {
    let Some(here) = platform.bridges.remove(bridge) else { return Ok(()) };
    here.is_gone.store(true, Ordering::Release);
    match here.session() {
        Some(session) => robot_sessions::disconnect(platform, session, Parting::InOrder).await,
        None => Ok(()),
    }
}
