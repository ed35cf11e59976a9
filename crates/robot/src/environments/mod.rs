//! The Python environments on this machine: each built once for all packages that ask for the same, found again by the hash
//! of what was asked for, and deleted when nobody has used it for long. An environment counts from the moment its mark
//! lies in it; whatever was interrupted before is built anew.

mod build;
mod gather;
mod interpreters;
mod key;
mod prune;
mod settings;

use std::{
    collections::HashMap,
    fs::File,
    io,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use baigong_model::LogLevel;
use baigong_package::{Environment, this_platform};

use crate::{
    runner::{Broken, RunRequest, StopReason},
    timer,
};
pub use gather::{Gathered, gather};
use interpreters::{Interpreter, Interpreters};
pub use prune::Keep;
use settings::Settings;

/// The mark of an environment that is whole.
const MARK: &str = ".baigong-environment.json";
/// So often it is looked whether another agent has finished building.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// The environments of one folder; clones are one.
#[derive(Clone)]
pub struct Environments(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    keep: Keep,
    settings: Settings,
    interpreters: Interpreters,
    building: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

/// An environment that stays on disk while this lives.
#[derive(Debug)]
pub(crate) struct Ready {
    /// Its folder: programs are in `bin`.
    pub(crate) folder: PathBuf,
    _lock: Option<File>,
}

/// What an environment is to be built of.
pub(crate) struct Order<'a> {
    pub(crate) request: &'a RunRequest,
    pub(crate) environment: &'a Environment,
    /// The unpacked package, which may bring wheels along.
    pub(crate) package: &'a Path,
}

impl Environments {
    /// Environments in `folder`, which is made when it is needed. Several agents may share one folder. `variables` are those
    /// of this process: from them come the settings of pip and uv.
    pub fn new(folder: PathBuf, keep: Keep, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let (settings, interpreters, building) = (Settings::of(variables), Interpreters::default(), Mutex::default());
        Self(Arc::new(Inner { folder, keep, settings, interpreters, building }))
    }

    /// The environment that was ordered, built if it is not here. Whoever orders the same one meanwhile waits for it.
    pub(crate) async fn get(
        &self,
        order: &Order<'_>,
        mut stopped: Pin<&mut impl Future<Output = StopReason>>,
    ) -> Result<Ready, Broken> {
        let (request, environment) = (order.request, order.environment);
        let interpreter = self.interpreter(order, stopped.as_mut()).await?;
        if environment.is_own {
            // It names files of the package: of use for this run only.
            let unready = |error: io::Error| Broken::Failed(format!("the run cannot be prepared: {error}"));
            let folder = request.work_folder.canonicalize().map_err(unready)?.join("environment");
            build::build(&self.0.settings, order, &interpreter, &folder, stopped).await?;
            return Ok(Ready { folder, _lock: None });
        }
        let name = key::of(environment, &interpreter);
        let alone = self.alone(&name);
        let _alone = tokio::select! {
            alone = alone.lock() => alone,
            reason = stopped.as_mut() => return Err(Broken::Stopped(reason)),
        };
        let unusable =
            |error: io::Error| Broken::Failed(format!("the environments of this robot cannot be used: {error}"));
        loop {
            if let Some(ready) = self.found(&name).await.map_err(unusable)? {
                return Ok(ready);
            }
            let lock = self.lock_of(&name).map_err(unusable)?;
            if lock.try_lock().is_err() {
                tokio::select! {
                    () = timer::after(LOOK_AGAIN) => continue,
                    reason = stopped.as_mut() => return Err(Broken::Stopped(reason)),
                }
            }
            let folder = self.root().map_err(unusable)?.join(&name);
            if !folder.join(MARK).is_file() {
                self.build(order, &interpreter, &folder, stopped.as_mut()).await?;
            }
            drop(lock);
        }
    }

    async fn build(
        &self,
        order: &Order<'_>,
        interpreter: &Interpreter,
        folder: &Path,
        stopped: Pin<&mut impl Future<Output = StopReason>>,
    ) -> Result<(), Broken> {
        let host = &order.request.host;
        let begun = order.request.clock.now();
        let count = order.environment.requirements.len();
        let (place, version) = (&order.environment.place, interpreter.version_text());
        host.log(
            LogLevel::Info,
            &format!("building the Python environment of {place}: Python {version}, {count} requirements"),
        );
        build::build(&self.0.settings, order, interpreter, folder, stopped).await?;
        let taken = (order.request.clock.now() - begun).max(0) as f64 / 1000.0;
        host.log(LogLevel::Info, &format!("the Python environment is there, after {taken:.1} s"));
        let (root, keep, own) = (self.0.folder.clone(), self.0.keep, folder.to_owned());
        let now = order.request.clock.now();
        let pruned = tokio::task::spawn_blocking(move || {
            build::mark(&own)?;
            prune::prune(&root, &keep, now)
        });
        let marked = pruned.await.map_err(io::Error::other).and_then(|done| done);
        marked.map_err(|error| Broken::Failed(format!("the Python environment cannot be kept: {error}")))
    }

    /// The interpreter to build with; a word in the log when it is not quite the one that was asked for.
    async fn interpreter(
        &self,
        order: &Order<'_>,
        stopped: Pin<&mut impl Future<Output = StopReason>>,
    ) -> Result<Interpreter, Broken> {
        let (host, environment) = (&order.request.host, order.environment);
        for note in &environment.notes {
            host.log(LogLevel::Info, note);
        }
        let finding = self.0.interpreters.find(&environment.python, &self.0.settings, &order.request.environment);
        let found = tokio::select! {
            found = finding => found,
            reason = stopped => return Err(Broken::Stopped(reason)),
        };
        let found = found.map_err(|message| Broken::Failed(format!("{}: {message}", environment.place)))?;
        if let Some(remark) = &found.remark {
            host.log(LogLevel::Warn, &format!("{}: {remark}", environment.place));
        }
        if let Some(bundle) = &environment.bundle {
            let (here, ours) = (this_platform(), format!("{}.{}", found.version[0], found.version[1]));
            if bundle.platform != here || bundle.python != ours {
                return Err(Broken::Failed(format!(
                    "the wheels in this package are for Python {} on {}; this robot has Python {ours} on {here}",
                    bundle.python, bundle.platform
                )));
            }
        }
        Ok(found)
    }

    fn alone(&self, name: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut building = self.0.building.lock().unwrap_or_else(PoisonError::into_inner);
        building.retain(|_, lock| lock.strong_count() > 0);
        let lock = building.get(name).and_then(Weak::upgrade).unwrap_or_default();
        building.insert(name.to_owned(), Arc::downgrade(&lock));
        lock
    }

    /// Whole, since whoever builds stands in another folder than we do.
    fn root(&self) -> io::Result<PathBuf> {
        std::fs::create_dir_all(&self.0.folder)?;
        self.0.folder.canonicalize()
    }

    fn lock_of(&self, name: &str) -> io::Result<File> {
        let path = self.root()?.join(format!("{name}.lock"));
        File::options().create(true).truncate(false).write(true).open(path)
    }

    /// The environment if it is whole and nobody is deleting it. Its lock's time says when it was last used.
    async fn found(&self, name: &str) -> io::Result<Option<Ready>> {
        let folder = self.root()?.join(name);
        if !folder.join(MARK).is_file() {
            return Ok(None);
        }
        let lock = self.lock_of(name)?;
        if lock.try_lock_shared().is_err() || !folder.join(MARK).is_file() {
            return Ok(None);
        }
        // A byte is written for the time of the change only.
        io::Write::write_all(&mut &lock, b".")?;
        lock.set_len(0)?;
        Ok(Some(Ready { folder, _lock: Some(lock) }))
    }
}

impl std::fmt::Debug for Environments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Environments").field(&self.0.folder).finish()
    }
}

#[cfg(test)]
mod tests;
