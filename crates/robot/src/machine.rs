//! What the machine is doing, read now and then and told to the platform. Nobody waits for it: it is lost with the
//! connection, and a machine whose disks do not answer is told of without them.

use std::{collections::HashSet, sync::Arc, time::Duration};

use baigong_protocol::{Disk, FromRobot, MAX_DISKS, MachineReading, Space};
use sysinfo::{CpuRefreshKind, DiskRefreshKind, Disks, MemoryRefreshKind, RefreshKind, System};

use crate::{robot::Robot, timer};

/// How often it is told.
const EVERY: Duration = Duration::from_secs(60);
/// Between two looks at the processors.
const BETWEEN: Duration = Duration::from_millis(250);
/// How long the machine may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tells the platform after each welcome and then once a minute.
pub(crate) async fn keep_telling(robot: Arc<Robot>) {
    let (mut connections, mut seen) = (robot.link.connections(), 0);
    let mut reader = Some(Reader::new());
    loop {
        tokio::select! {
            newer = connections.newer_than(seen) => seen = newer,
            () = timer::after(EVERY) => {}
        }
        // One that has not come back yet is still waiting for a disk: nothing is read meanwhile.
        let Some(mut at_work) = reader.take() else { continue };
        let reading = tokio::task::spawn_blocking(move || {
            let reading = at_work.read();
            (at_work, reading)
        });
        let read = tokio::select! { read = reading => read.ok(), () = timer::after(PATIENCE) => None };
        match read {
            Some((again, reading)) => {
                reader = Some(again);
                robot.link.offer(&FromRobot::Machine(reading));
            }
            None => tracing::warn!("the machine does not say what it is doing: the platform is told no more of it"),
        }
    }
}

/// What the machine is doing now. That takes a moment: how busy it is is known only between two looks.
pub(crate) async fn read_now() -> Option<MachineReading> {
    let first = tokio::task::spawn_blocking(|| {
        let mut reader = Reader::new();
        reader.read();
        reader
    });
    let mut reader = tokio::time::timeout(PATIENCE, first).await.ok()?.ok()?;
    timer::after(BETWEEN).await;
    let second = tokio::task::spawn_blocking(move || reader.read());
    tokio::time::timeout(PATIENCE, second).await.ok()?.ok()
}

/// The address by which this machine is reached from others, as its own routes tell; nothing is sent.
pub(crate) fn address() -> String {
    let asked = std::net::UdpSocket::bind(("0.0.0.0", 0)).and_then(|socket| {
        // An address for documentation: only the way there is looked up.
        socket.connect(("192.0.2.1", 9))?;
        socket.local_addr()
    });
    asked.map_or_else(|_| "127.0.0.1".to_owned(), |address| address.ip().to_string())
}

/// The operating system in words.
pub(crate) fn system() -> String {
    [System::long_os_version().ok(), Some(System::cpu_arch())].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Reads the machine. How busy the processors are is known from the second reading on.
struct Reader {
    /// None where this system cannot be read.
    system: Option<System>,
    is_first: bool,
}

impl Reader {
    fn new() -> Self {
        let kind = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing().with_usage())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        Self { system: System::new_with_specifics(kind).ok(), is_first: true }
    }

    fn read(&mut self) -> MachineReading {
        let Some(system) = &mut self.system else {
            return MachineReading { cpu_permille: None, memory: None, disks: disks() };
        };
        system.refresh_cpu_usage();
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let is_first = std::mem::take(&mut self.is_first);
        let total = system.total_memory();
        let memory = Space { total, used: system.used_memory().min(total) };
        MachineReading {
            cpu_permille: (!is_first).then(|| permille(system.global_cpu_usage())),
            memory: (total > 0).then_some(memory),
            disks: disks(),
        }
    }
}

/// Percent as the system gives them, in thousandths.
fn permille(percent: f32) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 1000")]
    let permille = (percent * 10.0).round().clamp(0.0, 1000.0) as u32;
    permille
}

/// Each disk once, however often it is mounted.
fn disks() -> Vec<Disk> {
    let mut known = HashSet::new();
    let Ok(disks) = Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing().with_storage()) else {
        return Vec::new();
    };
    let own = disks.iter().filter(|disk| disk.total_space() > 0 && known.insert(disk.name().to_owned()));
    let told = own.map(|disk| {
        let total = disk.total_space();
        let space = Space { total, used: total.saturating_sub(disk.available_space()) };
        Disk { name: disk.mount_point().display().to_string(), space }
    });
    told.take(MAX_DISKS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_read() {
        let mut reader = Reader::new();
        let first = reader.read();
        assert_eq!(first.cpu_permille, None, "how busy it is is only known between two readings");
        let second = reader.read();
        assert!(second.cpu_permille.is_some_and(|permille| permille <= 1000));
        let memory = second.memory.expect("every machine has memory");
        assert!(memory.total >= memory.used && memory.used > 0);
        assert!(second.disks.len() <= MAX_DISKS);
        assert!(second.disks.iter().all(|disk| disk.space.total >= disk.space.used));
    }

    #[test]
    fn percents_become_thousandths() {
        assert_eq!([0.0, 37.54, 100.0, 250.0, f32::NAN].map(permille), [0, 375, 1000, 1000, 0]);
    }
}
