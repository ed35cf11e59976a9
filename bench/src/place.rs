//! A place where packages lie and run as the robot runs them: with a keeper, in Python environments of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result, ensure};
use baigong_flow::Pause;
use baigong_model::SystemClock;
use baigong_package::{Limits, check};
use baigong_robot::limits::Confinement;
use baigong_robot::runner::{
    Environments, Extras, Keep, LocalHost, RunLimits, RunOutcome, RunRequest, Stop, clean_environment,
    readable_environment, run as run_package,
};
use tempfile::TempDir;

use crate::{process, time};

/// Where packages lie and run.
pub(crate) struct Place {
    folder: TempDir,
    environments: Environments,
}

impl Place {
    /// A new folder, and the environments of all benches.
    pub(crate) fn new() -> Result<Self> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
        let environments = Environments::new(target.join("test-environments"), Keep::default(), readable_environment());
        Ok(Self { folder: tempfile::tempdir()?, environments })
    }

    /// A package of these files; its folder.
    pub(crate) fn package(&self, name: &str, files: &[(&str, &str)]) -> Result<PathBuf> {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder)?;
        for (file, content) in files {
            fs::write(folder.join(file), content)?;
        }
        Ok(folder)
    }

    /// The Python of the environment that `files` ask for; it is built when it is not there.
    pub(crate) async fn python(&self, files: &[(&str, &str)]) -> Result<PathBuf> {
        let requirements = files.iter().find(|(name, _)| *name == "requirements.txt").map_or("", |(_, text)| text);
        let asks = "kind: python\ncommand: [python, -c, 'import sys; print(sys.executable)']\n";
        let package = self.package("asking", &[("baigong.yaml", asks), ("requirements.txt", requirements)])?;
        let said = self.run(&package).await?;
        let path = said.into_iter().find(|line| line.ends_with("/bin/python")).context("the environment's Python")?;
        Ok(PathBuf::from(path))
    }

    /// How long the package runs, in microseconds.
    pub(crate) async fn timed(&self, package: &Path) -> Result<u64> {
        let begun = time::now();
        self.run(package).await?;
        Ok(time::micros_since(begun))
    }

    async fn run(&self, package: &Path) -> Result<Vec<String>> {
        let work = tempfile::tempdir_in(self.folder.path())?;
        let said: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&said);
        let listen = move |_, line: &str| {
            if let Ok(mut said) = heard.lock() {
                said.push(line.to_owned());
            }
        };
        let request = RunRequest {
            folder: package.to_owned(),
            info: check(package, &baigong_actions::table(), &Limits::default())?,
            task_name: None,
            task_id: 1,
            run_id: work.path().display().to_string(),
            process_id: 1,
            in_parameters: Vec::new(),
            artifacts_folder: work.path().join("artifacts"),
            work_folder: work.path().join("work"),
            max_run_time: None,
            environment: clean_environment(readable_environment()),
            host: Arc::new(LocalHost::new(work.path(), None, listen, |_| {})?),
            actions: baigong_actions::table(),
            clock: Arc::new(SystemClock),
            stop: Stop::new(),
            pause: Pause::new(),
            confinement: Confinement::kept_by(process::binary()?),
            limits: RunLimits::default(),
            environments: self.environments.clone(),
            extras: Extras::default(),
        };
        let outcome = run_package(request).await;
        ensure!(matches!(outcome, RunOutcome::Succeeded { .. }), "{}: {outcome:?}", package.display());
        Ok(said.lock().map(|said| said.clone()).unwrap_or_default())
    }
}
