//! Gathers the wheels of a package's environment into the package, on a machine that reaches an index: robots without a
//! network build from them. Every wheel is named with its hash, so that what is installed is what was gathered.

use std::{
    fs, io,
    path::{Path, PathBuf},
    pin::{Pin, pin},
};

use baigong_package::{BUNDLE_FILE, BUNDLE_FOLDER, BUNDLE_LOCK, Bundle, Environment, this_platform};
use sha2::{Digest, Sha256};

use super::{Environments, Order, build};
use crate::runner::{Broken, RunRequest, StopReason};

/// What was gathered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathered {
    /// How many wheels.
    pub wheels: usize,
    /// The version of Python they are for: "3.11".
    pub python: String,
    /// Their size in bytes.
    pub size: u64,
}

/// Gathers the wheels for the package of `request` into its folder; those of an earlier time are removed. An error is in words
/// for people. None where the package needs no environment.
pub async fn gather(request: &RunRequest) -> Result<Option<Gathered>, String> {
    let Some(environment) = &request.info.environment else { return Ok(None) };
    let stopped = pin!(request.stop.clone().requested(request.max_run_time, request.pause.clone()));
    match request.environments.gather(request, environment, stopped).await {
        Ok(gathered) => Ok(Some(gathered)),
        Err(Broken::Failed(message)) => Err(message),
        Err(Broken::Stopped(_)) => Err("it was stopped".to_owned()),
    }
}

impl Environments {
    async fn gather(
        &self,
        request: &RunRequest,
        environment: &Environment,
        mut stopped: Pin<&mut impl Future<Output = StopReason>>,
    ) -> Result<Gathered, Broken> {
        let cannot = |error: io::Error| Broken::Failed(format!("the wheels cannot be gathered: {error}"));
        fs::create_dir_all(&request.work_folder).map_err(cannot)?;
        let package = request.folder.canonicalize().map_err(cannot)?;
        let order = Order { request, environment, package: &package };
        let interpreter = self.interpreter(&order, stopped.as_mut()).await?;
        let wheels = package.join(BUNDLE_FOLDER);
        let scratch = request.work_folder.canonicalize().map_err(cannot)?.join("gathering");
        build::gather(&self.0.settings, &order, &interpreter, (&scratch, &wheels), stopped).await?;
        let python = format!("{}.{}", interpreter.version[0], interpreter.version[1]);
        let bundle = Bundle {
            python: python.clone(),
            platform: this_platform(),
            requirements: environment.requirements_digest(),
        };
        let (count, size) = write_lock(&package, &wheels, &bundle).map_err(cannot)?;
        Ok(Gathered { wheels: count, python, size })
    }
}

/// Writes what the wheels are for, and what pip is to install, each with its hash.
fn write_lock(package: &Path, wheels: &Path, bundle: &Bundle) -> io::Result<(usize, u64)> {
    let mut files: Vec<PathBuf> = fs::read_dir(wheels)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    files.sort();
    let (mut lock, mut size) = (String::new(), 0);
    for file in &files {
        let content = fs::read(file)?;
        size += content.len() as u64;
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let mut parts = name.split('-');
        let (Some(package), Some(version), true) = (parts.next(), parts.next(), name.ends_with(".whl")) else {
            return Err(io::Error::other(format!("{name} is not a wheel")));
        };
        let digest = hex::encode(Sha256::digest(&content));
        lock.push_str(&format!("{package}=={version} --hash=sha256:{digest}\n"));
    }
    fs::write(package.join(BUNDLE_LOCK), lock)?;
    let mut text = serde_json::to_string_pretty(bundle)?;
    text.push('\n');
    fs::write(package.join(BUNDLE_FILE), text)?;
    Ok((files.len(), size))
}
