//! A run as child processes: the package's environment, its work items, what is to run before, and its program.

use std::{io, path::PathBuf, pin::Pin};

use baigong_model::{LogLevel, Parameter};
use baigong_package::{PackageKind, RobotYaml, TaskForm, suits_this_machine};

use super::{
    Broken, RunRequest, StopReason, artifacts,
    environment::{self, Papers},
    parameters::{self, Given, read_output},
    program::{Ended, Program, Voice},
    scripts,
    verdict::{judge, judge_tasks},
};
use crate::{
    environments::{Order, Ready},
    workspace::{Verdict, Workspace},
};

/// The programs of one run, and what they share.
struct Programs<'a> {
    request: &'a RunRequest,
    folder: PathBuf,
    papers: Papers,
    variables: Vec<(String, String)>,
    /// Kept in place as long as the run goes on.
    _environment: Option<Ready>,
}

/// Runs what `form` says, and what `robot.yaml` wants run before it.
pub(crate) async fn run(
    request: &RunRequest,
    form: &TaskForm,
    mut stopped: Pin<&mut impl Future<Output = StopReason>>,
) -> Result<Vec<Parameter>, Broken> {
    let given = parameters::resolve(&request.info, &request.in_parameters)?;
    let folder = request.folder.canonicalize().map_err(|error| unready(&error))?;
    let is_framework = matches!(form, TaskForm::RobotTaskName(_) | TaskForm::Suite(_));
    let ready = match &request.info.environment {
        Some(environment) if is_framework || !environment.is_implied => {
            let order = Order { request, environment, package: &folder };
            Some(request.environments.get(&order, stopped.as_mut()).await?)
        }
        _ => None,
    };
    let Some(workspace) = Workspace::open(request, &given).await? else {
        // The queue of its work items is empty: there is nothing to do.
        return Ok(Vec::new());
    };
    let ended = run_programs(request, form, (&given, folder, ready), &workspace, stopped.as_mut()).await;
    workspace.close(ended, stopped).await
}

async fn run_programs(
    request: &RunRequest,
    form: &TaskForm,
    (given, folder, ready): (&[Given], PathBuf, Option<Ready>),
    workspace: &Workspace,
    mut stopped: Pin<&mut impl Future<Output = StopReason>>,
) -> Result<Vec<Parameter>, Broken> {
    let programs = Programs::prepare(request, given, (folder, ready), workspace).map_err(|error| unready(&error))?;
    let robot = match &request.info.kind {
        PackageKind::RobotYaml(robot) => Some(robot),
        _ => None,
    };
    if let Some(robot) = robot {
        scripts::make_runnable(&programs.folder, &robot.path);
        programs.run_before(robot, stopped.as_mut()).await?;
    }
    let (command, is_framework) = programs.command(form);
    let ended = programs.run(&command, stopped).await;
    if let Some(robot) = robot {
        programs.collect(robot);
    }
    let ended = ended?;
    let verdict: Verdict = workspace.verdict().await;
    judge_tasks(ended.status, ended.last_error.as_deref(), is_framework, &verdict).map_err(Broken::Failed)?;
    programs.out_parameters()
}

fn unready(error: &io::Error) -> Broken {
    Broken::failed(format!("the run cannot be prepared: {error}"))
}

impl<'a> Programs<'a> {
    fn prepare(
        request: &'a RunRequest,
        given: &[Given],
        (folder, ready): (PathBuf, Option<Ready>),
        workspace: &Workspace,
    ) -> io::Result<Self> {
        // Absolute, since the process stands in another folder than we do.
        let artifacts = request.artifacts_folder.canonicalize()?;
        let papers = Papers::write(&request.work_folder, given)?;
        let python = ready.as_ref().map(|ready| ready.folder.as_path());
        let places = environment::Places { folder: &folder, artifacts: &artifacts, python };
        let mut variables = environment::of_process(request, given, &papers, &places);
        workspace.add_variables(&mut variables);
        environment::add_given(request, &mut variables);
        Ok(Self { request, folder, papers, variables, _environment: ready })
    }

    /// The words of the program, and whether it is Robot Framework.
    fn command(&self, form: &TaskForm) -> (Vec<String>, bool) {
        let artifacts = self.request.artifacts_folder.canonicalize().unwrap_or_default();
        let artifacts = artifacts.to_string_lossy().into_owned();
        let framework = |rest: &[&str]| {
            let words =
                ["python", "-m", "robot", "--report", "NONE", "--outputdir", &artifacts, "--logtitle", "Task log"];
            (words.iter().chain(rest).map(|word| (*word).to_owned()).collect(), true)
        };
        match form {
            TaskForm::RobotTaskName(name) => framework(&["--task", name, "."]),
            TaskForm::Suite(suite) => framework(&[suite]),
            TaskForm::Command(words) => (words.clone(), false),
            // A flow runs inside this process and never comes here.
            TaskForm::Flow => (Vec::new(), false),
        }
    }

    /// `preRunScripts`.
    async fn run_before(
        &self,
        robot: &RobotYaml,
        mut stopped: Pin<&mut impl Future<Output = StopReason>>,
    ) -> Result<(), Broken> {
        for script in robot.pre_run_scripts.iter().filter(|words| suits_this_machine(&words.join(" "))) {
            let ended = self.run(script, stopped.as_mut()).await?;
            judge(ended.status, ended.last_error.as_deref())
                .map_err(|message| Broken::Failed(format!("preRunScripts, \"{}\": {message}", script.join(" "))))?;
        }
        Ok(())
    }

    async fn run(
        &self,
        command: &[String],
        stopped: Pin<&mut impl Future<Output = StopReason>>,
    ) -> Result<Ended, Broken> {
        let program = Program {
            request: self.request,
            folder: &self.folder,
            variables: &self.variables,
            voice: Voice::Task,
            confinement: &self.request.confinement,
        };
        program.run(command, stopped).await
    }

    fn out_parameters(&self) -> Result<Vec<Parameter>, Broken> {
        let specs = &self.request.info.out_parameters;
        let out = read_output(&self.papers.output, specs, self.request.limits.output_size).map_err(Broken::Failed)?;
        for spec in specs.iter().filter(|spec| !out.iter().any(|parameter| parameter.name == spec.name)) {
            let message = format!("the program did not give the out-parameter \"{}\"", spec.name);
            if spec.required {
                return Err(Broken::Failed(message));
            }
            self.request.host.log(LogLevel::Warn, &message);
        }
        Ok(out)
    }

    fn collect(&self, robot: &RobotYaml) {
        let from = self.folder.join(&robot.artifacts_dir);
        if let Err(error) = artifacts::collect(&from, &self.request.artifacts_folder) {
            let message = format!("the results in {} could not be taken over: {error}", robot.artifacts_dir);
            self.request.host.log(LogLevel::Warn, &message);
        }
    }
}
