//! A control group for each run, of either version: made by the run's keeper, which steps in, starts the program there, and
//! steps out again.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{Limits, words_of_memory};

/// The length of the time over which processor time is counted, in microseconds.
const PERIOD: u64 = 100_000;
/// The agent's own group, beside those of its runs.
const AGENT: &str = "baigong-agent";

/// Where control groups can be made on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Base {
    /// The folder of this agent's group in the one tree of version 2.
    Two(PathBuf),
    /// A folder for each kind of limit in the trees of version 1.
    One { memory: Option<PathBuf>, cpu: Option<PathBuf>, processes: Option<PathBuf> },
}

/// The control groups of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cgroup {
    /// The run's folder in each tree, and the folder of the agent's group there.
    folders: Vec<(PathBuf, PathBuf)>,
}

/// What it takes to step out again.
pub(crate) struct Within(Vec<PathBuf>);

/// What can be used here: none where no group can be made.
pub(crate) fn find() -> Option<Base> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let own = fs::read_to_string("/proc/self/cgroup").ok()?;
    version_two(&mounts, &own).or_else(|| version_one(&mounts, &own))
}

/// Where a tree of this kind is mounted, with these controllers among its options.
fn mounted<'m>(mounts: &'m str, kind: &str, controller: Option<&str>) -> Option<&'m str> {
    mounts.lines().find_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (place, its_kind, options) = (fields.next()?, fields.next()?, fields.next()?);
        let has = controller.is_none_or(|name| options.split(',').any(|option| option == name));
        (its_kind == kind && has).then_some(place)
    })
}

/// The path of this process's group in the tree of `controller`; `None` means the one tree of version 2.
fn own_path<'o>(own: &'o str, controller: Option<&str>) -> Option<&'o str> {
    own.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        let is_it = controller.map_or(controllers.is_empty(), |name| controllers.split(',').any(|one| one == name));
        is_it.then_some(path)
    })
}

fn version_two(mounts: &str, own: &str) -> Option<Base> {
    let place = PathBuf::from(mounted(mounts, "cgroup2", None)?);
    let folder = place.join(own_path(own, None)?.trim_start_matches('/'));
    // An earlier start of this process has moved into it already.
    let folder = if folder.ends_with(AGENT) { folder.parent()?.to_owned() } else { folder };
    let given = fs::read_to_string(folder.join("cgroup.controllers")).ok()?;
    if !["cpu", "memory", "pids"].iter().all(|name| given.split_whitespace().any(|one| one == *name)) {
        return None;
    }
    // A group whose controllers are handed on may hold no process itself: the agent moves into one of its own.
    let switch = folder.join("cgroup.subtree_control");
    let is_on =
        |text: String| ["cpu", "memory", "pids"].iter().all(|name| text.split_whitespace().any(|it| it == *name));
    if !fs::read_to_string(&switch).is_ok_and(is_on) {
        let agent = folder.join(AGENT);
        fs::create_dir_all(&agent).ok()?;
        fs::write(agent.join("cgroup.procs"), "0").ok()?;
        fs::write(&switch, "+cpu +memory +pids").ok()?;
    }
    is_ours(&folder).then_some(Base::Two(folder))
}

fn version_one(mounts: &str, own: &str) -> Option<Base> {
    let folder = |controller: &str| {
        let place = PathBuf::from(mounted(mounts, "cgroup", Some(controller))?);
        let folder = place.join(own_path(own, Some(controller))?.trim_start_matches('/'));
        // In a container the path may be the one outside of it.
        [folder, place].into_iter().find(|folder| is_ours(folder))
    };
    let (memory, cpu, processes) = (folder("memory"), folder("cpu"), folder("pids"));
    let any = memory.is_some() || cpu.is_some() || processes.is_some();
    any.then_some(Base::One { memory, cpu, processes })
}

/// Whether groups can be made below it.
fn is_ours(folder: &Path) -> bool {
    let probe = folder.join(format!("baigong-probe-{}", std::process::id()));
    fs::create_dir(&probe).and_then(|()| fs::remove_dir(&probe)).is_ok()
}

impl Base {
    /// Which of the limits it keeps: memory, processor time, processes.
    pub(super) fn keeps(&self) -> [bool; 3] {
        match self {
            Self::Two(_) => [true; 3],
            Self::One { memory, cpu, processes } => [memory.is_some(), cpu.is_some(), processes.is_some()],
        }
    }

    /// The groups of the run called `name`, not made yet.
    pub(super) fn of_run(&self, name: &str, limits: &Limits) -> Cgroup {
        let wanted = |folder: &Option<PathBuf>, limit: Option<u64>| limit.and_then(|_| folder.clone());
        let bases = match self {
            Self::Two(folder) => vec![folder.clone()],
            Self::One { memory, cpu, processes } => {
                let wanted =
                    [wanted(memory, limits.memory), wanted(cpu, limits.cpu), wanted(processes, limits.processes)];
                wanted.into_iter().flatten().collect()
            }
        };
        let name = format!("baigong-run-{name}");
        Cgroup { folders: bases.into_iter().map(|base| (base.join(&name), base)).collect() }
    }
}

/// Makes the groups, sets their limits, and steps in: what this process starts now is in them.
pub(crate) fn enter(cgroup: Option<&Cgroup>, limits: &Limits) -> io::Result<Within> {
    let mut within = Within(Vec::new());
    for (folder, base) in cgroup.iter().flat_map(|cgroup| &cgroup.folders) {
        fs::create_dir_all(folder)?;
        for (file, value) in settings(limits) {
            let file = folder.join(file);
            // Each version, and each tree of version 1, has files of its own.
            if file.exists() {
                fs::write(file, value)?;
            }
        }
        let here = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        fs::write(folder.join("cgroup.procs"), "0")?;
        within.0.push(back_to(&here, folder).unwrap_or_else(|| base.clone()));
    }
    Ok(within)
}

/// The folder of the group that this process was in, in the tree that `folder` is in.
fn back_to(own: &str, folder: &Path) -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let place = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (place, kind, options) = (fields.next()?, fields.next()?, fields.next()?);
        let controller = ["memory", "cpu", "pids"].into_iter().find(|name| options.split(',').any(|it| it == *name));
        (kind.starts_with("cgroup") && folder.starts_with(place)).then_some((place, controller))
    });
    let (place, controller) = place.max_by_key(|(place, _)| place.len())?;
    let back = Path::new(place).join(own_path(own, controller)?.trim_start_matches('/'));
    back.join("cgroup.procs").exists().then_some(back)
}

fn settings(limits: &Limits) -> Vec<(&'static str, String)> {
    let mut settings = Vec::new();
    if let Some(memory) = limits.memory {
        settings.extend([
            ("memory.max", memory.to_string()),
            ("memory.swap.max", "0".to_owned()),
            ("memory.oom.group", "1".to_owned()),
            ("memory.limit_in_bytes", memory.to_string()),
        ]);
    }
    if let Some(cpu) = limits.cpu {
        let quota = (PERIOD * cpu / 100).max(1000);
        settings.extend([
            ("cpu.max", format!("{quota} {PERIOD}")),
            ("cpu.cfs_period_us", PERIOD.to_string()),
            ("cpu.cfs_quota_us", quota.to_string()),
        ]);
    }
    settings.extend(limits.processes.map(|processes| ("pids.max", processes.to_string())));
    settings
}

/// This process goes back to where it was.
pub(crate) fn step_out(within: &Within) -> io::Result<()> {
    within.0.iter().try_for_each(|folder| fs::write(folder.join("cgroup.procs"), "0"))
}

/// The limit that the run ran into, in words, if the system counts that it did.
pub(crate) fn what_was_hit(cgroup: Option<&Cgroup>, limits: &Limits) -> Option<String> {
    let counted = |file: &str, word: &str| {
        let folders = cgroup.into_iter().flat_map(|cgroup| &cgroup.folders);
        folders.filter_map(|(folder, _)| fs::read_to_string(folder.join(file)).ok()).any(|text| {
            let counts = text.lines().filter_map(|line| line.split_once(' '));
            counts.into_iter().any(|(name, count)| name == word && count.trim() != "0")
        })
    };
    if let Some(most) = limits.memory
        && (counted("memory.events", "oom_kill") || counted("memory.oom_control", "oom_kill"))
    {
        return Some(words_of_memory(most));
    }
    let processes = limits.processes.filter(|_| counted("pids.events", "max"));
    processes.map(|most| format!("the run may have {most} processes and threads, and wanted more"))
}

/// Removes the groups of a run of which nothing is left.
pub(crate) fn leave(cgroup: Option<&Cgroup>) -> io::Result<()> {
    for (folder, _) in cgroup.iter().flat_map(|cgroup| &cgroup.folders) {
        // One that is busy for a moment longer is swept at the agent's next start.
        match fs::remove_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) if error.raw_os_error() == Some(16) => {}
            removed => removed?,
        }
    }
    Ok(())
}

/// Removes groups that runs of an agent that is gone have left; those that something still runs in stay.
pub(super) fn sweep(base: &Base) {
    let folders = match base {
        Base::Two(folder) => vec![folder],
        Base::One { memory, cpu, processes } => [memory, cpu, processes].into_iter().flatten().collect(),
    };
    for entry in folders.into_iter().flat_map(fs::read_dir).flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with("baigong-run-") {
            let _busy = fs::remove_dir(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_and_groups_are_found_in_what_the_system_prints() {
        let mounts = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/cpu cgroup rw,cpu,cpuacct 0 0\n\
            cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
        assert_eq!(mounted(mounts, "cgroup", Some("cpu")), Some("/sys/fs/cgroup/cpu"));
        assert_eq!(mounted(mounts, "cgroup", Some("pids")), None);
        assert_eq!(mounted(mounts, "cgroup2", None), Some("/sys/fs/cgroup/unified"));
        let own = "8:pids:/\n4:cpu,cpuacct:/system.slice/a:b\n0::/user.slice\n";
        assert_eq!(own_path(own, Some("cpu")), Some("/system.slice/a:b"));
        assert_eq!(own_path(own, None), Some("/user.slice"));
        assert_eq!(own_path(own, Some("memory")), None);
    }

    #[test]
    fn a_run_has_a_group_for_each_limit_it_has() {
        let path = |text: &str| Some(PathBuf::from(text));
        let base = Base::One { memory: path("/m"), cpu: None, processes: path("/p") };
        assert_eq!(base.keeps(), [true, false, true]);
        let limits = Limits { memory: Some(1 << 30), cpu: Some(50), ..Limits::default() };
        let folders = base.of_run("x", &limits).folders;
        assert_eq!(folders, [("/m/baigong-run-x".into(), "/m".into())]);
        assert!(settings(&limits).contains(&("cpu.max", "50000 100000".to_owned())));
    }
}
