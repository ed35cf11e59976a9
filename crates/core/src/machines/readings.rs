//! What machines are doing, as their robots say: in memory, and written down now and then so that other nodes can tell.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use baigong_model::{
    Error, Result,
    ids::{MachineId, RobotId},
};
use baigong_protocol::{Hello, MAX_DISKS, MachineReading};
use baigong_store::{
    entity::robot,
    machine_readings::{self as rows, Reading as Stored},
};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};

use crate::{Platform, robot_sessions::storable};

/// The longest text of a robot that is kept, in letters.
const MAX_TEXT: usize = 200;

/// What a robot said of its machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Reading {
    /// When it was read.
    pub at: i64,
    /// The machine's own name.
    pub host_name: String,
    /// Its address.
    pub ip: String,
    /// Its operating system.
    pub system: String,
    /// What it is doing.
    pub doing: MachineReading,
}

/// The machines whose robots are, or were, connected here.
#[derive(Default)]
pub(crate) struct Readings(Mutex<Known>);

#[derive(Default)]
struct Known {
    machines: HashMap<RobotId, MachineId>,
    readings: HashMap<MachineId, (RobotId, Reading)>,
    /// Heard since they were written down.
    changed: HashSet<MachineId>,
}

impl Readings {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, machine: MachineId) -> Option<Reading> {
        self.known().readings.get(&machine).map(|(_, reading)| reading.clone())
    }
}

/// A robot has connected: what it says of its machine counts from now on.
pub(crate) fn greeted(platform: &Platform, robot: &robot::Model, hello: &Hello) {
    let short = |text: &str| storable(text).chars().take(MAX_TEXT).collect::<String>();
    let mut known = platform.readings.known();
    known.machines.insert(robot.id, robot.machine_id);
    let (by, reading) = known.readings.entry(robot.machine_id).or_default();
    *by = robot.id;
    reading.at = platform.now();
    reading.host_name = short(&hello.host.machine_name);
    reading.ip = short(&hello.host.ip);
    reading.system = short(&hello.host.system);
    known.changed.insert(robot.machine_id);
}

/// A connected robot says what its machine is doing.
pub fn heard(platform: &Platform, robot: RobotId, mut doing: MachineReading) {
    doing.disks.truncate(MAX_DISKS);
    for disk in &mut doing.disks {
        disk.name = storable(&disk.name).chars().take(MAX_TEXT).collect();
    }
    let now = platform.now();
    let mut known = platform.readings.known();
    let Some(machine) = known.machines.get(&robot).copied() else { return };
    let (by, reading) = known.readings.entry(machine).or_default();
    *by = robot;
    // The first reading of another robot does not know yet how busy the processors are.
    doing.cpu_permille = doing.cpu_permille.or(reading.doing.cpu_permille);
    (reading.at, reading.doing) = (now, doing);
    known.changed.insert(machine);
}

/// Writes down what was heard since the last time. Answers how many machines.
pub async fn keep_readings(platform: &Platform) -> Result<usize> {
    let mut stored = Vec::new();
    {
        let mut known = platform.readings.known();
        for machine_id in std::mem::take(&mut known.changed) {
            let Some((robot_id, reading)) = known.readings.get(&machine_id) else { continue };
            let text = serde_json::to_string(reading).map_err(Error::internal)?;
            stored.push(Stored { machine_id, robot_id: *robot_id, read_at: reading.at, reading: text });
        }
    }
    if stored.is_empty() {
        return Ok(0);
    }
    // Two nodes that write the same machines take them in the same order.
    stored.sort_unstable_by_key(|it| it.machine_id);
    let count = stored.len();
    let again: Vec<MachineId> = stored.iter().map(|it| it.machine_id).collect();
    let written = platform.store.write(move |tx| async move { rows::keep(tx, &stored).await }.boxed()).await;
    if written.is_err() {
        platform.readings.known().changed.extend(again);
    }
    written.map(|()| count)
}

/// The last that was heard of a machine, here or on another node.
pub(super) async fn last(platform: &Platform, machine: MachineId) -> Result<Option<Reading>> {
    let here = platform.readings.of(machine);
    let stored = rows::of(&platform.store, machine).await?;
    let stored = stored.and_then(|it| serde_json::from_str::<Reading>(&it.reading).ok());
    Ok(here.into_iter().chain(stored).max_by_key(|reading| reading.at))
}
