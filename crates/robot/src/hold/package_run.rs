//! From a package's hash to the runner: fetch, check, make the run's folders, run.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64},
    },
    time::Duration,
};

use baigong_flow::{ActionTable, Pause};
use baigong_package::{Limits, PackageInfo, PackageKind};
use baigong_protocol::limits::MAX_OUT_PARAMETERS_BYTES;
use tokio_util::task::AbortOnDropHandle;

use super::{GRACE, Holder, confined};
use crate::{
    journal::RunMark,
    limits::Confinement,
    own::is_own,
    packages::Package,
    remote_host::{Allowance, RemoteHost},
    runner::{self, Extras, RUN_VARIABLE, RunLimits, RunOutcome, RunRequest, Stop},
};

/// A package on its way; dropped, the download stops.
pub(super) type Fetching = AbortOnDropHandle<Result<Arc<Package>, String>>;

impl Holder {
    /// Begins to fetch the package while the platform is asked for the start.
    pub(super) fn fetch_ahead(&self) -> Fetching {
        let (robot, wanted) = (Arc::clone(&self.robot), self.assign.package.clone());
        AbortOnDropHandle::new(tokio::spawn(async move { robot.packages.get(&wanted).await }))
    }

    /// The whole run.
    pub(super) fn run_package(
        &self,
        run: RunMark,
        package: Fetching,
        stop: Stop,
        pause: Pause,
    ) -> impl Future<Output = RunOutcome> + Send + 'static {
        let (robot, assign, work) = (Arc::clone(&self.robot), self.assign.clone(), self.work_folder());
        let ahead = self.ahead.clone();
        let (log, slot) = (Arc::clone(&self.log), Arc::clone(&self.screen));
        let mut host = RemoteHost {
            task: self.task,
            log: Arc::clone(&self.log),
            link: Arc::clone(robot.link_of(self.task)),
            calls: Arc::clone(&robot.calls),
            key: Arc::clone(&robot.key),
            clock: Arc::clone(&robot.options.clock),
            sequence: AtomicI64::new(0),
            allowance: Mutex::new(Allowance::new(robot.options.clock.now())),
            transfer: Arc::clone(&robot.transfer),
            files: AtomicU64::new(0),
            screen: None,
            own: is_own(self.task).then(|| Arc::clone(&robot)),
        };
        async move {
            let actions = robot.options.actions.clone();
            let prepared = tokio::select! {
                prepared = async {
                    let prepared = prepare(package, work.clone(), actions).await?;
                    Ok::<_, String>((prepared, robot.recordings.screen_of(&assign, &work, &log).await?))
                } => prepared,
                () = stop.token().cancelled() => return RunOutcome::Cancelled,
            };
            // The package stays in the cache until the run has ended.
            let ((folder, info, _package), screen) = match prepared {
                Ok(prepared) => prepared,
                Err(message) => {
                    host.log.write(baigong_model::LogLevel::Error, &message);
                    return RunOutcome::Failed { message };
                }
            };
            let screen = Arc::clone(slot.get_or_init(|| Arc::new(screen)));
            let extras = Extras { screen: screen.variables().to_vec(), ..Extras::default() };
            host.screen = Some(screen);
            let mut environment = runner::clean_environment(runner::readable_environment());
            environment.push((RUN_VARIABLE.to_owned(), run.token.clone()));
            let limits =
                RunLimits { grace: GRACE, output_size: MAX_OUT_PARAMETERS_BYTES as u64, ..RunLimits::default() };
            let longest = assign.max_run_seconds.and_then(|seconds| u64::try_from(seconds).ok());
            let request = RunRequest {
                folder,
                info,
                task_name: assign.task_name,
                task_id: assign.task_id,
                run_id: run.token,
                process_id: assign.process_id,
                in_parameters: assign.in_parameters,
                artifacts_folder: work.join("artifacts"),
                work_folder: work.join("work"),
                max_run_time: longest.filter(|seconds| *seconds > 0).map(Duration::from_secs),
                environment,
                host: Arc::new(host),
                actions: robot.options.actions.clone(),
                clock: Arc::clone(&robot.options.clock),
                stop,
                pause,
                limits,
                confinement: Confinement::default(),
                environments: robot.environments.clone(),
                extras,
            };
            confined::run(&robot, &work, ahead, request).await
        }
    }
}

async fn prepare(
    package: Fetching,
    work: PathBuf,
    actions: ActionTable,
) -> Result<(PathBuf, PackageInfo, Arc<Package>), String> {
    let package = package.await.map_err(|error| error.to_string())??;
    let source = package.folder.clone();
    let checked = tokio::task::spawn_blocking(move || {
        let info = baigong_package::check(&source, &actions, &Limits::default()).map_err(|error| error.to_string())?;
        if matches!(info.kind, PackageKind::Flow { .. }) {
            return Ok((source, info));
        }
        // Programs write where they stand: each run gets the package's files for itself.
        let own = work.join("package");
        copy(&source, &own).map_err(|error| format!("the package cannot be copied for the run: {error}"))?;
        Ok::<_, String>((own, info))
    });
    let (folder, info) = checked.await.map_err(|error| error.to_string())??;
    Ok((folder, info, package))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
