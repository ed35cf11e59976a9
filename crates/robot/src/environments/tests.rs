//! Environments built of wheels that the tests make themselves: no index is asked.

use std::{
    fs,
    path::{Path, PathBuf},
    pin::pin,
};

use baigong_package::{Environment, PythonWish};

use super::*;
use crate::runner::{Stop, tests::desk::Desk as RunDesk};

/// A wheel of one module, made with Python's own means.
const WHEEL: &str = r#"
import sys, zipfile
folder, name, version = sys.argv[1:]
with zipfile.ZipFile(f"{folder}/{name}-{version}-py3-none-any.whl", "w") as wheel:
    wheel.writestr(f"{name}.py", f"print('{name} {version}')\n")
    info = f"{name}-{version}.dist-info"
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(f"{info}/RECORD", "")
"#;

struct Bench {
    desk: RunDesk,
    folder: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let desk = RunDesk::script("true");
        let folder = desk.path("environments");
        fs::create_dir_all(desk.path("index")).unwrap();
        Self { desk, folder }
    }

    fn wheel(&self, name: &str) {
        let made = std::process::Command::new("python3")
            .args(["-c", WHEEL, self.desk.path("index").to_str().unwrap(), name, "1.0"])
            .status();
        assert!(made.unwrap().success());
    }

    fn environments(&self) -> Environments {
        let index = self.desk.path("index").to_str().unwrap().to_owned();
        let settings = [("PIP_NO_INDEX", "1"), ("PIP_FIND_LINKS", &index), ("PIP_NO_CACHE_DIR", "1")];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Environments::new(self.folder.clone(), Keep::default(), settings)
    }

    async fn get(&self, environments: &Environments, environment: &Environment) -> Result<Ready, Broken> {
        let request = self.desk.request(&[]);
        fs::create_dir_all(&request.work_folder).unwrap();
        let order = Order { request: &request, environment, package: Path::new("/") };
        let stopped = pin!(request.stop.clone().requested(None, request.pause.clone()));
        environments.get(&order, stopped).await
    }

    fn built(&self) -> usize {
        self.desk.listener.lines().iter().filter(|line| line.starts_with("building")).count()
    }
}

fn wanting(requirements: &[&str]) -> Environment {
    let requirements = requirements.iter().map(|one| (*one).to_owned()).collect();
    Environment { place: "requirements.txt".into(), requirements, ..Environment::default() }
}

fn says(ready: &Ready, module: &str) -> String {
    let output = std::process::Command::new(ready.folder.join("bin/python")).args(["-m", module]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn message(result: Result<Ready, Broken>) -> String {
    match result {
        Err(Broken::Failed(message)) => message,
        other => panic!("it was not refused: {other:?}"),
    }
}

#[tokio::test]
async fn an_environment_is_built_once_and_anew_after_a_broken_build() {
    let bench = Bench::new();
    bench.wheel("alpha");
    let (environments, wanted) = (bench.environments(), wanting(&["alpha==1.0"]));
    let (one, other) = tokio::join!(bench.get(&environments, &wanted), bench.get(&environments, &wanted));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!((one.folder == other.folder, bench.built()), (true, 1));
    assert_eq!(says(&one, "alpha"), "alpha 1.0\n");

    // Another agent finds it, and builds it anew where the building was interrupted: no mark, half the files.
    let again = bench.environments();
    bench.get(&again, &wanted).await.unwrap();
    assert_eq!(bench.built(), 1);
    drop((one, other));
    let folder = bench.get(&again, &wanted).await.unwrap().folder.clone();
    fs::remove_file(folder.join(MARK)).unwrap();
    fs::remove_file(folder.join("bin/python")).unwrap();
    let whole = bench.get(&again, &wanted).await.unwrap();
    assert_eq!((bench.built(), says(&whole, "alpha")), (2, "alpha 1.0\n".to_owned()));
}

#[tokio::test]
async fn what_cannot_be_built_says_why_and_leaves_nothing_that_counts() {
    let bench = Bench::new();
    let environments = bench.environments();
    let told = message(bench.get(&environments, &wanting(&["nowhere==7"])).await);
    assert!(
        told.starts_with("the Python environment of requirements.txt cannot be built: pip cannot install"),
        "{told}"
    );
    assert!(told.contains("nowhere==7"), "the tail of pip's words: {told}");
    bench.wheel("nowhere");
    let told = message(bench.get(&environments, &wanting(&["nowhere==7"])).await);
    assert!(told.contains("1.0"), "{told}");
    bench.get(&environments, &wanting(&["nowhere"])).await.unwrap();
}

#[tokio::test]
async fn a_python_that_is_not_here_is_named() {
    let bench = Bench::new();
    let wish = |python| Environment { python, ..wanting(&[]) };
    let environments = bench.environments();
    let told = message(bench.get(&environments, &wish(PythonWish::About(vec![2, 7]))).await);
    assert!(told.starts_with("requirements.txt: Python 2.7 is asked for, and this robot has Python 3."), "{told}");
    let told = message(bench.get(&environments, &wish(PythonWish::About(vec![3, 99]))).await);
    assert!(told.contains("Python 3.99 is asked for"), "{told}");
    bench.get(&environments, &wish(PythonWish::About(vec![3, 4, 1]))).await.unwrap();
    let lines = bench.desk.listener.lines();
    assert!(
        lines.iter().any(|line| line.contains("Python 3.4.1 is asked for and is not on this robot: Python 3.")),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_stopped_build_is_built_anew_by_the_next() {
    let bench = Bench::new();
    let (environments, wanted) = (bench.environments(), wanting(&[]));
    let mut request = bench.desk.request(&[]);
    request.stop = Stop::new();
    fs::create_dir_all(&request.work_folder).unwrap();
    let order = Order { request: &request, environment: &wanted, package: Path::new("/") };
    let stop = request.stop.clone();
    let stopped = pin!(request.stop.clone().requested(None, request.pause.clone()));
    let (result, ()) = tokio::join!(environments.get(&order, stopped), async {
        bench.desk.listener.heard("building").await;
        stop.request(StopReason::Cancelled);
    });
    assert!(matches!(result, Err(Broken::Stopped(StopReason::Cancelled))), "{result:?}");
    bench.get(&environments, &wanted).await.unwrap();
    assert_eq!(bench.built(), 2);
}
