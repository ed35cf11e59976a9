//! Builds one environment: an empty one, then what pip (or uv) is to install, then the package's own commands. Its programs run
//! like those of the run itself: in a group of their own, stopped with the run, their words hidden and in its log.

use std::{fs, io, path::Path, pin::Pin};

use baigong_package::BUNDLE_FOLDER;
use serde_json::json;

use super::{
    MARK, Order,
    interpreters::{Interpreter, on_path},
    settings::{Settings, without_logins},
};
use crate::runner::{
    Broken, StopReason,
    program::{Program, Voice},
};

/// The list for pip, inside the environment.
const LIST: &str = "baigong-requirements.txt";
const NO_VENV: &str = "Python cannot make an environment (on Debian it needs the package python3-venv)";

/// Builds into `folder`; what lies there is removed before.
pub(super) async fn build(
    settings: &Settings,
    order: &Order<'_>,
    interpreter: &Interpreter,
    folder: &Path,
    stopped: Pin<&mut impl Future<Output = StopReason>>,
) -> Result<(), Broken> {
    let unready = |error: io::Error| Broken::Failed(format!("the Python environment cannot be built: {error}"));
    remove(folder).await.map_err(unready)?;
    let builder = Builder { settings, order, interpreter, folder };
    builder.run(builder.commands(), stopped).await
}

/// Makes an environment in `scratch` and with it the wheels of all that is required, in the folder `wheels`.
pub(super) async fn gather(
    settings: &Settings,
    order: &Order<'_>,
    interpreter: &Interpreter,
    (scratch, wheels): (&Path, &Path),
    stopped: Pin<&mut impl Future<Output = StopReason>>,
) -> Result<(), Broken> {
    let unready = |error: io::Error| Broken::Failed(format!("the wheels cannot be gathered: {error}"));
    remove(scratch).await.map_err(unready)?;
    remove(wheels).await.map_err(unready)?;
    fs::create_dir_all(wheels).map_err(unready)?;
    let builder = Builder { settings, order, interpreter, folder: scratch };
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (base, own, list) = (&interpreter.program, scratch.join("bin/python"), scratch.join(LIST));
    let make = Step { words: vec![text(base), "-m".into(), "venv".into(), text(scratch)], what: NO_VENV, list: false };
    let words = ["-m", "pip", "wheel", "--no-input", "--disable-pip-version-check", "--wheel-dir"];
    let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    words.insert(0, text(&own));
    words.extend([text(wheels), "-r".to_owned(), text(&list)]);
    let fetch = Step { words, what: "pip cannot fetch the wheels", list: true };
    builder.run(vec![make, fetch], stopped).await
}
async fn remove(folder: &Path) -> io::Result<()> {
    let parent = folder.parent().map(Path::to_owned);
    let folder = folder.to_owned();
    let removed = tokio::task::spawn_blocking(move || {
        if let Some(parent) = parent {
            fs::create_dir_all(parent)?;
        }
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    });
    removed.await.map_err(io::Error::other)?
}

/// Marks the environment in `folder` as whole, after all of it is on disk.
pub(super) fn mark(folder: &Path) -> io::Result<()> {
    let size = super::prune::size_of(folder)?;
    // A power cut must not leave a mark on files that never reached the disk.
    rustix::fs::syncfs(fs::File::open(folder)?)?;
    let unfinished = folder.join(format!("{MARK}.new"));
    let mut file = fs::File::create(&unfinished)?;
    io::Write::write_all(&mut file, json!({ "size": size }).to_string().as_bytes())?;
    file.sync_all()?;
    fs::rename(unfinished, folder.join(MARK))?;
    fs::File::open(folder)?.sync_all()
}

struct Builder<'a> {
    settings: &'a Settings,
    order: &'a Order<'a>,
    interpreter: &'a Interpreter,
    folder: &'a Path,
}

/// One step of the building.
struct Step {
    words: Vec<String>,
    /// What has failed when it fails.
    what: &'static str,
    /// Whether the list of requirements has to be there.
    list: bool,
}

impl Builder<'_> {
    /// Runs one step after the other.
    async fn run(
        &self,
        steps: Vec<Step>,
        mut stopped: Pin<&mut impl Future<Output = StopReason>>,
    ) -> Result<(), Broken> {
        let unready = |error: io::Error| Broken::Failed(format!("the Python environment cannot be built: {error}"));
        for password in self.settings.passwords() {
            self.order.request.host.keep_secret(&password);
        }
        let variables = self.variables();
        let confinement = self.order.request.confinement.writing(self.folder.parent().unwrap_or(self.folder));
        for step in steps {
            if step.list {
                self.write_list().map_err(unready)?;
            }
            let program = Program {
                request: self.order.request,
                folder: self.order.package,
                variables: &variables,
                voice: Voice::Tool(without_logins),
                confinement: &confinement,
            };
            let ended = program.run(&step.words, stopped.as_mut()).await?;
            if !ended.status.success() {
                let tail = Vec::from(ended.tail).join("\n");
                let place = &self.order.environment.place;
                let what = format!("the Python environment of {place} cannot be built: {}", step.what);
                return Err(Broken::Failed(format!("{what} ({}). It said:\n{tail}", ended.status)));
            }
        }
        Ok(())
    }

    fn commands(&self) -> Vec<Step> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let environment = self.order.environment;
        let (folder, own) = (text(self.folder), text(&self.folder.join("bin/python")));
        let base = text(&self.interpreter.program);
        let uv =
            on_path("uv", &self.path()).filter(|_| !self.settings.speaks_to_pip_only() && environment.bundle.is_none());
        let step = |words: &[&str], what, list| Step {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            what,
            list,
        };
        let mut steps = Vec::new();
        let list = text(&self.folder.join(LIST));
        match uv.as_deref().map(text) {
            Some(uv) => {
                steps.push(step(
                    &[&uv, "venv", "--seed", "--python", &base, &folder],
                    "uv cannot make an environment",
                    false,
                ));
                if !environment.requirements.is_empty() {
                    let words = [uv.as_str(), "pip", "install", "--python", &own, "-r", &list];
                    steps.push(step(&words, "uv cannot install the requirements", true));
                }
            }
            None => {
                steps.push(step(&[&base, "-m", "venv", &folder], NO_VENV, false));
                if !environment.requirements.is_empty() {
                    let mut words =
                        vec![own.as_str(), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"];
                    let wheels = text(&self.order.package.join(BUNDLE_FOLDER));
                    let lock = text(&self.order.package.join(baigong_package::BUNDLE_LOCK));
                    match &environment.bundle {
                        Some(_) => {
                            words.extend(["--no-index", "--find-links", &wheels, "--require-hashes", "-r", &lock]);
                        }
                        None => words.extend(["-r", &list]),
                    }
                    steps.push(step(&words, "pip cannot install the requirements", true));
                }
            }
        }
        let after = environment.post_install.iter();
        steps.extend(after.map(|words| Step {
            words: words.clone(),
            what: "a command of rccPostInstall failed",
            list: false,
        }));
        steps
    }

    fn path(&self) -> String {
        let path = self.order.request.environment.iter().rev().find(|(name, _)| name == "PATH");
        path.map_or_else(String::new, |(_, path)| path.clone())
    }

    fn variables(&self) -> Vec<(String, String)> {
        let mut variables = crate::runner::for_tools(self.order.request);
        variables.extend(self.settings.variables());
        let own = self.folder.join("bin");
        variables.push(("PATH".into(), format!("{}:{}", own.display(), self.path())));
        variables.push(("VIRTUAL_ENV".into(), self.folder.to_string_lossy().into_owned()));
        // Bars that are drawn over and over say nothing in a log.
        variables.push(("PIP_PROGRESS_BAR".into(), "off".into()));
        variables
    }

    /// The list for pip. Paths in it are relative to the package.
    fn write_list(&self) -> io::Result<()> {
        let mut text = String::new();
        for line in &self.order.environment.requirements {
            text.push_str(&self.placed(line));
            text.push('\n');
        }
        fs::write(self.folder.join(LIST), text)
    }

    fn placed(&self, line: &str) -> String {
        for option in ["-c", "--constraint", "-f", "--find-links"] {
            let rest = line.strip_prefix(option).map(|rest| rest.trim_start_matches(['=', ' ']));
            if let Some(name) = rest.filter(|name| !name.contains("://") && !name.starts_with('/') && line != *name) {
                return format!("{option} {}", self.order.package.join(name).display());
            }
        }
        line.to_owned()
    }
}
