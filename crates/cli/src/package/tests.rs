//! The commands on real folders; what they write is checked through the package crate, not by reading the terminal.

use std::{fs, path::Path, process::ExitCode};

use baigong_model::{LogLevel, Parameter};
use baigong_package::{Limits, PackageKind};
use clap::Parser as _;

use super::{
    BuildArguments, CheckArguments, Kind, NewArguments, PackageArguments, RunArguments, build, check, new, run,
};

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    arguments: PackageArguments,
}

fn run_arguments(package: &Path, artifacts: &Path) -> RunArguments {
    RunArguments {
        package: package.to_owned(),
        task: None,
        parameters: Vec::new(),
        artifacts: artifacts.to_owned(),
        assets: None,
        credentials: None,
        work_items: None,
        variables: None,
        dev: false,
        environments: None,
        max_run_time: None,
        log_level: LogLevel::Info,
    }
}

fn started(kind: Kind) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let code = new::run(&NewArguments { folder: folder.path().join("greeting"), kind }).unwrap();
    assert_eq!(code, ExitCode::SUCCESS);
    folder
}

#[tokio::test]
async fn every_starter_passes_the_check_builds_and_runs() {
    for (kind, result) in [(Kind::Flow, "total.txt"), (Kind::Command, "greeting.txt"), (Kind::Robot, "greeting.txt")] {
        let folder = started(kind);
        let (package, zip) = (folder.path().join("greeting"), folder.path().join("greeting.zip"));
        assert_eq!(check::run(&CheckArguments { package: package.clone() }).unwrap(), ExitCode::SUCCESS, "{kind:?}");
        let build = BuildArguments { folder: package.clone(), output: Some(zip.clone()) };
        assert_eq!(build::run(&build).unwrap(), ExitCode::SUCCESS, "{kind:?}");
        for source in [&package, &zip] {
            let artifacts = folder.path().join("results");
            let code = run::run(run_arguments(source, &artifacts)).await.unwrap();
            assert_eq!(code, ExitCode::SUCCESS, "{kind:?} from {}", source.display());
            assert!(artifacts.join(result).is_file(), "{kind:?} from {}", source.display());
            fs::remove_dir_all(artifacts).unwrap();
        }
    }
}

#[tokio::test]
async fn the_flow_starter_adds_up_exactly_and_takes_parameters() {
    let folder = started(Kind::Flow);
    let (package, artifacts) = (folder.path().join("greeting"), folder.path().join("results"));
    run::run(run_arguments(&package, &artifacts)).await.unwrap();
    assert_eq!(fs::read_to_string(artifacts.join("total.txt")).unwrap(), "1218.75");

    let table = folder.path().join("other.csv");
    fs::write(&table, "name,amount\na,0.1\nb,0.2\n").unwrap();
    let mut arguments = run_arguments(&package, &folder.path().join("other"));
    arguments.parameters = vec![Parameter::new("file", table.to_str().unwrap())];
    assert_eq!(run::run(arguments).await.unwrap(), ExitCode::SUCCESS);
    assert_eq!(fs::read_to_string(folder.path().join("other/total.txt")).unwrap(), "0.3");
}

#[test]
fn a_file_named_on_the_command_line_is_the_one_beside_the_person() {
    let folder = started(Kind::Flow);
    let info = baigong_package::check(&folder.path().join("greeting"), &baigong_actions::table(), &Limits::default());
    let info = info.unwrap();
    let here = folder.path().canonicalize().unwrap();
    fs::write(here.join("mine.csv"), "name,amount\n").unwrap();
    let whole = |name, value| run::with_whole_paths(&[Parameter::new(name, value)], &info, &here).remove(0).value;
    assert_eq!(whole("file", "mine.csv"), here.join("mine.csv").to_str().unwrap());
    assert_eq!(whole("file", "amounts.csv"), "amounts.csv", "the package has it");
    assert_eq!(whole("file", "greeting"), "greeting", "a folder is no file");
    assert_eq!(whole("other", "mine.csv"), "mine.csv", "only parameters that are files");
}

#[tokio::test]
async fn a_failed_run_is_a_failed_command() {
    let folder = started(Kind::Command);
    let package = folder.path().join("greeting");
    fs::write(package.join("main.sh"), "exit 3").unwrap();
    let code = run::run(run_arguments(&package, &folder.path().join("results"))).await.unwrap();
    assert_eq!(code, ExitCode::FAILURE);
    fs::write(package.join("main.sh"), "sleep 1000").unwrap();
    let mut arguments = run_arguments(&package, &folder.path().join("results"));
    arguments.max_run_time = Some(1);
    assert_eq!(run::run(arguments).await.unwrap(), ExitCode::FAILURE);
}

#[tokio::test]
async fn a_bad_package_is_refused_by_every_command() {
    let folder = started(Kind::Flow);
    let package = folder.path().join("greeting");
    let flow = package.join("main.flow.yaml");
    fs::write(&flow, fs::read_to_string(&flow).unwrap().replace("do: csv.read", "do: csv.raed")).unwrap();
    let zip = folder.path().join("x.zip");
    assert_eq!(check::run(&CheckArguments { package: package.clone() }).unwrap(), ExitCode::FAILURE);
    let build = BuildArguments { folder: package.clone(), output: Some(zip.clone()) };
    assert_eq!(build::run(&build).unwrap(), ExitCode::FAILURE);
    assert!(!zip.exists());
    let code = run::run(run_arguments(&package, &folder.path().join("results"))).await.unwrap();
    assert_eq!(code, ExitCode::FAILURE);
    let again = new::run(&NewArguments { folder: package, kind: Kind::Flow }).unwrap_err();
    assert!(again.downcast_ref::<crate::WrongUsage>().is_some(), "a folder with files is left alone");
}

#[test]
fn the_packed_starter_is_the_package() {
    let folder = started(Kind::Command);
    let zip = folder.path().join("x.zip");
    let build = BuildArguments { folder: folder.path().join("greeting"), output: Some(zip.clone()) };
    build::run(&build).unwrap();
    let info = baigong_package::check(&zip, &baigong_actions::table(), &Limits::default()).unwrap();
    assert!(matches!(info.kind, PackageKind::Command { .. }));
    assert_eq!((info.name.as_deref(), info.retry_safe), (Some("greeting"), true));
}

#[test]
fn command_lines_are_understood() {
    for line in [
        "package new d --kind robot",
        "package check d",
        "package build d -o x.zip",
        "package bundle d -o x.zip",
        "package run d --work-items w.json --env e.json --dev --environments e",
        "package run d",
        "package run x.zip --task T --param a=b=c --param d= --artifacts o --assets a.json --max-run-time 5 --log-level trace",
    ] {
        assert!(Line::try_parse_from(line.split(' ')).is_ok(), "{line}");
    }
    for line in ["package run d --param novalue", "package run d --param =x", "package new d --kind other", "package"] {
        assert!(Line::try_parse_from(line.split(' ')).is_err(), "{line}");
    }
}

#[tokio::test]
async fn two_runs_of_the_example_share_a_queue_without_sharing_a_reference() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/valuation-reconciliation");
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        assert_eq!(run::run(run_arguments(&example, folder.path())).await.unwrap(), ExitCode::SUCCESS);
    }
    let queue = fs::read_to_string(folder.path().join("queues/valuation-differences.jsonl")).unwrap();
    let items = queue.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let references: std::collections::BTreeSet<String> =
        items.map(|item| item["reference"].as_str().unwrap().to_owned()).collect();
    assert_eq!((queue.lines().count(), references.len()), (90, 90));
}
