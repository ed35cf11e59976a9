//! What the parts of a running agent share.

use std::{
    collections::{BTreeSet, HashSet},
    io,
    sync::{Arc, Mutex, PoisonError},
};

use baigong_protocol::{Held, HeldPhase, RobotSecret, TaskRef, sealing::RobotKey};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    AgentExit, Options,
    calls::Calls,
    crew::Crew,
    data_folder::DataFolder,
    desk::Desk,
    journal::{Entry, HeldTask, Journal, JournalWriter, Stage},
    lease::Lease,
    limits::Means,
    link::Link,
    live_view::LiveViews,
    operations::OperationBook,
    own::{self, Own, is_own},
    packages::Packages,
    recording::{Recordings, Register},
    runner::{Environments, readable_environment},
    spool::{Spool, keep_only},
    transfer::Transfer,
    triggers::Bell,
};

/// A running agent's parts.
pub(crate) struct Robot {
    pub(crate) options: Options,
    pub(crate) folder: DataFolder,
    pub(crate) journal: Journal,
    pub(crate) link: Arc<Link>,
    /// When the agent started.
    pub(crate) started_at: i64,
    /// What it keeps and decides by itself.
    pub(crate) own: Own,
    pub(crate) lease: Lease,
    pub(crate) calls: Arc<Calls>,
    /// What secrets are sealed to: made at the start, never stored.
    pub(crate) key: Arc<RobotKey>,
    pub(crate) spool: Spool,
    pub(crate) packages: Packages,
    pub(crate) environments: Environments,
    /// The screen, and the recordings of it.
    pub(crate) recordings: Recordings,
    pub(crate) live_views: LiveViews,
    pub(crate) transfer: Arc<Transfer>,
    pub(crate) desk: Desk,
    pub(crate) crew: Crew,
    /// What keeps runs within their limits here.
    pub(crate) means: Means,
    /// What the robot was asked to do with itself.
    pub(crate) operations: OperationBook,
    /// Rings when the robot's triggers have changed.
    pub(crate) bell: Bell,
    /// Rings when one of them has fired, and when the platform knows.
    pub(crate) untold: Bell,
    /// How far this machine's clock was ahead of the platform's at the last greeting, in milliseconds.
    pub(crate) skew: Mutex<Option<i64>>,
    /// What the agent is to be ended for, from inside.
    pub(crate) wish: watch::Sender<Option<AgentExit>>,
    /// This start has proved itself.
    pub(crate) well: CancellationToken,
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
        let at = platform_of(&options)?;
        let folder =
            DataFolder::open(&options.data_folder, options.secret.as_ref(), &*options.clock, &*options.random)?;
        std::fs::create_dir_all(folder.zips())?;
        // Whoever opens a robot does so on a thread that may wait.
        let own = Handle::current().block_on(Own::open(&folder, &options))?;
        let (journal, writer) = Journal::open(&folder.journal(), folder.same_platform)?;
        let (held, dropped) = journal.look(|ledger| {
            let held: HashSet<TaskRef> = ledger.held().map(|(task, _)| *task).collect();
            let never_started = ledger.held().filter(|(task, held)| held.stage == Stage::Accepted && !is_own(**task));
            (held, never_started.map(|(task, _)| *task).collect::<BTreeSet<_>>())
        });
        let spool = Spool::open(&folder.spool(), options.spool_limit, &held, Arc::clone(&options.clock))?;
        keep_only(&folder.work(), &held)?;
        let at_id = at.as_ref().map(|(_, secret)| secret.robot_id());
        let transfer = Arc::new(Transfer::new(at));
        let packages = Packages::open(
            (&folder.packages(), &folder.zips()),
            options.package_limit,
            Arc::clone(&transfer),
            Arc::clone(&options.random),
            options.timing,
        )?;
        let means = Means::find(options.keeper.as_deref(), options.limits, options.isolation);
        let operations = OperationBook::open(folder.path())?;
        let environments = Environments::new(folder.environments(), options.environments, readable_environment());
        let robot_id = at_id.unwrap_or(own::ALONE);
        let recordings = Recordings::open(
            options.screen.clone(),
            folder.path(),
            Register(own.store.clone()),
            (robot_id, options.time_zone.clone()),
            (Arc::clone(&options.clock), Arc::clone(&options.random)),
        )?;
        let robot = Self {
            folder,
            journal,
            link: Arc::new(Link::new()),
            started_at: options.clock.now(),
            own,
            lease: Lease::new(Arc::clone(&options.uptime)),
            calls: Arc::default(),
            key: Arc::new(RobotKey::generate(&*options.random)),
            spool,
            packages,
            environments,
            recordings,
            live_views: LiveViews::default(),
            transfer,
            desk: Desk::new(dropped, options.max_tasks),
            crew: Crew::new(),
            means,
            operations,
            bell: Bell::default(),
            untold: Bell::default(),
            skew: Mutex::default(),
            wish: watch::Sender::new(None),
            well: CancellationToken::new(),
            stopping: CancellationToken::new(),
            halt: CancellationToken::new(),
            hang_up: CancellationToken::new(),
            trouble: Mutex::new("not connected yet".to_owned()),
            options,
        };
        Ok((Arc::new(robot), writer))
    }

    /// The way to whoever decides about a task.
    pub(crate) fn link_of(&self, task: TaskRef) -> &Arc<Link> {
        if is_own(task) { &self.own.link } else { &self.link }
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

    /// Asks whoever runs the agent to end it, and what for.
    pub(crate) fn leave(&self, exit: AgentExit) {
        self.wish.send_replace(Some(exit));
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

    /// The name this computer goes by.
    pub(crate) fn machine_name(&self) -> String {
        let own = self.own.configuration.borrow().machine_name.clone();
        own.or_else(|| sysinfo::System::host_name().ok()).unwrap_or_default()
    }

    /// How many more tasks it would take now.
    pub(crate) fn free_slots(&self) -> u32 {
        if self.cannot_start().is_some() { 0 } else { self.desk.free_slots() }
    }

    /// Why no task may be started on this machine now.
    pub(crate) fn cannot_start(&self) -> Option<String> {
        if let Some(reason) = self.desk.is_stopped() {
            return Some(reason.to_owned());
        }
        if !self.journal.is_writable() {
            return Some("the robot cannot write its journal".to_owned());
        }
        if let Some(missing) = self.means.missing().first().filter(|_| self.options.limits_required) {
            return Some(format!("this robot must keep limits that its machine cannot keep: {missing}"));
        }
        let least = self.options.min_free_disk;
        let free = self.free_disk().filter(|free| *free < least)?;
        Some(format!("the robot's disk has {} MiB left, {} are needed", free >> 20, least >> 20))
    }
}

/// The platform and the secret it knows the robot by; none where the robot stands alone.
fn platform_of(options: &Options) -> io::Result<Option<(Url, RobotSecret)>> {
    let Some(url) = &options.platform_url else { return Ok(None) };
    let missing =
        || io::Error::new(io::ErrorKind::InvalidInput, "a robot of a platform needs the secret it was given there");
    Ok(Some((http_address(url)?, options.secret.clone().ok_or_else(missing)?)))
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
