//! The whole check of a package, the same at upload, on the command line and on a robot: opened, recognised, read,
//! and for flows validated against the actions that exist. Lists everything that is wrong, each with place and remedy.

use std::path::Path;

use baigong_flow::ActionTable;

use crate::{
    Limits, Manifest, ManifestKind, PackageError, PackageInfo, PackageKind, Parameters, Problem, RobotYaml, Task,
    TaskForm, environment, flow_document, manifest,
    recognise::{Recognised, recognise},
    robot_yaml,
    source::Source,
    yaml,
};

/// Checks the zip or the folder at `path`. A zip is inflated once to the end, into nothing.
pub fn check(path: &Path, actions: &ActionTable, limits: &Limits) -> Result<PackageInfo, PackageError> {
    let mut source = Source::open(path, limits)?;
    match recognise(&source)? {
        Recognised::Manifest => by_manifest(&mut source, actions),
        Recognised::RobotYaml => {
            let robot = RobotYaml::parse(&source.read_document(robot_yaml::FILE)?).map_err(PackageError::Refused)?;
            let environment = environment::of_robot_yaml(&mut source, &robot)?;
            let tasks = robot.tasks.iter().map(|task| Task { name: task.name.clone(), form: task.form.clone() });
            let info = info(&source, tasks.collect(), PackageKind::RobotYaml(robot));
            Ok(PackageInfo { environment, ..info })
        }
        Recognised::BareSuite => {
            let tasks = vec![Task { name: "suite".into(), form: TaskForm::Suite(".".into()) }];
            let environment = environment::of_suite(&mut source)?;
            Ok(PackageInfo { environment, ..info(&source, tasks, PackageKind::RobotFramework) })
        }
    }
}

fn info(source: &Source, tasks: Vec<Task>, kind: PackageKind) -> PackageInfo {
    PackageInfo {
        kind,
        name: None,
        version: None,
        description: None,
        tasks,
        in_parameters: Vec::new(),
        out_parameters: Vec::new(),
        retry_safe: false,
        environment: None,
        sha256: source.sha256(),
        size: source.size(),
        files: source.files().count() as u64,
    }
}

fn by_manifest(source: &mut Source, actions: &ActionTable) -> Result<PackageInfo, PackageError> {
    let manifest: Manifest = yaml::parse(manifest::FILE, &source.read_document(manifest::FILE)?)?;
    let mut problems = manifest.problems(source);
    let mut parameters = manifest.parameters.clone();
    if manifest.kind == ManifestKind::Flow && source.has_file(manifest.flow_file()) {
        match flow_document::check(source, manifest.flow_file(), actions) {
            Ok(declared) => parameters = merged(&manifest.parameters, declared, &mut problems),
            Err(PackageError::Refused(found)) => problems.extend(found),
            Err(storage) => return Err(storage),
        }
    }
    if !problems.is_empty() {
        return Err(PackageError::Refused(problems));
    }
    let environment = match manifest.kind {
        ManifestKind::Python => environment::of_python(source)?,
        ManifestKind::RobotFramework => environment::of_suite(source)?,
        ManifestKind::Flow | ManifestKind::Command => None,
    };
    let (form, kind) = match manifest.kind {
        ManifestKind::Flow => (TaskForm::Flow, PackageKind::Flow { flow: manifest.flow_file().to_owned() }),
        ManifestKind::Command => {
            let command = manifest.command.clone().unwrap_or_default();
            (TaskForm::Command(command.clone()), PackageKind::Command { command })
        }
        ManifestKind::Python => {
            // An environment of its own has "python" whatever the machine's is called.
            let python = if environment.is_some() { "python" } else { "python3" };
            (TaskForm::Command(manifest.python_command(source, python)), PackageKind::Python)
        }
        ManifestKind::RobotFramework => {
            let suite = manifest.main.clone().unwrap_or_else(|| ".".into());
            (TaskForm::Suite(suite), PackageKind::RobotFramework)
        }
    };
    let name = manifest.name.clone().unwrap_or_else(|| "main".into());
    Ok(PackageInfo {
        name: manifest.name,
        version: manifest.version,
        description: manifest.description,
        in_parameters: parameters.input,
        out_parameters: parameters.output,
        retry_safe: manifest.retry_safe,
        environment,
        ..info(source, vec![Task { name, form }], kind)
    })
}

/// The flow decides which parameters there are; the manifest may say them again, but not others.
fn merged(manifest: &Parameters, flow: Parameters, problems: &mut Vec<Problem>) -> Parameters {
    let sides = [("in", &manifest.input, &flow.input), ("out", &manifest.output, &flow.output)];
    for (side, said, known) in sides {
        for spec in said.iter().filter(|spec| !known.iter().any(|other| other.name == spec.name)) {
            let message = format!("parameters.{side}: the flow has no parameter \"{}\"", spec.name);
            problems.push(Problem::new(manifest::FILE, message, "Declare it in the flow, or remove it here"));
        }
    }
    flow
}
