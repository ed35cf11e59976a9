//! The Pythons on this machine: which there are, which version each is, and which of them suits a package.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use baigong_package::{Fit, PythonVersion, PythonWish};
use tokio::process::Command;

use super::settings::Settings;
use crate::timer;

/// An interpreter that does not say its version within this is none.
const PATIENCE: Duration = Duration::from_secs(20);
/// uv may need so long to fetch a Python.
const FETCH: Duration = Duration::from_secs(300);

/// A Python to build with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interpreter {
    pub(super) program: PathBuf,
    pub(super) version: PythonVersion,
    /// What people should know about the choice.
    pub(super) remark: Option<String>,
}

impl Interpreter {
    pub(super) fn version_text(&self) -> String {
        self.version.map(|number| number.to_string()).join(".")
    }
}

/// What was found out before.
#[derive(Default)]
pub(super) struct Interpreters(Mutex<HashMap<PathBuf, Option<Interpreter>>>);

impl Interpreters {
    /// The best Python for `wish`; else what there is instead, in words.
    pub(super) async fn find(
        &self,
        wish: &PythonWish,
        settings: &Settings,
        variables: &[(String, String)],
    ) -> Result<Interpreter, String> {
        let get = |name: &str| variables.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        // A run may have a home of its own; what is installed lies in the agent's.
        let home = settings.get("HOME").map(str::to_owned).or_else(|| get("HOME")).unwrap_or_default();
        let path = get("PATH").unwrap_or_default();
        let mut others = match self.best(wish, settings, &path, &home).await {
            Ok(found) => return Ok(found),
            Err(others) => others,
        };
        if let Some((major, minor)) = wish.minor()
            && let Some(uv) = on_path("uv", &path)
        {
            let wanted = format!("{major}.{minor}");
            let fetched = answer(&uv, &["python", "install", &wanted], variables, settings, FETCH).await;
            match fetched {
                Ok(_) => match self.best(wish, settings, &path, &home).await {
                    Ok(found) => return Ok(found),
                    Err(now) => others = now,
                },
                Err(why) => others.push(format!("uv cannot fetch it: {why}")),
            }
        }
        let others = if others.is_empty() { "no Python at all".to_owned() } else { others.join(", ") };
        Err(format!("{wish} is asked for, and this robot has {others}: install it, or uv, on the robot"))
    }

    /// The first that is right, else the one that is newer by least, else older by least; else all that there are.
    async fn best(
        &self,
        wish: &PythonWish,
        settings: &Settings,
        path: &str,
        home: &str,
    ) -> Result<Interpreter, Vec<String>> {
        let mut found: Vec<(Fit, Interpreter)> = Vec::new();
        for program in candidates(wish, settings, path, home) {
            let Some(interpreter) = self.look_at(&program).await else { continue };
            match wish.fit(interpreter.version) {
                Fit::Right => return Ok(interpreter),
                fit => found.push((fit, interpreter)),
            }
        }
        let of = |wanted: Fit| found.iter().filter(move |(fit, _)| *fit == wanted).map(|(_, found)| found);
        let newer = of(Fit::Newer).min_by_key(|found| found.version);
        if let Some(nearest) = newer.or_else(|| of(Fit::Older).max_by_key(|found| found.version)) {
            let remark = format!(
                "{wish} is asked for and is not on this robot: Python {} is taken instead",
                nearest.version_text()
            );
            return Ok(Interpreter { remark: Some(remark), ..nearest.clone() });
        }
        let mut names: Vec<String> =
            found.iter().map(|(_, found)| format!("Python {}", found.version_text())).collect();
        names.sort();
        names.dedup();
        Err(names)
    }

    /// Asks a program for its version, once.
    async fn look_at(&self, program: &Path) -> Option<Interpreter> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(program).cloned();
        if let Some(known) = known {
            return known;
        }
        let asked = ask(program).await;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(program.to_owned(), asked.clone());
        asked
    }
}

async fn ask(program: &Path) -> Option<Interpreter> {
    const QUESTION: &str = "import sys; print(*sys.version_info[:3]); print(sys.executable)";
    let told = answer(program, &["-I", "-c", QUESTION], &[], &Settings::default(), PATIENCE).await.ok()?;
    let mut lines = told.lines();
    let mut numbers = lines.next()?.split(' ').map(|number| number.parse().ok());
    let version = [numbers.next()??, numbers.next()??, numbers.next()??];
    // The program may be a script that chooses one: the one it chose is meant.
    let executable = PathBuf::from(lines.next()?);
    let program = if executable.is_absolute() { executable } else { program.to_owned() };
    Some(Interpreter { program, version, remark: None })
}

/// What a program prints; else the last line of its errors.
async fn answer(
    program: &Path,
    arguments: &[&str],
    variables: &[(String, String)],
    settings: &Settings,
    patience: Duration,
) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    if !variables.is_empty() {
        command.env_clear().envs(variables.iter().cloned()).envs(settings.variables());
    }
    let output = tokio::select! {
        output = command.output() => output.map_err(|error| error.to_string())?,
        () = timer::after(patience) => return Err("it takes too long".to_owned()),
    };
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let last = errors.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it does not say why");
    Err(super::settings::without_logins(last))
}

/// Where a Python may lie, the likeliest first; each once.
fn candidates(wish: &PythonWish, settings: &Settings, path: &str, home: &str) -> Vec<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(path).filter(|folder| folder.is_absolute()).collect();
    let mut names = Vec::new();
    names.extend(wish.minor().map(|(major, minor)| format!("python{major}.{minor}")));
    names.extend(["python3".to_owned(), "python".to_owned()]);
    let mut found: Vec<PathBuf> = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .filter(|file| file.is_file())
        .collect();
    let numbered =
        |name: &str| name.strip_prefix("python3.").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    found.extend(folders.iter().flat_map(|folder| entries(folder)).filter(|file| name_of(file).is_some_and(numbered)));
    let home = Path::new(home);
    let pyenv = settings.get("PYENV_ROOT").map_or_else(|| home.join(".pyenv"), PathBuf::from);
    for kept in [pyenv.join("versions"), home.join(".local/share/uv/python")] {
        found.extend(entries(&kept).map(|version| version.join("bin/python3")).filter(|file| file.is_file()));
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|file| seen.insert(file.clone()));
    found
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.sort();
    found.into_iter()
}

fn name_of(file: &Path) -> Option<&str> {
    file.file_name()?.to_str()
}

/// The program of that name on the PATH.
pub(super) fn on_path(name: &str, path: &str) -> Option<PathBuf> {
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
