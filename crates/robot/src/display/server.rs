//! An X server of the robot's own (Xvfb): only who has its cookie gets in, and it ends by itself when the agent and all
//! that it started are gone.

use std::{
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use baigong_model::Random;
use baigong_protocol::Screen as Size;
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use super::screen::{COOKIE_KIND, Screen};

/// It must be ready within this.
const PATIENCE: Duration = Duration::from_secs(20);
/// It has so long to end when told to.
const GRACE: Duration = Duration::from_secs(2);
/// As many as servers expect.
const COOKIE_BYTES: usize = 16;
/// The family of addresses in a file of cookies that means any.
const ANY_ADDRESS: u16 = 0xffff;

/// A server that runs.
pub(super) struct Server {
    pub(super) number: u32,
    pub(super) screen: Screen,
    pub(super) process: Process,
}

/// The process of a server. Dropped, it is killed.
pub(super) struct Process(Child);

impl Process {
    /// Waits until it has ended.
    pub(super) async fn ended(&mut self) {
        // An error means that there is no such child any more.
        let _ = self.0.wait().await;
    }

    /// Lets it end.
    pub(super) async fn end(mut self) {
        let id = self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(id) = id {
            // It is not reaped yet: the number is still its own.
            let _ = kill_process(id, Signal::TERM);
        }
        let _ = tokio::time::timeout(GRACE, self.0.wait()).await;
    }
}

/// What lets clients in.
pub(super) type Cookie = [u8; COOKIE_BYTES];

/// Makes one.
pub(super) fn cookie(random: &dyn Random) -> Cookie {
    let mut cookie = [0; COOKIE_BYTES];
    random.fill(&mut cookie);
    cookie
}

/// Starts a server with a screen of `size` that lets in who has the cookie, which it reads in `authority`; the display `number`
/// if it is free, else any.
pub(super) async fn start(
    program: &Path,
    size: Size,
    number: Option<u32>,
    (cookie, authority): (Cookie, &Path),
) -> Result<Server, String> {
    write_cookie(authority, &cookie)?;
    let started = match number {
        Some(number) => match run(program, size, Some(number), authority).await {
            Ok(started) => Ok(started),
            // Somebody has taken it meanwhile.
            Err(_) => run(program, size, None, authority).await,
        },
        None => run(program, size, None, authority).await,
    };
    let (number, process) = started?;
    let screen = tokio::task::spawn_blocking(move || Screen::own(number, &cookie)).await;
    let screen = screen.map_err(|error| error.to_string())??;
    Ok(Server { number, screen, process })
}

async fn run(program: &Path, size: Size, number: Option<u32>, authority: &Path) -> Result<(u32, Process), String> {
    let cannot = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => format!("{} is not installed", program.display()),
        _ => format!("{} cannot be started: {error}", program.display()),
    };
    let mut command = Command::new(program);
    command.args(number.map(|number| format!(":{number}")));
    command.args(["-screen", "0", &format!("{}x{}x24", size.width, size.height)]);
    // It tells its number when it is ready, and ends with its last client, which is this agent or what it started.
    command.args(["-displayfd", "1", "-nolisten", "tcp", "-terminate", "-auth"]).arg(authority);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    // A signal to the agent's terminal is for the agent.
    command.process_group(0);
    let mut child = command.spawn().map_err(cannot)?;
    let stdout = child.stdout.take().ok_or("it has no output")?;
    let mut line = String::new();
    let read = tokio::time::timeout(PATIENCE, BufReader::new(stdout).read_line(&mut line)).await;
    let told = read.ok().and_then(Result::ok).and_then(|_| line.trim().parse().ok());
    let number = told.ok_or_else(|| format!("{} did not come up with a display", program.display()))?;
    Ok((number, Process(child)))
}

/// A file of cookies with one that is good for every display.
pub(super) fn write_cookie(file: &Path, cookie: &Cookie) -> Result<(), String> {
    try_write_cookie(file, cookie).map_err(|error| format!("{}: {error}", file.display()))
}

fn try_write_cookie(file: &Path, cookie: &Cookie) -> io::Result<()> {
    let mut bytes = ANY_ADDRESS.to_be_bytes().to_vec();
    for part in [&b""[..], b"", COOKIE_KIND.as_bytes(), cookie] {
        bytes.extend_from_slice(&u16::try_from(part.len()).map_err(io::Error::other)?.to_be_bytes());
        bytes.extend_from_slice(part);
    }
    let new: PathBuf = file.with_extension("new");
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?.write_all(&bytes)?;
    std::fs::rename(&new, file)
}
