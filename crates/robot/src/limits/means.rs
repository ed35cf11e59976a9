//! What this machine can keep of what the robot was told to keep, found out once at the start.

use std::path::{Path, PathBuf};

use super::{
    Isolation, Limits,
    cgroup::{self, Base, Cgroup},
    seal::{Seal, Way},
};
use crate::keeper::Ahead;

/// What keeps a robot's runs within their limits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Means {
    keeper: Option<PathBuf>,
    limits: Limits,
    base: Option<Base>,
    way: Option<Way>,
    missing: Vec<String>,
}

/// What keeps one run within its limits; as it stands by itself, nothing does.
#[derive(Debug, Clone, Default)]
pub struct Confinement {
    /// The program that keepers are made of; without one the agent starts programs itself.
    pub(crate) keeper: Option<PathBuf>,
    /// A keeper that was started already.
    pub(crate) ahead: Ahead,
    /// The limits.
    pub(crate) limits: Limits,
    /// Those of them that the system does not keep: the keeper looks after them.
    pub(crate) watched: Limits,
    /// The run's control groups.
    pub(crate) cgroup: Option<Cgroup>,
    /// What it sees.
    pub(crate) seal: Option<Seal>,
}

impl Confinement {
    /// A keeper made of `program`, and no limits.
    #[must_use]
    pub fn kept_by(program: PathBuf) -> Self {
        Self { keeper: Some(program), ..Self::default() }
    }

    /// The same for a program that builds in `folder`, too.
    pub(crate) fn writing(&self, folder: &Path) -> Self {
        let mut wider = self.clone();
        if let Some(seal) = &mut wider.seal {
            seal.writable.push(folder.to_owned());
        }
        wider
    }
}

impl Means {
    /// Looks at the machine, and only for what is wanted of it.
    pub(crate) fn find(keeper: Option<&Path>, limits: Limits, isolation: Isolation) -> Self {
        let base = limits.need_cgroup().then(cgroup::find).flatten();
        if let Some(base) = &base {
            cgroup::sweep(base);
        }
        let way = (isolation == Isolation::Files).then(Way::find).flatten();
        let mut means = Self { keeper: keeper.map(Path::to_owned), limits, base, way, missing: Vec::new() };
        means.missing = means.what_is_missing(isolation);
        means
    }

    fn what_is_missing(&self, isolation: Isolation) -> Vec<String> {
        let mut missing = Vec::new();
        let wants_keeper = self.limits.need_cgroup() || isolation == Isolation::Files;
        if wants_keeper && self.keeper.is_none() {
            missing
                .push("this robot starts programs without a keeper: no limit but that of the disk is kept".to_owned());
            return missing;
        }
        let kept = self.kept();
        let Limits { memory, cpu, processes, .. } = self.limits;
        for (limit, is_kept, words) in [
            (memory, kept[0], "no control group can be made for memory: it is only looked after"),
            (cpu, kept[1], "no control group can be made for processor time: it is not limited"),
            (processes, kept[2], "no control group can be made for processes: they are only looked after"),
        ] {
            if limit.is_some() && !is_kept {
                missing.push(words.to_owned());
            }
        }
        if isolation == Isolation::Files && self.way.is_none() {
            missing.push("the system has neither Landlock nor bubblewrap: runs see what their user sees".to_owned());
        }
        missing
    }

    /// Whether the system keeps memory, processor time and processes.
    fn kept(&self) -> [bool; 3] {
        self.base.as_ref().map_or([false; 3], Base::keeps)
    }

    /// What the robot was told to keep and this machine does not keep, in words.
    pub(crate) fn missing(&self) -> &[String] {
        &self.missing
    }

    /// What keeps the run called `name`. Of the robot's folder it reads `readable` and writes `writable`.
    pub(crate) fn of_run(
        &self,
        name: &str,
        robot: &Path,
        readable: Vec<PathBuf>,
        writable: Vec<PathBuf>,
    ) -> Confinement {
        let real = |path: PathBuf| path.canonicalize().unwrap_or(path);
        let seal = self.way.map(|way| Seal {
            way,
            hidden: real(robot.to_owned()),
            readable: readable.into_iter().map(real).collect(),
            writable: writable.into_iter().map(real).collect(),
        });
        let [memory, _, processes] = self.kept();
        Confinement {
            keeper: self.keeper.clone(),
            ahead: Ahead::default(),
            limits: self.limits,
            watched: Limits {
                memory: self.limits.memory.filter(|_| !memory),
                processes: self.limits.processes.filter(|_| !processes),
                ..Limits::default()
            },
            cgroup: self
                .base
                .as_ref()
                .filter(|_| self.limits.need_cgroup())
                .map(|base| base.of_run(name, &self.limits)),
            seal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_wanted_is_not_missing_and_what_is_wanted_is_said() {
        assert_eq!(Means::find(None, Limits::default(), Isolation::Off).missing(), [""; 0]);
        let memory = Limits { memory: Some(1 << 30), ..Limits::default() };
        assert_eq!(Means::find(None, memory, Isolation::Off).missing().len(), 1);
        let keeper = Some(Path::new("/proc/self/exe").to_owned());
        let bare = Means { keeper, limits: Limits { cpu: Some(10), ..memory }, ..Means::default() };
        let missing = bare.what_is_missing(Isolation::Files).join("\n");
        for word in ["memory", "processor time", "Landlock"] {
            assert!(missing.contains(word), "{missing}");
        }
        assert!(!missing.contains("processes"), "{missing}");
    }
}
