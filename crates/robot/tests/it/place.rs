//! A place for one robot and one platform: folders, packages, and the wishes of tests.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use baigong_model::{LogLevel, Parameter, SeededRandom};
use baigong_protocol::{Assign, PackageRef, RobotSecret, TaskRef, Timing, ToRobot, paths};
use baigong_robot::{Agent, DisplayChoice, Options, RunningAgent, ScreenOptions, Uptime};
use sha2::{Digest, Sha256};

use crate::platform::Platform;

pub(crate) const TASK: TaskRef = TaskRef { task_id: 7, fence: 3 };

/// Says that it runs, notes it in the ledger, and waits until the test lets it end.
pub(crate) const WAITS: &str = "echo \"running $$\"; echo run >> ledger_file; cat gate_file; echo done";
/// Notes in the ledger that it ran, leaves a result and ends.
pub(crate) const ENDS: &str = "echo run >> ledger_file; echo hello; echo result > $BAIGONG_ARTIFACTS/out.txt; \
    echo '{\"answer\": \"42\"}' > $BAIGONG_OUTPUT_FILE";

/// The place.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    pub(crate) platform: Platform,
    pub(crate) secret: RobotSecret,
    pub(crate) uptime: Arc<Seconds>,
}

/// What leases are measured by: it goes on when a test says so.
#[derive(Default)]
pub(crate) struct Seconds(AtomicU64);

impl Seconds {
    pub(crate) fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Uptime for Seconds {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

impl Place {
    pub(crate) async fn new() -> Self {
        let secret = RobotSecret::generate(1, &SeededRandom::new(1));
        let folder = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("mkfifo").arg(folder.path().join("gate")).status().unwrap();
        assert!(made.success(), "mkfifo must work");
        std::fs::write(folder.path().join("ledger"), "").unwrap();
        Self { folder, platform: Platform::start(&secret).await, secret, uptime: Arc::default() }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("robot")
    }

    pub(crate) fn options(&self) -> Options {
        let url = format!("http://{}", self.platform.address);
        let actions = baigong_actions::table();
        let (min, max) = (Duration::from_millis(1), Duration::from_millis(20));
        Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            timing: Timing { reconnect_min: min, reconnect_max: max, ..Timing::DEFAULT },
            stop_grace: Duration::from_millis(50),
            uptime: self.uptime.clone(),
            // What is on a screen is tested elsewhere.
            screen: ScreenOptions { display: DisplayChoice::None, ..ScreenOptions::default() },
            ..Options::new(self.data(), url, self.secret.clone(), actions)
        }
    }

    pub(crate) async fn agent(&self) -> RunningAgent {
        Agent::start(self.options()).await.unwrap()
    }

    /// Makes a package that runs `script` by `sh`, for the platform to give out.
    pub(crate) fn package(&self, package_id: i64, script: &str) -> PackageRef {
        let folder = self.folder.path().join(format!("package-{package_id}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("run.sh"), self.here(script)).unwrap();
        self.pack(package_id, "kind: command\nname: test\ncommand: [sh, run.sh]\n")
    }

    /// Makes a package whose flow runs `script` by `sh`.
    pub(crate) fn flow_package_of(&self, package_id: i64, script: &str) -> PackageRef {
        let command = serde_json::json!(["sh", "-c", self.here(script)]);
        let head = "flow: test\nparameters: {in: {tolerance: {type: decimal}}}\nsteps:\n";
        let flow = format!("{head}  - {{id: go, do: command.run, with: {{command: {command}}}}}\n");
        self.flow_package(package_id, &flow)
    }

    /// `script` with the names of this place's ledger and gate.
    fn here(&self, script: &str) -> String {
        let place = |name: &str| self.folder.path().join(name).display().to_string();
        script.replace("ledger_file", &place("ledger")).replace("gate_file", &place("gate"))
    }

    /// Makes a package of this flow.
    pub(crate) fn flow_package(&self, package_id: i64, flow: &str) -> PackageRef {
        let folder = self.folder.path().join(format!("package-{package_id}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("main.flow.yaml"), flow).unwrap();
        self.pack(package_id, "kind: flow\nname: test\n")
    }

    fn pack(&self, package_id: i64, manifest: &str) -> PackageRef {
        let folder = self.folder.path().join(format!("package-{package_id}"));
        std::fs::write(folder.join("baigong.yaml"), manifest).unwrap();
        let zip = self.folder.path().join(format!("package-{package_id}.zip"));
        baigong_package::pack(&folder, &zip, &baigong_package::Limits::default()).unwrap();
        self.give_out(package_id, std::fs::read(zip).unwrap())
    }

    pub(crate) fn give_out(&self, package_id: i64, zip: Vec<u8>) -> PackageRef {
        let (sha256, size) = (hex::encode(Sha256::digest(&zip)), zip.len() as u64);
        self.platform.shared.packages.lock().unwrap().insert(package_id, zip);
        PackageRef { package_id, sha256, size, path: paths::package(package_id) }
    }

    /// Lets one waiting process end.
    pub(crate) async fn open_gate(&self) {
        let gate = self.folder.path().join("gate");
        tokio::task::spawn_blocking(move || std::fs::write(gate, "").unwrap()).await.unwrap();
    }

    /// How often a process ran.
    pub(crate) fn runs(&self) -> usize {
        std::fs::read_to_string(self.folder.path().join("ledger")).unwrap().lines().count()
    }

    /// What the robot keeps for tasks on disk.
    pub(crate) fn kept(&self) -> Vec<String> {
        let mut kept = Vec::new();
        for folder in ["spool", "work"] {
            let entries = std::fs::read_dir(self.data().join(folder)).unwrap();
            kept.extend(entries.map(|entry| format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy())));
        }
        kept
    }
}

/// The assignment of a task with this package.
pub(crate) fn assign(task: TaskRef, package: &PackageRef) -> Assign {
    Assign {
        task_id: task.task_id,
        fence: task.fence,
        process_id: 5,
        process_name: "test".into(),
        package: package.clone(),
        in_parameters: vec![Parameter::new("tolerance", "0.01")],
        task_name: None,
        max_run_seconds: None,
        log_level: LogLevel::Info,
        retry_safe: false,
        record: false,
        operator: String::new(),
        recording_ticket: String::new(),
    }
}

pub(crate) fn assigned(task: TaskRef, package: &PackageRef) -> ToRobot {
    ToRobot::Assign(assign(task, package))
}

/// The number after "running" in the log of [`WAITS`].
pub(crate) fn process_in(lines: &[baigong_protocol::LogLine]) -> Option<u32> {
    lines.iter().find_map(|line| line.message.strip_prefix("running ")?.parse().ok())
}

pub(crate) fn is_alive(process: u32) -> bool {
    // Dead and not yet reaped by the system's first process: "Z" after the name in brackets.
    let status = std::fs::read_to_string(format!("/proc/{process}/stat"));
    status.is_ok_and(|status| !status.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')))
}
