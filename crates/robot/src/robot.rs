//! What the parts of a running agent share.

use std::{
    collections::{BTreeSet, HashSet},
    io,
    sync::{Arc, Mutex, PoisonError},
};

use baigong_protocol::{Held, HeldPhase, TaskRef, sealing::RobotKey};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    Options,
    calls::Calls,
    crew::Crew,
    data_folder::DataFolder,
    desk::Desk,
    journal::{Entry, HeldTask, Journal, JournalWriter, Stage},
    lease::Lease,
    link::Link,
    packages::Packages,
    spool::{Spool, keep_only},
    transfer::Transfer,
};

/// A running agent's parts.
pub(crate) struct Robot {
    pub(crate) options: Options,
    pub(crate) folder: DataFolder,
    pub(crate) journal: Journal,
    pub(crate) link: Arc<Link>,
    pub(crate) lease: Lease,
    pub(crate) calls: Arc<Calls>,
    /// What secrets are sealed to: made at the start, never stored.
    pub(crate) key: Arc<RobotKey>,
    pub(crate) spool: Spool,
    pub(crate) packages: Packages,
    pub(crate) transfer: Arc<Transfer>,
    pub(crate) desk: Desk,
    pub(crate) crew: Crew,
    /// The agent stops: nothing is started any more.
    pub(crate) stopping: CancellationToken,
    /// What still runs is stopped now.
    pub(crate) halt: CancellationToken,
    /// The connection is to be closed for good.
    pub(crate) hang_up: CancellationToken,
    /// Why there is no connection, for the operator.
    pub(crate) trouble: Mutex<String>,
}

impl Robot {
    /// Opens the data folder and puts the parts together. Nothing runs yet.
    pub(crate) fn open(options: Options) -> io::Result<(Arc<Self>, JournalWriter)> {
        let base = http_address(&options.platform_url)?;
        let folder = DataFolder::open(&options.data_folder, &options.secret, &*options.clock, &*options.random)?;
        let (journal, writer) = Journal::open(&folder.journal(), folder.same_platform)?;
        let (held, dropped) = journal.look(|ledger| {
            let held: HashSet<TaskRef> = ledger.held().map(|(task, _)| *task).collect();
            let never_started = ledger.held().filter(|(_, held)| held.stage == Stage::Accepted);
            (held, never_started.map(|(task, _)| *task).collect::<BTreeSet<_>>())
        });
        let spool = Spool::open(&folder.spool(), options.spool_limit, &held, Arc::clone(&options.clock))?;
        keep_only(&folder.work(), &held)?;
        let transfer = Arc::new(Transfer::new(base, options.secret.clone()));
        let packages = Packages::open(
            &folder.packages(),
            options.package_limit,
            Arc::clone(&transfer),
            Arc::clone(&options.random),
            options.timing,
        )?;
        let robot = Self {
            folder,
            journal,
            link: Arc::new(Link::new()),
            lease: Lease::new(Arc::clone(&options.uptime)),
            calls: Arc::default(),
            key: Arc::new(RobotKey::generate(&*options.random)),
            spool,
            packages,
            transfer,
            desk: Desk::new(dropped),
            crew: Crew::new(),
            stopping: CancellationToken::new(),
            halt: CancellationToken::new(),
            hang_up: CancellationToken::new(),
            trouble: Mutex::new("not connected yet".to_owned()),
            options,
        };
        Ok((Arc::new(robot), writer))
    }

    /// The tasks an earlier run of the agent began and did not see acknowledged.
    pub(crate) fn unfinished(&self) -> Vec<HeldTask> {
        let begun = |held: &&HeldTask| held.stage != Stage::Accepted;
        self.journal.look(|ledger| ledger.held().map(|(_, held)| held).filter(begun).cloned().collect())
    }

    /// The platform knows that these tasks were dropped: they are over.
    pub(crate) async fn dropped_are_known(&self, dropped: Vec<TaskRef>) {
        for task in dropped {
            // When it cannot be written, the next start says it again.
            if self.journal.append(Entry::Ended { task }).await.is_ok() {
                self.desk.dropped_is_known(task);
            }
        }
    }

    /// The dropped tasks that the next `Hello` tells of.
    pub(crate) fn dropped(&self) -> Vec<TaskRef> {
        let dropped = self.desk.held().into_iter().filter(|held| held.phase == HeldPhase::Dropped);
        dropped.map(|held| TaskRef { task_id: held.task_id, fence: held.fence }).collect()
    }

    /// Whether this lease was taken on and never started, and never will be.
    pub(crate) fn never_ran(&self, task: TaskRef) -> bool {
        let found = |held: &Held| held.task_id == task.task_id && held.fence == task.fence;
        self.desk.held().iter().any(|held| found(held) && held.phase == HeldPhase::Dropped)
            || self.journal.look(|ledger| ledger.has_ended(task))
    }

    /// Notes why there is no connection.
    pub(crate) fn set_trouble(&self, trouble: &str) {
        trouble.clone_into(&mut self.trouble.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Bytes free on the disk of the data folder; none when the system does not tell.
    pub(crate) fn free_disk(&self) -> Option<u64> {
        #[cfg(unix)]
        return rustix::fs::statvfs(self.folder.path()).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        #[cfg(not(unix))]
        None
    }

    /// How many more tasks it would take now.
    pub(crate) fn free_slots(&self) -> u32 {
        if self.cannot_start().is_some() { 0 } else { self.desk.free_slots() }
    }

    /// Why no task may be started on this machine now.
    pub(crate) fn cannot_start(&self) -> Option<String> {
        if !self.journal.is_writable() {
            return Some("the robot cannot write its journal".to_owned());
        }
        let least = self.options.min_free_disk;
        let free = self.free_disk().filter(|free| *free < least)?;
        Some(format!("the robot's disk has {} MiB left, {} are needed", free >> 20, least >> 20))
    }
}

/// The address as `http` or `https`.
fn http_address(text: &str) -> io::Result<Url> {
    let wrong = |what: String| io::Error::new(io::ErrorKind::InvalidInput, format!("the platform's address {what}"));
    let mut url = Url::parse(text).map_err(|error| wrong(format!("\"{text}\" is not one: {error}")))?;
    let scheme = match url.scheme() {
        "http" | "ws" => "http",
        "https" | "wss" => "https",
        other => return Err(wrong(format!("must begin with http:// or https://, not {other}://"))),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must not hold a name or password: the robot shows itself by its secret".to_owned()));
    }
    // "http" and "https" can stand for each other and for "ws" and "wss" in every address with a host.
    let text = format!("{scheme}{}", &url.as_str()[url.scheme().len()..]);
    url = Url::parse(&text).map_err(|error| wrong(format!("\"{text}\" is not one: {error}")))?;
    url.host_str().is_some().then_some(url).ok_or_else(|| wrong("names no host".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_web_are_taken_and_others_are_not() {
        for (given, meant) in [
            ("http://127.0.0.1:8600", "http://127.0.0.1:8600/"),
            ("ws://h:1/base", "http://h:1/base"),
            ("wss://platform.example", "https://platform.example/"),
        ] {
            assert_eq!(http_address(given).unwrap().as_str(), meant);
        }
        for wrong in ["platform", "ftp://h/", "http://", "http://user:pw@h/"] {
            let error = http_address(wrong).unwrap_err().to_string();
            assert!(!error.contains("pw@"), "{error}");
        }
    }
}
