//! What a run sees of the machine's files: it writes only where a run may write, and of the robot's own folder, with its
//! journal, its secrets and the other tasks, it sees its own part only. By Landlock, which the kernel keeps without further
//! means, or else by bubblewrap.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use landlock::{
    ABI, Access, AccessFs, Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetStatus, path_beneath_rules,
};
use serde::{Deserialize, Serialize};

/// The version of Landlock that is asked for; an older kernel keeps what it can.
const LANDLOCK: ABI = ABI::V5;
/// Everybody writes here.
const COMMON: [&str; 3] = ["/dev", "/tmp", "/var/tmp"];

/// How a run is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seal {
    pub(super) way: Way,
    /// The robot's folder, of which nothing is seen but what is named.
    pub(super) hidden: PathBuf,
    /// What of it may be read.
    pub(super) readable: Vec<PathBuf>,
    /// What may be written.
    pub(super) writable: Vec<PathBuf>,
}

/// The means that seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Way {
    Landlock,
    Bubblewrap,
}

impl Way {
    /// The means of this machine.
    pub(super) fn find() -> Option<Self> {
        if has_landlock() {
            return Some(Self::Landlock);
        }
        let tried = std::process::Command::new("bwrap")
            .args(["--dev-bind", "/", "/", "true"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status();
        tried.is_ok_and(|status| status.success()).then_some(Self::Bubblewrap)
    }
}

/// Asked by a thread that ends afterwards: a seal cannot be taken off.
fn has_landlock() -> bool {
    let tried = std::thread::spawn(|| {
        let set = Ruleset::default().handle_access(AccessFs::MakeSock).and_then(Ruleset::create);
        set.and_then(RulesetCreated::restrict_self).is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
    });
    tried.join().unwrap_or(false)
}

/// Closes this thread, and so what it starts.
pub(crate) fn close(seal: Option<&Seal>) -> io::Result<()> {
    let Some(seal) = seal.filter(|seal| seal.way == Way::Landlock) else { return Ok(()) };
    let closed = || {
        let (read, all) = (AccessFs::from_read(LANDLOCK), AccessFs::from_all(LANDLOCK));
        let set = Ruleset::default().handle_access(all)?.create()?;
        let visible = beside(&seal.hidden).into_iter().chain(seal.readable.iter().cloned());
        let set = set.add_rules(path_beneath_rules(visible, read))?;
        let common = COMMON.into_iter().flat_map(|place| without(Path::new(place), &seal.hidden));
        let set = set.add_rules(path_beneath_rules(common.chain(seal.writable.iter().cloned()), all))?;
        set.restrict_self()
    };
    let status = closed().map_err(|error: landlock::RulesetError| io::Error::other(error.to_string()))?;
    match status.ruleset {
        RulesetStatus::NotEnforced => Err(io::Error::other("the system does not keep the seal")),
        _ => Ok(()),
    }
}

/// The place, or what lies in it beside the way to `hidden` where that lies below it: a right to a folder reaches to all below.
fn without(place: &Path, hidden: &Path) -> Vec<PathBuf> {
    if !hidden.starts_with(place) {
        return vec![place.to_owned()];
    }
    beside(hidden).into_iter().filter(|path| path.starts_with(place)).collect()
}

/// Everything that does not lie below `hidden`: what stands beside it, and beside each folder above it.
fn beside(hidden: &Path) -> Vec<PathBuf> {
    let mut beside = Vec::new();
    for (above, next) in hidden.ancestors().skip(1).zip(hidden.ancestors()) {
        let entries = fs::read_dir(above).into_iter().flatten().flatten().map(|entry| entry.path());
        beside.extend(entries.filter(|entry| entry != next && !entry.is_symlink()));
    }
    beside
}

/// The command as it is started: within bubblewrap where that seals.
pub(crate) fn sealed_command(seal: Option<&Seal>, command: &[String]) -> Vec<String> {
    let Some(seal) = seal.filter(|seal| seal.way == Way::Bubblewrap) else { return command.to_vec() };
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let mut words: Vec<String> =
        ["bwrap", "--die-with-parent", "--ro-bind", "/", "/", "--dev-bind", "/dev", "/dev"].map(str::to_owned).into();
    for place in ["/tmp", "/var/tmp"] {
        words.extend(["--bind".to_owned(), place.to_owned(), place.to_owned()]);
    }
    words.extend(["--proc".to_owned(), "/proc".to_owned(), "--tmpfs".to_owned(), text(&seal.hidden)]);
    let binds = seal.readable.iter().map(|path| ("--ro-bind", path));
    for (bind, path) in binds.chain(seal.writable.iter().map(|path| ("--bind", path))) {
        words.extend([bind.to_owned(), text(path), text(path)]);
    }
    words.push("--".to_owned());
    words.extend(command.iter().cloned());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_but_the_hidden_folder_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let hidden = folder.path().join("a/robot");
        for place in ["a/robot/work", "a/other", "b"] {
            fs::create_dir_all(folder.path().join(place)).unwrap();
        }
        let seen = beside(&hidden);
        assert!(seen.contains(&folder.path().join("a/other")) && seen.contains(&folder.path().join("b")));
        assert!(seen.contains(&PathBuf::from("/proc")) && seen.contains(&PathBuf::from("/usr")));
        assert!(!seen.iter().any(|path| hidden.starts_with(path) || path.starts_with(&hidden)), "{seen:?}");
        let below = without(folder.path(), &hidden);
        assert_eq!(below.len(), 2, "{below:?}");
        assert_eq!(without(Path::new("/dev"), &hidden), [PathBuf::from("/dev")]);
    }

    #[test]
    fn a_command_is_wrapped_only_where_that_seals() {
        let command = ["sh".to_owned(), "-c".to_owned()];
        let seal =
            |way| Seal { way, hidden: "/r".into(), readable: vec!["/r/p".into()], writable: vec!["/r/w".into()] };
        assert_eq!(sealed_command(None, &command), command);
        assert_eq!(sealed_command(Some(&seal(Way::Landlock)), &command), command);
        let wrapped = sealed_command(Some(&seal(Way::Bubblewrap)), &command).join(" ");
        assert!(wrapped.ends_with("--tmpfs /r --ro-bind /r/p /r/p --bind /r/w /r/w -- sh -c"), "{wrapped}");
    }
}
