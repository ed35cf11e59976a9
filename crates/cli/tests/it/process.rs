//! The binary as a child process that never outlives its test.

use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use baigong_model::{Random, SystemRandom};

/// The password of `admin`.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// `baigong` with these arguments, its output thrown away.
pub(crate) fn baigong(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baigong"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// A port nobody listens on, and that no outgoing connection is given by the system: a platform that is killed and
/// started again must find it free.
pub(crate) fn free_port() -> u16 {
    let mut bytes = [0; 2];
    loop {
        SystemRandom.fill(&mut bytes);
        let port = 10_000 + u16::from_le_bytes(bytes) % 20_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A running child; killed (-9) when it is dropped. The end of its log is shown when the test fails.
pub(crate) struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    fn start(mut command: Command, log: PathBuf) -> Self {
        let file = File::options().create(true).append(true).open(&log).expect("a log can be written");
        command.stderr(file);
        Self { child: command.spawn().expect("the binary starts"), log }
    }

    /// A platform on its folder and port.
    pub(crate) fn platform(folder: &Path, port: u16) -> Self {
        Self::platform_on(folder, port, None)
    }

    /// A platform on its folder and port, and on a database elsewhere.
    pub(crate) fn platform_on(folder: &Path, port: u16, database: Option<&str>) -> Self {
        let (data, listen) = (folder.join("platform"), format!("127.0.0.1:{port}"));
        let mut command = baigong(&["platform", "--data", &data.display().to_string(), "--listen", &listen]);
        command.args(database.iter().flat_map(|url| ["--database", url]));
        command.env("BAIGONG_ADMIN_PASSWORD", PASSWORD);
        Self::start(command, folder.join("platform.log"))
    }

    /// A platform that lives on when a file may not grow: the signal that would end it is ignored.
    pub(crate) fn platform_that_may_be_limited(folder: &Path, port: u16) -> Self {
        let (data, listen) = (folder.join("platform"), format!("127.0.0.1:{port}"));
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_baigong"), "platform", "--data"]);
        command.arg(data).args(["--listen", &listen]).stdin(Stdio::null()).stdout(Stdio::null());
        command.env("BAIGONG_ADMIN_PASSWORD", PASSWORD);
        Self::start(command, folder.join("platform.log"))
    }

    /// Lets no file of the process grow beyond `bytes` from now on, as a full disk would; `unlimited` lifts it.
    pub(crate) fn limit_files(&self, bytes: &str) {
        let id = self.child.id().to_string();
        let done = Command::new("prlimit").args(["--pid", &id, &format!("--fsize={bytes}:unlimited")]).status();
        assert!(done.expect("prlimit is there (util-linux)").success());
    }

    /// A robot of the platform at `port`.
    pub(crate) fn robot(folder: &Path, port: u16, secret: &str) -> Self {
        let (data, url) = (folder.join("robot"), format!("http://127.0.0.1:{port}"));
        let mut command =
            baigong(&["robot", "--data", &data.display().to_string(), "--listen", "127.0.0.1:0", "--platform", &url]);
        command.env("BAIGONG_ROBOT_SECRET", secret).env("BAIGONG_ROBOT_DISPLAY", "none");
        Self::start(command, folder.join("robot.log"))
    }

    /// Ends it as a power cut of the process would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; either way it is gone after this.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let text = std::fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            println!("{}:\n{}", self.log.display(), lines[lines.len().saturating_sub(40)..].join("\n"));
        }
    }
}

/// Asks `question` again and again until it answers; fails after `limit`.
pub(crate) async fn until<T>(what: &str, limit: Duration, mut question: impl AsyncFnMut() -> Option<T>) -> T {
    let mut rhythm = tokio::time::interval(Duration::from_millis(20));
    let asked = tokio::time::timeout(limit, async {
        loop {
            rhythm.tick().await;
            if let Some(answer) = question().await {
                return answer;
            }
        }
    });
    asked.await.unwrap_or_else(|_| panic!("{what}: not within {limit:?}"))
}
