//! `baigong package check PATH`.

use std::process::ExitCode;

use baigong_package::{PackageKind, ParameterSpec};

use super::{CheckArguments, checked, described};
use crate::output::{self, Colour};

pub(crate) fn run(arguments: &CheckArguments) -> anyhow::Result<ExitCode> {
    let Some(info) = checked(&arguments.package)? else { return Ok(ExitCode::FAILURE) };
    output::line(&format!("{} {}", output::painted(Colour::Green, "✓"), described(&info)));
    // A robot.yaml is run by the names of its tasks, even of its only one.
    if info.tasks.len() > 1 || matches!(info.kind, PackageKind::RobotYaml(_)) {
        let names: Vec<_> = info.tasks.iter().map(|task| task.name.as_str()).collect();
        output::line(&format!("  tasks: {}", names.join(", ")));
    }
    if let Some(environment) = &info.environment {
        let (python, count) = (&environment.python, environment.requirements.len());
        let wheels = if environment.bundle.is_some() { ", wheels included" } else { "" };
        output::line(&format!("  environment of {}: {python}, {count} requirements{wheels}", environment.place));
    }
    for (side, specs) in [("takes", &info.in_parameters), ("gives", &info.out_parameters)] {
        for spec in specs {
            output::line(&format!("  {side} {}", parameter(spec)));
        }
    }
    if !info.sha256.is_empty() {
        output::line(&format!("  sha256 {}", info.sha256));
    }
    Ok(ExitCode::SUCCESS)
}

fn parameter(spec: &ParameterSpec) -> String {
    let default = match &spec.default {
        Some(text) => format!(", {text} unless said"),
        None if spec.required => ", must be given".to_owned(),
        None => String::new(),
    };
    let what = if spec.description.is_empty() { String::new() } else { format!(": {}", spec.description) };
    format!("{} ({}{default}){what}", spec.name, spec.kind.as_str())
}
