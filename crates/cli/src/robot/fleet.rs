//! Several robots on one machine: `baigong robot --robots DIR` starts a child for each file of the folder, with a data folder
//! and a port of its own, starts again what ends unasked, and ends them all with itself.

use std::{
    env,
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow};
use tokio::{
    process::{Child, Command},
    task::JoinSet,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::launcher::{self, ABOVE};
use crate::{WRONG_USAGE, WrongUsage, signals};

/// A robot that ends is started again after this, and after twice as long when it ends soon again.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);
/// The options that each robot gets a value of its own for.
const OWN: [&str; 4] = ["--robots", "--data", "--listen", "--secret-file"];

/// One robot.
#[derive(Debug, PartialEq, Eq)]
struct Member {
    name: String,
    secret: PathBuf,
    data: PathBuf,
    listen: SocketAddr,
}

/// Runs a robot for each file in `folder` until TERM or Ctrl-C.
pub(crate) async fn run(folder: &Path, data: &Path, listen: SocketAddr) -> Result<ExitCode> {
    let stop = signals::listen()?;
    let members = members(folder, data, listen).map_err(WrongUsage)?;
    let over = CancellationToken::new();
    let mut crew = JoinSet::new();
    for member in members {
        crew.spawn(keep(member, over.clone()));
    }
    let all = async { while crew.join_next().await.is_some() {} };
    tokio::pin!(all);
    tokio::select! {
        () = &mut all => return Err(anyhow!("none of the robots could be run")),
        _ = stop => over.cancel(),
    }
    all.await;
    Ok(ExitCode::SUCCESS)
}

/// The robots of a folder, in the order of their names: so a robot's port stays the same as long as none is added before.
fn members(folder: &Path, data: &Path, listen: SocketAddr) -> Result<Vec<Member>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    let is_secret = |file: &PathBuf| {
        let hidden = file.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        file.is_file() && !hidden
    };
    files.retain(is_secret);
    files.sort();
    let member = |(secret, place): (PathBuf, u16)| {
        let name = secret.file_stem()?.to_string_lossy().into_owned();
        // Port 0 takes any, for each.
        let port = if listen.port() == 0 { 0 } else { listen.port().checked_add(place)? };
        Some(Member { data: data.join(&name), name, secret, listen: SocketAddr::new(listen.ip(), port) })
    };
    let members: Option<Vec<Member>> = files.into_iter().zip(0..).map(member).collect();
    let members = members.ok_or_else(|| anyhow!("there are not enough ports behind {listen}"))?;
    match members.iter().zip(members.iter().skip(1)).find(|(one, next)| one.name == next.name) {
        Some((one, _)) => Err(anyhow!("{}: two files are called {}", folder.display(), one.name)),
        None if members.is_empty() => Err(anyhow!("{}: no file with a robot's secret", folder.display())),
        None => Ok(members),
    }
}

/// Runs a robot again and again until all is over.
async fn keep(member: Member, over: CancellationToken) {
    let mut wait = SHORTEST;
    loop {
        let began = now();
        let ended = match start(&member) {
            Ok(mut child) => tokio::select! {
                ended = child.wait() => ended.map_err(anyhow::Error::from),
                () = over.cancelled() => {
                    if let Err(error) = launcher::end(&mut child).await {
                        tracing::error!(robot = member.name, %error, "a robot could not be stopped in order");
                    }
                    return;
                }
            },
            Err(error) => Err(error),
        };
        match ended {
            Ok(status) if status.code() == Some(i32::from(WRONG_USAGE)) => {
                return tracing::error!(robot = member.name, "a robot cannot be run as it is told");
            }
            Ok(status) => tracing::error!(robot = member.name, %status, "a robot ended: it is started again"),
            Err(error) => tracing::error!(robot = member.name, %error, "a robot could not be started"),
        }
        wait = if now().duration_since(began) > LONGEST { SHORTEST } else { wait.min(LONGEST) };
        if timeout(wait, over.cancelled()).await.is_ok() {
            return;
        }
        wait *= 2;
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a robot lived is a time of this machine's own")]
fn now() -> Instant {
    Instant::now()
}

fn start(member: &Member) -> Result<Child> {
    let mut command = Command::new(baigong_robot::keeper::THIS_PROGRAM);
    command.args(without_own(env::args_os().skip(1)));
    command.arg("--own-user-folder").arg("--secret-file").arg(&member.secret).arg("--data").arg(&member.data);
    command.arg("--listen").arg(member.listen.to_string()).env(ABOVE, std::process::id().to_string());
    command.kill_on_drop(true).spawn().context("starting a robot")
}

/// The arguments without those that each robot gets for itself.
fn without_own(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut kept = Vec::new();
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        if OWN.contains(&&*text) {
            arguments.next();
        } else if text != "--own-user-folder" && !OWN.iter().any(|name| text.starts_with(&format!("{name}="))) {
            kept.push(argument);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_a_robot_with_a_folder_and_a_port_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let listen = "127.0.0.1:9000".parse().unwrap();
        let found = || members(folder.path(), Path::new("/d"), listen);
        assert!(found().unwrap_err().to_string().contains("no file"));
        for name in ["b.secret", "a", ".hidden"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::create_dir(folder.path().join("c")).unwrap();
        let all = found().unwrap();
        let told: Vec<_> = all.iter().map(|one| (&*one.name, one.data.to_str().unwrap(), one.listen.port())).collect();
        assert_eq!(told, [("a", "/d/a", 9000), ("b", "/d/b", 9001)]);
        std::fs::write(folder.path().join("b"), "").unwrap();
        assert!(found().unwrap_err().to_string().contains("two files are called b"));
    }

    #[test]
    fn a_robot_gets_the_arguments_of_all_but_its_own() {
        let given = ["robot", "--robots", "d", "--max-tasks", "2", "--data=x", "--listen", "l", "--own-user-folder"];
        let kept = without_own(given.iter().map(OsString::from));
        assert_eq!(kept, ["robot", "--max-tasks", "2"]);
    }
}
