//! What packages say of their Python, and what of it is refused.

use crate::{
    Environment, Limits, PackageInfo, PythonWish, TaskForm,
    testing::{Desk, Made, zip_of},
};

fn info(files: &[(&str, &str)]) -> PackageInfo {
    let made: Vec<_> = files.iter().map(|(name, content)| Made::file(name, content)).collect();
    Desk::new().check(&zip_of(&made), &Limits::default()).unwrap()
}

fn environment(files: &[(&str, &str)]) -> Environment {
    info(files).environment.expect("an environment")
}

fn problems(files: &[(&str, &str)]) -> String {
    Desk::new().problems(files)
}

const ROBOT: (&str, &str) = ("robot.yaml", "tasks: {A: {shell: python a.py}}\ncondaConfigFile: conda.yaml\n");
const CONDA: &str = "channels: [conda-forge]\ndependencies:\n  - conda-forge::python=3.10.12=h1_0  # why\n  - pip=23.2\n  - pip:\n      - rpaframework==28.6.1   # a comment\n      - -c constraints.txt\nrccPostInstall:\n  - python -c 'print(1)'\n";

#[test]
fn conda_yaml_gives_the_python_and_the_list_for_pip() {
    let environment = environment(&[ROBOT, ("conda.yaml", CONDA)]);
    assert_eq!(environment.python, PythonWish::About(vec![3, 10, 12]));
    assert_eq!(environment.requirements, ["rpaframework==28.6.1", "-c constraints.txt"]);
    assert_eq!(environment.post_install, [["python", "-c", "print(1)"]]);
    assert!(environment.is_own, "the constraints lie in the package");
    assert_eq!(info(&[("robot.yaml", "tasks: {A: {shell: x}}")]).environment, None);
}

#[test]
fn what_only_conda_has_is_refused_by_name() {
    let text = problems(&[ROBOT, ("conda.yaml", "dependencies: [python=3.10, nodejs=16.14.2, poppler]\n")]);
    assert!(text.contains("conda.yaml: \"nodejs=16.14.2\" is to come from conda"), "{text}");
    assert!(text.contains("\"poppler\"") && text.contains("pip: list"), "{text}");
    let text = problems(&[ROBOT, ("conda.yaml", "dependencies: [python=three]\n")]);
    assert!(text.contains("no version of Python"), "{text}");
    let text = problems(&[ROBOT]);
    assert!(text.contains("none of the environment files that robot.yaml names: conda.yaml"), "{text}");
}

#[test]
fn what_conda_is_to_install_and_pypi_has_too_comes_from_there() {
    let conda = "dependencies: [python=3.10, robocorp-truststore=0.8.0, pytest=7.4.0, psycopg2=2.9.7, \
                 pip: [robocorp==1.2.4, Psycopg2_Binary==2.9.9]]\n";
    let found = environment(&[ROBOT, ("conda.yaml", conda)]);
    let lines = ["robocorp-truststore==0.8.0.*", "pytest==7.4.0.*", "robocorp==1.2.4", "Psycopg2_Binary==2.9.9"];
    assert_eq!(found.requirements, lines, "what the pip list names, it names for good");
}

#[test]
fn a_list_for_pip_includes_files_of_the_package() {
    let conda = "dependencies: [python=3.11, pip: [-r libraries/requirements.txt, tabulate]]\n";
    let files = [ROBOT, ("conda.yaml", conda), ("libraries/requirements.txt", "idna # why\n")];
    let found = environment(&files);
    assert_eq!((found.requirements, found.is_own), (vec!["idna".to_owned(), "tabulate".to_owned()], false));
    assert!(problems(&files[..2]).contains("no such file"));
}

#[test]
fn package_yaml_says_the_same_in_its_own_form() {
    let robot = ("robot.yaml", "tasks: {A: {shell: python a.py}}\nenvironmentConfigs: [package.yaml]\n");
    let package = "name: x\ndependencies:\n  conda-forge:\n  - python=3.11.9\n  - uv=0.4\n  pypi:\n  \
                   - robocorp=1.6.2 # why\n  - tabulate>=0.9\n  - pandas==2.2.1\n";
    let found = environment(&[robot, ("package.yaml", package)]);
    assert_eq!(found.requirements, ["robocorp==1.6.2", "tabulate>=0.9", "pandas==2.2.1"]);
    assert_eq!(found.python, PythonWish::About(vec![3, 11, 9]));
}

#[test]
fn the_first_environment_file_that_can_be_built_here_counts() {
    let robot = "tasks: {A: {shell: x}}\nenvironmentConfigs: [environment_windows_amd64_freeze.yaml, environment_linux_amd64_freeze.yaml, environment_linux_arm64_freeze.yaml, environment_linux_freeze.yaml, conda.yaml]\n";
    let system = if std::env::consts::ARCH == "aarch64" { "arm64" } else { "amd64" };
    let frozen = format!("environment_linux_{system}_freeze.yaml");
    let whole = "dependencies: [python=3.9.13, openssl=1.1.1s, pip: [a==1]]\n";
    let files = |freeze: &'static str| {
        environment(&[
            ("robot.yaml", robot),
            (&frozen, freeze),
            ("environment_linux_freeze.yaml", "dependencies: [x]"),
            ("conda.yaml", "dependencies: [pip: [b]]\n"),
        ])
    };
    assert_eq!(files(whole).requirements, ["a==1"], "what conda's Python is made of is not missed");
    let other = files("dependencies: [python=3.9.13, nodejs=16]\n");
    assert_eq!((other.place.as_str(), other.requirements.as_slice()), ("conda.yaml", &["b".to_owned()][..]));
    assert!(other.notes[0].starts_with("left out: ") && other.notes[0].contains("nodejs"), "{:?}", other.notes);
}

#[test]
fn requirements_files_include_others_and_pyproject_is_read() {
    let manifest = ("baigong.yaml", "kind: python\n");
    let files = [
        manifest,
        ("main.py", ""),
        ("requirements.txt", "# all\nidna==3.10 \\\n  --hash=sha256:00\n-r more/b.txt\n\n"),
        ("more/b.txt", "b # c\n-r ../c.txt\n"),
        ("c.txt", "c\n"),
        ("pyproject.toml", "[project]\nname = 'x'\ndependencies = ['never']\n"),
    ];
    let found = environment(&files);
    assert_eq!(found.requirements, ["idna==3.10 --hash=sha256:00", "b", "c"]);
    assert!(!found.is_own);
    let circle = problems(&[manifest, ("main.py", ""), ("requirements.txt", "-r requirements.txt\n")]);
    assert!(circle.contains("include one another"), "{circle}");
    let out = problems(&[manifest, ("main.py", ""), ("requirements.txt", "-r ../secret.txt\n")]);
    assert!(out.contains("no such file"), "{out}");
    let project = "[project]\nname = 'x'\nrequires-python = '>=3.9,<3.13'\ndependencies = ['idna>=3', './local']\n";
    let found = environment(&[manifest, ("main.py", ""), ("pyproject.toml", project)]);
    assert_eq!(
        (found.requirements.len(), found.is_own, found.python.to_string()),
        (2, true, "Python >=3.9, <3.13".into())
    );
    assert!(problems(&[manifest, ("main.py", ""), ("pyproject.toml", "[project\n")]).contains("pyproject.toml"));
}

#[test]
fn python_and_suites_say_what_they_run() {
    let command = |files: &[(&str, &str)]| match info(files).tasks.remove(0).form {
        TaskForm::Command(words) => words.join(" "),
        other => panic!("{other:?}"),
    };
    let manifest = |text: &'static str| ("baigong.yaml", text);
    assert_eq!(command(&[manifest("kind: python\n"), ("main.py", "")]), "python3 main.py");
    assert_eq!(
        command(&[manifest("kind: python\nmain: a/b.py\n"), ("a/b.py", ""), ("requirements.txt", "x")]),
        "python a/b.py"
    );
    assert_eq!(command(&[manifest("kind: python\n"), ("tasks.py", "")]), "python3 -m robocorp.tasks run tasks.py");
    assert_eq!(command(&[manifest("kind: python\ncommand: [python, -m, x]\n")]), "python -m x");
    assert!(problems(&[manifest("kind: python\n")]).contains("neither main.py nor tasks.py"));
    assert!(problems(&[manifest("kind: python\nmain: x.py\n")]).contains("no file \"x.py\""));
    assert!(problems(&[manifest("kind: command\ncommand: [x]\nmain: x.py\n"), ("x.py", "")]).contains("main is for"));
    let suite = info(&[manifest("kind: robotframework\nmain: suites\n"), ("suites/a.robot", "")]);
    assert_eq!(suite.tasks[0].form, TaskForm::Suite("suites".into()));
    assert_eq!(suite.environment.unwrap().requirements, ["robotframework"]);
    let bare = info(&[("a.robot", ""), ("requirements.txt", "requests\n")]);
    assert_eq!(bare.environment.unwrap().requirements, ["requests", "robotframework"]);
    let robot = info(&[("robot.yaml", "tasks: {A: {robotTaskName: B}}"), ("a.robot", "")]);
    assert_eq!(robot.environment.unwrap().requirements, ["robotframework"]);
}

#[test]
fn a_bundle_must_be_for_these_requirements() {
    let digest = environment(&[ROBOT, ("conda.yaml", "dependencies: [pip: [a]]\n")]).requirements_digest();
    let bundle = format!("{{\"python\": \"3.11\", \"platform\": \"linux-x86_64\", \"requirements\": \"{digest}\"}}");
    let files = |conda: &'static str| {
        vec![
            ROBOT,
            ("conda.yaml", conda),
            ("baigong-wheels/bundle.json", bundle.as_str()),
            ("baigong-wheels/requirements.lock", "a==1"),
        ]
    };
    assert_eq!(environment(&files("dependencies: [pip: [a]]\n")).bundle.unwrap().python, "3.11");
    let text = problems(&files("dependencies: [pip: [b]]\n"));
    assert!(
        text.contains("gathered for other requirements than conda.yaml has now") && text.contains("package bundle"),
        "{text}"
    );
}
