//! Recognising and reading: which file decides, what each says, and how a fault is told.

use crate::{
    Limits, PackageInfo, PackageKind, ParameterType, TaskForm, suits_this_machine,
    testing::{Desk, Made, zip_of},
};

fn info(files: &[(&str, &str)]) -> PackageInfo {
    let made: Vec<_> = files.iter().map(|(name, content)| Made::file(name, content)).collect();
    Desk::new().check(&zip_of(&made), &Limits::default()).unwrap()
}

fn problems(files: &[(&str, &str)]) -> String {
    Desk::new().problems(files)
}

const COMMAND: &str = "kind: command\nname: 对账\nversion: 1.2.0\ncommand: [sh, run.sh, \"a b\"]\nretrySafe: true\n\
                       parameters:\n  in:\n    - {name: tolerance, type: decimal, default: 0.10}\n  out: [{name: matched, type: integer}]\n";

#[test]
fn a_manifest_is_read_whole() {
    let info = info(&[("baigong.yaml", COMMAND), ("run.sh", "true")]);
    assert_eq!(info.kind, PackageKind::Command { command: ["sh", "run.sh", "a b"].map(String::from).to_vec() });
    assert_eq!((info.name.as_deref(), info.version.as_deref()), (Some("对账"), Some("1.2.0")));
    assert!(info.retry_safe && info.sha256.len() == 64 && info.files == 2);
    assert_eq!(info.in_parameters[0].default.as_deref(), Some("0.10"), "decimals stay as they are written");
    assert_eq!(info.in_parameters[0].kind, ParameterType::Decimal);
    assert_eq!(info.out_parameters[0].name, "matched");
    let again: PackageInfo = serde_json::from_str(&serde_json::to_string(&info).unwrap()).unwrap();
    assert_eq!(again, info);
}

#[test]
fn baigong_yaml_goes_before_robot_yaml_and_that_before_a_bare_suite() {
    let all = [("a.robot", "*** Tasks ***"), ("robot.yaml", "tasks: {A: {shell: x}}"), ("baigong.yaml", COMMAND)];
    assert!(matches!(info(&all).kind, PackageKind::Command { .. }));
    assert!(matches!(info(&all[..2]).kind, PackageKind::RobotYaml(_)));
    assert_eq!(info(&all[..1]).kind, PackageKind::RobotFramework);
    let text = problems(&[("readme.txt", "")]);
    for looked_for in ["baigong.yaml", "robot.yaml", "*.robot"] {
        assert!(text.contains(looked_for), "{text}");
    }
}

#[test]
fn a_zipped_folder_is_told_from_a_zipped_content() {
    let text = problems(&[("demo/baigong.yaml", COMMAND), ("demo/run.sh", "")]);
    assert!(text.contains("inside a folder \"demo\"") && text.contains("not the folder itself"), "{text}");
}

#[test]
fn faults_of_a_manifest_name_line_and_column() {
    let misspelt = problems(&[("baigong.yaml", "kind: command\ncomand: [x]\n")]);
    assert!(misspelt.starts_with("baigong.yaml:2:") && misspelt.contains("comand"), "{misspelt}");
    let kind = problems(&[("baigong.yaml", "kind: flwo\n")]);
    assert!(kind.starts_with("baigong.yaml:1:") && kind.contains("flow"), "{kind}");
    let broken = problems(&[("baigong.yaml", "kind: [\n")]);
    assert!(broken.starts_with("baigong.yaml:"), "{broken}");
    let binary = Desk::new().check(&zip_of(&[Made::file("baigong.yaml", b"kind: \xff")]), &Limits::default());
    assert!(binary.unwrap_err().to_string().contains("not UTF-8"));
}

#[test]
fn a_manifest_that_contradicts_itself_lists_everything() {
    let text = problems(&[(
        "baigong.yaml",
        "kind: command\nflow: x.yaml\nparameters: {in: [{name: a, type: integer, default: x}, {name: A}]}\n",
    )]);
    for fault in ["flow is for packages of kind flow", "needs command", "the default of \"a\"", "\"A\" stands twice"] {
        assert!(text.contains(fault), "{fault} is missing in: {text}");
    }
    assert!(problems(&[("baigong.yaml", "kind: flow\n")]).contains("no file main.flow.yaml"));
}

#[test]
fn alias_bombs_and_huge_manifests_are_refused() {
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
                d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
    assert!(!problems(&[("robot.yaml", bomb)]).is_empty());
    assert!(!problems(&[("robot.yaml", &"[".repeat(5000))]).is_empty());
    let huge = format!("# {}\n{COMMAND}", "x".repeat(5 << 20));
    assert!(problems(&[("baigong.yaml", &huge)]).contains("larger than"));
}

const ROBOT: &str = r#"
tasks:
  Second by name, first by place:
    shell: python -m tasks "two words" 'it''s'
  Run all:
    robotTaskName: Reconcile
    shell: ignored
  Command:
    command: [python, -m, tasks]
  Both:
    shell: sh a.sh
    command: [b]
devTasks:
  Setup: {shell: sh setup.sh}
condaConfigFile: conda.yaml
environmentConfigs: [environment_linux_amd64_freeze.yaml, conda.yaml]
artifactsDir: out/results
PATH: [., bin]
PYTHONPATH: [., libraries]
ignoreFiles: [.gitignore]
preRunScripts: [sh prepare_linux.sh "a b", prepare_windows.bat]
somethingOfTheirs: {deeply: [nested]}
"#;

#[test]
fn robot_yaml_is_read_whole() {
    let info = info(&[("robot.yaml", ROBOT), ("conda.yaml", "")]);
    let PackageKind::RobotYaml(robot) = info.kind else { panic!() };
    let names: Vec<_> = info.tasks.iter().map(|task| task.name.as_str()).collect();
    assert_eq!(names, ["Second by name, first by place", "Run all", "Command", "Both"], "the order of the document");
    let words = |form: &TaskForm| match form {
        TaskForm::Command(words) => words.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(words(&info.tasks[0].form), ["python", "-m", "tasks", "two words", "its"]);
    assert_eq!(info.tasks[1].form, TaskForm::RobotTaskName("Reconcile".into()), "robotTaskName goes first");
    assert_eq!(words(&info.tasks[2].form), ["python", "-m", "tasks"]);
    assert_eq!(words(&info.tasks[3].form), ["sh", "a.sh"], "shell goes before command");
    assert_eq!(robot.artifacts_dir, "out/results");
    assert_eq!(
        (robot.path.as_slice(), robot.python_path.as_slice()),
        ([".".to_owned(), "bin".into()].as_slice(), [".".to_owned(), "libraries".into()].as_slice())
    );
    assert_eq!(robot.pre_run_scripts[0], ["sh", "prepare_linux.sh", "a b"]);
    assert_eq!(robot.dev_tasks.len(), 1);
    assert_eq!(robot.conda_config_file.as_deref(), Some("conda.yaml"));
    assert_eq!(robot.environment_configs.len(), 2);
    assert_eq!(robot.ignore_files, [".gitignore"]);
}

#[test]
fn faults_of_robot_yaml_are_placed() {
    let text = problems(&[(
        "robot.yaml",
        "tasks:\n  A:\n    shell: \"it's\"\n  B: {}\nartifactsDir: ../out\nPATH: [/bin, 'C:\\x']\n",
    )]);
    for fault in
        ["robot.yaml:3", "quotes", "task \"B\" says nothing to run", "\"../out\" leads out", "\"/bin\"", "C:\\x"]
    {
        assert!(text.contains(fault), "{fault} is missing in: {text}");
    }
    assert!(problems(&[("robot.yaml", "tasks:\n")]).contains("no tasks"));
    assert!(problems(&[("robot.yaml", "tasks: [a]\n")]).contains("robot.yaml:1:"));
    assert!(problems(&[("robot.yaml", "tasks: {A: {command: sh x}}")]).starts_with("robot.yaml:1:"));
}

#[test]
fn names_say_which_machine_they_are_for() {
    assert!(suits_this_machine("prepare.sh"));
    let ours = if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" };
    assert!(suits_this_machine(&format!("setup_linux_{ours}.sh")) == cfg!(target_os = "linux"));
    assert!(!suits_this_machine("setup_windows_darwin.sh") || !cfg!(target_os = "linux"));
    assert!(!suits_this_machine("environment_linux_sparc_arm64.yaml") || ours == "arm64");
}
