//! The variables a process of a run sees: a clean base, never one of the agent's own, then those of the run.

use std::{
    env, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use baigong_flow::Host;
use baigong_model::LogLevel;
use baigong_package::{PackageKind, RobotYaml};
use serde_json::{Map, Value};

use super::{RunRequest, parameters::Given};

/// Variables of the agent that say where it runs, not who it is.
const TAKEN_OVER: [&str; 30] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "TERM",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
    "XDG_SESSION_TYPE",
    "DBUS_SESSION_BUS_ADDRESS",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SYSTEMROOT",
    "WINDIR",
    "COMSPEC",
    "USERPROFILE",
];
/// The variable by which every process of a run is known.
pub(crate) const MARK: &str = "BAIGONG_RUN";
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Of one variable, the most a system takes is 128 KiB; of all together about 2 MiB.
const LONGEST_VALUE: usize = 100_000;
const ALL_VALUES: usize = 1_000_000;

/// The variables of this process that are text: others cannot be passed on.
pub fn readable_environment() -> impl Iterator<Item = (String, String)> {
    env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The base on a robot: of the agent's own variables, only those that say where it runs.
pub fn clean_environment(variables: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    let taken = |name: &str| TAKEN_OVER.contains(&name) || name.starts_with("LC_") || name == MARK;
    variables.into_iter().filter(|(name, _)| taken(name)).collect()
}

/// The base of a run on a developer's machine: everything but what configures Baigong itself.
pub fn full_environment(variables: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    variables.into_iter().filter(|(name, _)| !is_ours(name)).collect()
}

/// All that begins with `BAIGONG_` (the agent's secret!) but the mark of the run, which its children must carry on.
fn is_ours(name: &str) -> bool {
    name.to_ascii_uppercase().starts_with("BAIGONG_") && name != MARK
}

/// What stands in [`MARK`]: the run's id, or the mark of the run around this one, whose end must end this one's processes
/// too.
pub(crate) fn mark(request: &RunRequest) -> &str {
    let around = request.environment.iter().rev().find(|(name, _)| name == MARK);
    around.map_or(&request.run_id, |(_, mark)| mark)
}

/// What every process of the run is told about it.
fn of_run(request: &RunRequest, artifacts: &Path) -> Vec<(String, String)> {
    let told = [
        (MARK.into(), mark(request).to_owned()),
        ("BAIGONG_TASK_ID".into(), request.task_id.to_string()),
        ("BAIGONG_PROCESS_ID".into(), request.process_id.to_string()),
        ("BAIGONG_ARTIFACTS".into(), artifacts.to_string_lossy().into_owned()),
    ];
    told.into_iter().chain(request.extras.screen.iter().cloned()).collect()
}

/// The variables of the run for processes that a flow starts, besides what its step says.
pub(crate) fn of_flow(request: &RunRequest) -> io::Result<Arc<[(String, String)]>> {
    // Absolute, since a process stands in another folder than we do.
    Ok(of_run(request, &request.artifacts_folder.canonicalize()?).into())
}

/// Where a run keeps its papers.
#[derive(Debug, Clone)]
pub(crate) struct Papers {
    /// The in-parameters as JSON.
    pub(crate) parameters: PathBuf,
    /// The out-parameters, written by the process.
    pub(crate) output: PathBuf,
}

impl Papers {
    /// Writes the in-parameters; the file of out-parameters of an earlier run is removed.
    pub(crate) fn write(work_folder: &Path, given: &[Given]) -> io::Result<Self> {
        let work_folder = work_folder.canonicalize()?;
        let papers = Self { parameters: work_folder.join("parameters.json"), output: work_folder.join("output.json") };
        let object: Map<String, Value> = given.iter().map(|one| (one.name.clone(), one.json())).collect();
        std::fs::write(&papers.parameters, serde_json::to_vec_pretty(&object)?)?;
        match std::fs::remove_file(&papers.output) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(papers),
        }
    }
}

/// Where a process of a run finds things.
pub(crate) struct Places<'a> {
    /// The package.
    pub(crate) folder: &'a Path,
    /// Where results go.
    pub(crate) artifacts: &'a Path,
    /// The Python environment of the package, where it has one.
    pub(crate) python: Option<&'a Path>,
}

/// The variables of a program that prepares the run: the base, and the mark by which it is found again.
pub(crate) fn for_tools(request: &RunRequest) -> Vec<(String, String)> {
    let mut variables: Vec<_> = request.environment.iter().filter(|(name, _)| !is_ours(name)).cloned().collect();
    variables.push((MARK.into(), mark(request).to_owned()));
    variables
}

/// Variables that were given for this run only (`devdata/env.json`): they go over all but our own. `%{NAME}` in a value is
/// the variable of that name.
pub(crate) fn add_given(request: &RunRequest, variables: &mut Vec<(String, String)>) {
    for (name, value) in request.extras.variables.iter().filter(|(name, _)| !is_ours(name)) {
        let filled = filled(value, variables);
        variables.push((name.clone(), filled));
    }
}

fn filled(text: &str, variables: &[(String, String)]) -> String {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("%{") {
        done.push_str(before);
        let value = inside.split_once('}').and_then(|(name, after)| {
            let found = variables.iter().rev().find(|(known, _)| known == name)?;
            Some((&found.1, after))
        });
        match value {
            Some((value, after)) => {
                done.push_str(value);
                rest = after;
            }
            None => {
                done.push_str("%{");
                rest = inside;
            }
        }
    }
    done + rest
}

/// All variables of a process of this run, in the order of rising right: a later one replaces an earlier of its name.
pub(crate) fn of_process(
    request: &RunRequest,
    given: &[Given],
    papers: &Papers,
    places: &Places<'_>,
) -> Vec<(String, String)> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let Places { folder, artifacts, python } = *places;
    let mut variables: Vec<_> = request.environment.iter().filter(|(name, _)| !is_ours(name)).cloned().collect();
    let base = |name: &str| variables.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let (mut path, python_path) = (base("PATH").unwrap_or_else(|| DEFAULT_PATH.into()), base("PYTHONPATH"));
    if let Some(python) = python {
        path = format!("{}:{path}", python.join("bin").display());
        variables.retain(|(name, _)| name != "PYTHONHOME");
        variables.push(("VIRTUAL_ENV".into(), text(python)));
    }
    let robot = match &request.info.kind {
        PackageKind::RobotYaml(robot) => robot.clone(),
        _ => RobotYaml::default(),
    };
    variables.push(("PATH".into(), prepended(folder, &robot.path, Some(&path))));
    if !robot.python_path.is_empty() || python_path.is_some() {
        variables.push(("PYTHONPATH".into(), prepended(folder, &robot.python_path, python_path.as_deref())));
    }
    variables.extend(parameters(given, request.host.as_ref()));
    variables.extend(of_run(request, artifacts));
    for (name, value) in [
        ("BAIGONG_PARAMS_FILE", text(&papers.parameters)),
        ("BAIGONG_OUTPUT_FILE", text(&papers.output)),
        ("ROBOT_ROOT", text(folder)),
        ("ROBOT_ARTIFACTS", text(artifacts)),
        // Lines must come while the program runs, not when its buffer is full; and in one encoding.
        ("PYTHONUNBUFFERED", "1".into()),
        ("PYTHONIOENCODING", "utf-8".into()),
    ] {
        variables.push((name.into(), value));
    }
    variables
}

fn prepended(folder: &Path, names: &[String], rest: Option<&str>) -> String {
    let mut paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
    paths.extend(rest.into_iter().flat_map(env::split_paths));
    // A folder with a colon in its name cannot stand in a list of folders: it is left out.
    let sound = paths.into_iter().filter(|path| env::join_paths([path]).is_ok());
    env::join_paths(sound).unwrap_or_default().to_string_lossy().into_owned()
}

/// `BAIGONG_PARAM_<NAME>`: as it is written, and in capitals. What does not fit a variable is in the file only.
fn parameters(given: &[Given], host: &dyn Host) -> Vec<(String, String)> {
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut size = 0;
    for one in given {
        let fits = one.value.len() <= LONGEST_VALUE && !one.value.contains('\0');
        size += if fits { 2 * (one.value.len() + one.name.len() + 16) } else { 0 };
        if !fits || size > ALL_VALUES || one.name.contains(['\0', '=']) || one.name.is_empty() {
            let message =
                format!("in-parameter \"{}\" is in BAIGONG_PARAMS_FILE only: it is no variable's size", one.name);
            host.log(LogLevel::Warn, &message);
            continue;
        }
        let capitals: String =
            one.name.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
        let names = [format!("BAIGONG_PARAM_{}", one.name), format!("BAIGONG_PARAM_{capitals}")];
        let [exact, capitals] = names;
        if capitals != exact {
            variables.push((capitals, one.value.clone()));
        }
        variables.push((exact, one.value.clone()));
    }
    variables
}
