//! A run within what its robot gives it: limits, what it sees of the machine, a home of the robot's own, and room on the
//! disk.

use std::{path::Path, pin::pin};

use baigong_model::LogLevel;
use baigong_package::PackageKind;

use crate::{
    keeper::{Ahead, Watch},
    limits::{self, Room},
    robot::Robot,
    runner::{self, RunOutcome, RunRequest, StopReason},
};

/// Sockets lie in folders for temporary files, and their paths must be short.
const LONGEST_TEMPORARY: usize = 70;

/// Runs `request`, whose folders lie in `work`.
pub(super) async fn run(robot: &Robot, work: &Path, ahead: Ahead, mut request: RunRequest) -> RunOutcome {
    let home = robot.folder.path().join("user");
    if robot.options.own_user_folder
        && let Err(error) = settle(&home, work, &mut request.environment)
    {
        let message = format!("the robot's own user folder cannot be made: {error}");
        request.host.log(LogLevel::Error, &message);
        return RunOutcome::Failed { message };
    }
    let readable = vec![robot.folder.environments()];
    let writable = vec![work.to_owned(), home];
    let made = readable.iter().chain(&writable).try_for_each(std::fs::create_dir_all);
    if let Err(error) = made {
        tracing::warn!(%error, "a folder of a run cannot be made");
    }
    request.confinement = robot.means.of_run(&request.run_id, robot.folder.path(), readable, writable);
    request.confinement.ahead = ahead;
    let _watch = watch(&request).await;
    let (stop, host) = (request.stop.clone(), std::sync::Arc::clone(&request.host));
    let room =
        Room { folder: work.to_owned(), most: robot.options.limits.disk, least_free: robot.options.min_free_disk };
    let mut running = pin!(runner::run(request));
    tokio::select! {
        outcome = &mut running => outcome,
        message = limits::watch(room) => {
            host.log(LogLevel::Error, &message);
            stop.request(StopReason::Cancelled);
            running.await;
            RunOutcome::Failed { message }
        }
    }
}

/// Gives the run a home that it shares with the robot's other runs, and temporary files of its own.
fn settle(home: &Path, work: &Path, environment: &mut Vec<(String, String)>) -> std::io::Result<()> {
    std::fs::create_dir_all(home)?;
    let home = home.canonicalize()?.to_string_lossy().into_owned();
    for name in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"] {
        environment.retain(|(variable, _)| variable != name);
    }
    environment.push(("HOME".to_owned(), home));
    let temporary = work.canonicalize()?.join("tmp");
    if temporary.as_os_str().len() <= LONGEST_TEMPORARY {
        std::fs::create_dir_all(&temporary)?;
        let temporary = temporary.to_string_lossy().into_owned();
        environment.extend(["TMPDIR", "TMP", "TEMP"].map(|name| (name.to_owned(), temporary.clone())));
    }
    Ok(())
}

/// A keeper of what a flow's actions start: they are children of the agent itself.
async fn watch(request: &RunRequest) -> Option<Watch> {
    let keeper = request.confinement.keeper.as_deref();
    let keeper = keeper.filter(|_| matches!(request.info.kind, PackageKind::Flow { .. }))?;
    let watch = Watch::over(keeper, &request.confinement.ahead, &request.run_id).await;
    watch.inspect_err(|error| tracing::warn!(%error, "a flow runs without a keeper")).ok()
}
