//! Starting the cluster, or joining the one that runs: who holds `start.lock` may look and start, who holds `users.lock`
//! (shared) keeps it alive. The supervisor takes the same locks, so that a cluster is never stopped under a test's feet.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::{Cluster, Durability, binaries, random_hex};

const SUPERVISOR: &str = include_str!("supervise.sh");

/// Joins the running cluster of this kind, or starts one.
pub(super) fn start(durability: Durability) -> Result<Cluster> {
    let binaries = binaries::find()?;
    let folder = folder(durability)?;
    let start_lock = locked(&folder.join("start.lock"))?;
    let held = open(&folder.join("users.lock"))?;
    held.lock_shared().context("users.lock")?;
    let running = read_ready(&folder).filter(|(port, _)| answers(*port));
    let (port, password) = match running {
        Some(running) => running,
        None => launch(&binaries, &folder, durability)?,
    };
    drop(start_lock);
    Ok(Cluster { binaries, port, password, _held: held, folder })
}

/// The folder of the clusters of this user: the same for all test processes, another one for each bench.
fn folder(durability: Durability) -> Result<PathBuf> {
    let user = rustix::process::geteuid().as_raw();
    let name = match durability {
        Durability::None => format!("baigong-test-postgres-{user}"),
        Durability::Full => format!("baigong-bench-postgres-{user}-{}", std::process::id()),
    };
    let folder = std::env::temp_dir().join(name);
    // 0711: the server may run as another account (it refuses root), which must reach its own folder inside.
    match std::fs::DirBuilder::new().mode(0o711).create(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(error).with_context(|| format!("{}", folder.display()));
        }
        _ => {}
    }
    let owner = folder.symlink_metadata().with_context(|| format!("{}", folder.display()))?;
    ensure!(owner.is_dir() && owner.uid() == user, "{} belongs to someone else: remove it", folder.display());
    Ok(folder)
}

/// Opens `path` and waits until nobody else has it locked.
pub(super) fn locked(path: &Path) -> Result<File> {
    let file = open(path)?;
    file.lock().with_context(|| format!("locking {}", path.display()))?;
    Ok(file)
}

fn open(path: &Path) -> Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options.open(path).with_context(|| format!("opening {}", path.display()))
}

/// The port and password that the running supervisor wrote down.
fn read_ready(folder: &Path) -> Option<(u16, String)> {
    let text = std::fs::read_to_string(folder.join("ready")).ok()?;
    let mut words = text.split_whitespace();
    Some((words.next()?.parse().ok()?, words.next()?.to_owned()))
}

fn answers(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, Duration::from_secs(5)).is_ok()
}

/// Starts a supervisor, which makes the cluster, and waits until it says that the server answers.
fn launch(binaries: &Path, folder: &Path, durability: Durability) -> Result<(u16, String)> {
    let mut said = String::new();
    // A free port may be taken by someone else before the server has it.
    for _ in 0..3 {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("a loopback port")?.local_addr()?.port();
        let password = random_hex(16);
        let instance = folder.join(format!("cluster-{}", random_hex(6)));
        std::fs::DirBuilder::new().mode(0o700).create(&instance).context("the cluster's folder")?;
        write_private(&instance.join("password"), &password)?;
        if supervise(binaries, &instance, port, durability)? {
            write_private(&folder.join("ready"), &format!("{port} {password} {}\n", instance.display()))?;
            return Ok((port, password));
        }
        said = std::fs::read_to_string(instance.join("log")).unwrap_or_default();
        let _ = std::fs::remove_dir_all(&instance);
    }
    bail!("PostgreSQL (from {}) does not start:\n{}", binaries.display(), said.trim_end())
}

/// Runs the supervisor in the background; `false` when the cluster did not come up.
fn supervise(binaries: &Path, instance: &Path, port: u16, durability: Durability) -> Result<bool> {
    let mut child = Command::new("sh")
        .args(["-c", SUPERVISOR, "baigong-test-postgres"])
        .args([instance, binaries])
        .arg(port.to_string())
        .arg(if durability == Durability::Full { "on" } else { "off" })
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // A group of its own: what kills the test's group must leave the supervisor to clean up.
        .process_group(0)
        .spawn()
        .context("sh")?;
    let mut line = String::new();
    if let Some(output) = child.stdout.take() {
        BufReader::new(output).read_line(&mut line).context("the supervisor of the test cluster")?;
    }
    let ready = line.trim_end() == "ready";
    if !ready {
        child.wait().context("the supervisor of the test cluster")?;
    }
    Ok(ready)
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(path).with_context(|| format!("opening {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("writing {}", path.display()))
}
