//! `robot.yaml`: the form of the largest open body of automations. It belongs to others, so unknown keys are let pass.

use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

use crate::{Problem, TaskForm, parameters::short, yaml};

/// The file name.
pub(crate) const FILE: &str = "robot.yaml";

/// The content of `robot.yaml`, checked. All paths are relative to its folder and lie inside it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RobotYaml {
    /// The tasks in the order of the document.
    pub tasks: Vec<RobotTask>,
    /// Tasks for developers only.
    pub dev_tasks: Vec<RobotTask>,
    /// Where results go; `output` unless said.
    pub artifacts_dir: String,
    /// Folders put before the PATH.
    pub path: Vec<String>,
    /// Folders put before the PYTHONPATH.
    pub python_path: Vec<String>,
    /// Environment descriptions, the first that exists and suits the machine wins.
    pub environment_configs: Vec<String>,
    /// The environment description where none of the above fits.
    pub conda_config_file: Option<String>,
    /// Programs run before the task, each with its arguments; those for another system are left out when running.
    pub pre_run_scripts: Vec<Vec<String>>,
    /// Files in the form of `.gitignore` that say what is not packed.
    pub ignore_files: Vec<String>,
}

/// One task of `robot.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RobotTask {
    /// Its name.
    pub name: String,
    /// What it runs.
    pub form: TaskForm,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    tasks: Option<yaml::Ordered<Spanned<TaskDocument>>>,
    #[serde(default, rename = "devTasks")]
    dev_tasks: Option<yaml::Ordered<Spanned<TaskDocument>>>,
    #[serde(default, rename = "artifactsDir")]
    artifacts_dir: Option<String>,
    #[serde(default, rename = "PATH")]
    path: Option<Vec<String>>,
    #[serde(default, rename = "PYTHONPATH")]
    python_path: Option<Vec<String>>,
    #[serde(default, rename = "environmentConfigs")]
    environment_configs: Option<Vec<String>>,
    #[serde(default, rename = "condaConfigFile")]
    conda_config_file: Option<String>,
    #[serde(default, rename = "preRunScripts")]
    pre_run_scripts: Option<Vec<Spanned<String>>>,
    #[serde(default, rename = "ignoreFiles")]
    ignore_files: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct TaskDocument {
    #[serde(default, rename = "robotTaskName")]
    robot_task_name: Option<String>,
    #[serde(default)]
    shell: Option<String>,
    #[serde(default)]
    command: Option<Vec<String>>,
}

impl RobotYaml {
    /// Reads `robot.yaml`; lists all that is wrong with it.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        let document: Document = yaml::parse(FILE, bytes).map_err(|problem| vec![problem])?;
        let mut problems = Vec::new();
        let tasks = read_tasks(document.tasks.unwrap_or_default(), &mut problems);
        let dev_tasks = read_tasks(document.dev_tasks.unwrap_or_default(), &mut problems);
        if tasks.is_empty() && dev_tasks.is_empty() && problems.is_empty() {
            let remedy = "Write for example: tasks: {Main: {shell: sh run.sh}}";
            problems.push(Problem::new(FILE, "there are no tasks", remedy));
        }
        let pre_run_scripts = read_scripts(document.pre_run_scripts.unwrap_or_default(), &mut problems);
        let read = Self {
            tasks,
            dev_tasks,
            artifacts_dir: document.artifacts_dir.filter(|name| !name.is_empty()).unwrap_or_else(|| "output".into()),
            path: document.path.unwrap_or_default(),
            python_path: document.python_path.unwrap_or_default(),
            environment_configs: document.environment_configs.unwrap_or_default(),
            conda_config_file: document.conda_config_file.filter(|name| !name.is_empty()),
            pre_run_scripts,
            ignore_files: document.ignore_files.unwrap_or_default(),
        };
        problems.extend(read.paths_that_lead_out());
        if problems.is_empty() { Ok(read) } else { Err(problems) }
    }

    fn paths_that_lead_out(&self) -> Vec<Problem> {
        let artifacts = std::slice::from_ref(&self.artifacts_dir);
        let lists = [
            ("artifactsDir", artifacts),
            ("PATH", &self.path),
            ("PYTHONPATH", &self.python_path),
            ("environmentConfigs", &self.environment_configs),
            ("condaConfigFile", self.conda_config_file.as_slice()),
            ("ignoreFiles", &self.ignore_files),
        ];
        let paths = lists.into_iter().flat_map(|(field, paths)| paths.iter().map(move |path| (field, path)));
        let out = paths.filter(|(_, path)| !stays_inside(path));
        let problem = |(field, path): (&str, &String)| {
            let message = format!("{field}: \"{}\" leads out of the package", short(path));
            Problem::new(FILE, message, "Use a path relative to robot.yaml without ..")
        };
        out.map(problem).collect()
    }
}

fn stays_inside(path: &str) -> bool {
    let absolute = path.starts_with(['/', '\\']) || path.as_bytes().get(1) == Some(&b':');
    !absolute && !path.contains('\0') && path.split(['/', '\\']).all(|part| part != "..")
}

fn read_tasks(tasks: yaml::Ordered<Spanned<TaskDocument>>, problems: &mut Vec<Problem>) -> Vec<RobotTask> {
    let mut read = Vec::new();
    for (name, task) in tasks.0 {
        let place = yaml::place(FILE, task.referenced);
        match task_form(&name, task.value) {
            Ok(form) => read.push(RobotTask { name, form }),
            Err((message, remedy)) => problems.push(Problem::new(place, message, remedy)),
        }
    }
    read
}

/// Where several forms are given, robotTaskName goes before shell and shell before command.
fn task_form(name: &str, task: TaskDocument) -> Result<TaskForm, (String, &'static str)> {
    let name = short(name);
    if let Some(task) = task.robot_task_name.filter(|task| !task.is_empty()) {
        return Ok(TaskForm::RobotTaskName(task));
    }
    if let Some(line) = task.shell.filter(|line| !line.trim().is_empty()) {
        let words = split(&line).ok_or((
            format!("task \"{name}\": the quotes of shell do not match"),
            "The line is split into words as a shell would, but no shell reads it",
        ))?;
        return Ok(TaskForm::Command(words));
    }
    let command = task.command.filter(|words| words.first().is_some_and(|program| !program.is_empty()));
    command
        .map(TaskForm::Command)
        .ok_or((format!("task \"{name}\" says nothing to run"), "Give it one of robotTaskName, shell, command"))
}

fn split(line: &str) -> Option<Vec<String>> {
    let words = shlex::split(line)?;
    words.first().is_some_and(|program| !program.is_empty()).then_some(words)
}

fn read_scripts(scripts: Vec<Spanned<String>>, problems: &mut Vec<Problem>) -> Vec<Vec<String>> {
    let mut read = Vec::new();
    for script in scripts {
        match split(&script.value) {
            Some(words) => read.push(words),
            None => problems.push(Problem::new(
                yaml::place(FILE, script.referenced),
                "preRunScripts: the entry is empty or its quotes do not match",
                "Write a program and its arguments on one line",
            )),
        }
    }
    read
}

/// Whether a file or script whose name may name systems (windows, darwin, linux) and processors (amd64, arm64) is meant
/// for this machine: a name that names none is meant for all.
#[must_use]
pub fn suits_this_machine(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let suits = |words: &[&str], ours: &str| {
        let named: Vec<_> = words.iter().filter(|word| name.contains(**word)).collect();
        named.is_empty() || named.iter().any(|word| **word == ours)
    };
    let system = if cfg!(target_os = "macos") { "darwin" } else { std::env::consts::OS };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    suits(&["windows", "darwin", "linux"], system) && suits(&["amd64", "arm64"], processor)
}
