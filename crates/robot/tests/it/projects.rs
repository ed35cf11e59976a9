//! Projects as others write them (`tests/packages`), run unchanged with the libraries as they come from PyPI: their Python
//! environments are built once, below `target`, and found again by later runs of the tests.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use baigong_flow::{Pause, StepEvent, StepState};
use baigong_model::{LogLevel, Parameter, SystemClock};
use baigong_package::{Limits, check};
use baigong_robot::runner::{
    Environments, Extras, Keep, LocalHost, RunLimits, RunOutcome, RunRequest, Stop, clean_environment, gather,
    readable_environment, run,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A copy of one project, and all that its runs say.
struct Project {
    folder: TempDir,
    lines: Arc<Mutex<Vec<(LogLevel, String)>>>,
    steps: Arc<Mutex<Vec<StepEvent>>>,
    host: Mutex<Option<Arc<LocalHost>>>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

impl Project {
    fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join("tests/packages").join(name), &folder.path().join("package"));
        let project = Self { folder, lines: Arc::default(), steps: Arc::default(), host: Mutex::default() };
        project.write("credentials.json", &json!({"broker": {"username": "trader", "password": "Canary-9281"}}));
        project.write(
            "assets.json",
            &json!({"limits": {"daily": 5000}, "greeting": "hello", "service": {"token": "Canary-token-77"}}),
        );
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: &Value) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), content.to_string()).unwrap();
    }

    /// Puts items into a data queue, one line each.
    fn queue(&self, name: &str, items: &[Value]) {
        let text: String = items.iter().map(|payload| format!("{}\n", json!({ "payload": payload }))).collect();
        let file = self.path("artifacts/queues").join(format!("{name}.jsonl"));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Keeps a file where the host looks for those of queue items.
    fn keep(&self, name: &str, content: &str) -> Value {
        let folder = self.path("artifacts/queues/files");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), content).unwrap();
        json!(name)
    }

    /// The items of a queue as the run left them.
    fn items(&self, name: &str) -> Vec<Value> {
        self.host.lock().unwrap().as_ref().unwrap().flush().unwrap();
        let text = fs::read_to_string(self.path("artifacts/queues").join(format!("{name}.jsonl"))).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn request(&self, task: Option<&str>, parameters: &[(&str, &str)]) -> RunRequest {
        let package = self.path("package");
        fs::create_dir_all(self.path("artifacts")).unwrap();
        let (lines, steps) = (Arc::clone(&self.lines), Arc::clone(&self.steps));
        let host = LocalHost::new(
            &self.path("artifacts"),
            Some(&self.path("assets.json")),
            move |level, line: &str| lines.lock().unwrap().push((level, line.to_owned())),
            move |step: &StepEvent| steps.lock().unwrap().push(step.clone()),
        );
        let host = Arc::new(host.unwrap().with_credentials(&self.path("credentials.json")).unwrap());
        *self.host.lock().unwrap() = Some(Arc::clone(&host));
        let environments = root().join("target/test-environments");
        RunRequest {
            info: check(&package, &baigong_actions::table(), &Limits::default()).unwrap(),
            folder: package,
            task_name: task.map(str::to_owned),
            task_id: 41,
            run_id: self.folder.path().display().to_string(),
            process_id: 7,
            in_parameters: parameters.iter().map(|(name, value)| Parameter::new(*name, *value)).collect(),
            artifacts_folder: self.path("artifacts"),
            work_folder: self.path("work"),
            max_run_time: None,
            environment: clean_environment(readable_environment()),
            host,
            actions: baigong_actions::table(),
            clock: Arc::new(SystemClock),
            stop: Stop::new(),
            pause: Pause::new(),
            confinement: Default::default(),
            limits: RunLimits::default(),
            environments: Environments::new(environments, Keep::default(), readable_environment()),
            extras: Extras::default(),
        }
    }

    async fn run(&self, task: Option<&str>, parameters: &[(&str, &str)]) -> RunOutcome {
        run(self.request(task, parameters)).await
    }

    async fn succeeds(&self, task: &str, parameters: &[(&str, &str)]) {
        let outcome = self.run(Some(task), parameters).await;
        assert!(matches!(outcome, RunOutcome::Succeeded { .. }), "{task}: {outcome:?}\n{}", self.said());
    }

    fn said(&self) -> String {
        let lines = self.lines.lock().unwrap();
        lines.iter().map(|(level, line)| format!("{level} {line}\n")).collect()
    }

    fn says(&self, text: &str) {
        assert!(self.said().contains(text), "\"{text}\" is not in:\n{}", self.said());
    }

    /// Whether a step of that title ended so.
    fn steps(&self, title: &str, state: StepState) -> bool {
        self.steps.lock().unwrap().iter().any(|step| step.title == title && step.state == state)
    }
}

fn failed(outcome: RunOutcome) -> String {
    match outcome {
        RunOutcome::Failed { message } => message,
        other => panic!("the run did not fail: {other:?}"),
    }
}

#[tokio::test]
async fn robocorp_takes_and_makes_work_items_with_files() {
    let project = Project::new("robocorp-tasks");
    let orders = project.keep("aa", "code,amount\n600000,100\n000001,250\n");
    project.queue("in", &[json!({"orders": 2, "$files": {"orders.csv": orders}})]);
    let queues = [("workItemQueue", "in"), ("workItemOutputQueue", "orders")];
    project.succeeds("Produce", &queues).await;
    project.says("info made 2 orders");
    for title in ["produce", "read_orders"] {
        assert!(project.steps(title, StepState::Succeeded), "{title}: {:?}", project.steps.lock().unwrap());
    }
    let made = project.items("orders");
    assert_eq!((made.len(), &made[1]["payload"]["code"]), (2, &json!("000001")));
    assert_eq!(project.items("in")[0]["state"], "succeeded");
    assert!(project.path("artifacts/log.html").is_file(), "what the library leaves is a result");

    // The next step finds the files of the one before, and two items that cannot be booked.
    let kept = project.keep("bb", "order x");
    let more =
        [json!({"code": "x", "$files": {"x.txt": kept}}), json!({"code": "x", "amount": 0, "$files": {"x.txt": kept}})];
    let mut text = fs::read_to_string(project.path("artifacts/queues/orders.jsonl")).unwrap();
    more.iter().for_each(|payload| text.push_str(&format!("{}\n", json!({ "payload": payload }))));
    fs::write(project.path("artifacts/queues/orders.jsonl"), text).unwrap();
    project.succeeds("Consume", &[("workItemQueue", "orders")]).await;
    project.says("info booked order 000001 估值 4");
    let items = project.items("orders");
    let of = |at: usize| (items[at]["state"].as_str().unwrap(), &items[at]["outcome"]);
    assert_eq!(of(0).0, "succeeded");
    assert_eq!(of(0).1["output"]["booked"], true, "a payload that was saved is the item's output");
    assert_eq!((of(2).0, of(2).1["outcome"].as_str()), ("failed", Some("businessFailure")), "{items:?}");
    assert_eq!(of(2).1["reason"], "NO_AMOUNT: no 'amount'");
    assert_eq!(of(3).1["reason"], "BROKEN: integer division or modulo by zero");

    let empty = project.run(Some("Consume"), &[("workItemQueue", "none")]).await;
    assert_eq!(empty, RunOutcome::Succeeded { out: vec![] });
    project.says("the data queue \"none\" is empty: there is nothing to do");
}

#[tokio::test]
async fn robocorp_gets_secrets_that_nobody_else_sees() {
    let project = Project::new("robocorp-tasks");
    project.succeeds("Secrets", &[]).await;
    for line in [
        "signed in as trader with ******",
        "the token is <redacted>",
        "limits 5000, text hello",
        "missing: No secret with name 'nobody'",
    ] {
        project.says(line);
    }
    assert!(!project.said().contains("Canary"), "{}", project.said());
    let mut folders = vec![project.path("work"), project.path("artifacts")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
                assert!(!text.contains("Canary"), "{} holds a secret", path.display());
            }
        }
    }
}

#[tokio::test]
async fn robocorp_reads_work_items_from_a_file() {
    let project = Project::new("robocorp-tasks");
    let mut request = project.request(Some("Produce"), &[]);
    request.extras.work_items = Some(project.path("package/devdata/work-items.json"));
    let outcome = run(request).await;
    assert!(matches!(outcome, RunOutcome::Succeeded { .. }), "{outcome:?}\n{}", project.said());
    let made = fs::read(project.path("artifacts/work-items-out/work-items.json")).unwrap();
    let made: Value = serde_json::from_slice(&made).unwrap();
    assert_eq!(made[1]["payload"]["amount"], "250");

    let other = Project::new("robocorp-tasks");
    let mut request = other.request(Some("Produce"), &[]);
    let variables: serde_json::Map<String, Value> =
        serde_json::from_slice(&fs::read(other.path("package/devdata/env.json")).unwrap()).unwrap();
    request.extras.variables =
        variables.into_iter().map(|(name, value)| (name, value.as_str().unwrap().to_owned())).collect();
    let outcome = run(request).await;
    assert!(matches!(outcome, RunOutcome::Succeeded { .. }), "{outcome:?}\n{}", other.said());
    assert!(
        other.path("artifacts/work-items-out/work-items.json").is_file(),
        "env.json of the project, its output folder"
    );
}

#[tokio::test]
async fn rpaframework_books_work_items_and_hides_secrets() {
    let project = Project::new("rpaframework");
    let files = |code: &str| json!({"code": code, "$files": {format!("{code}.txt"): project.keep("cc", "order 1")}});
    project.queue("orders", &[files("600000"), files("bad")]);
    project.succeeds("Book orders", &[("workItemQueue", "orders"), ("workItemOutputQueue", "booked")]).await;
    assert!(project.steps("Book orders", StepState::Succeeded), "{:?}", project.steps.lock().unwrap());
    project.says("info booked 600000");
    let states: Vec<Value> = project.items("orders").iter().map(|item| item["outcome"]["outcome"].clone()).collect();
    assert_eq!(states, ["succeeded", "businessFailure"]);
    let booked = project.items("booked");
    assert_eq!(
        (booked.len(), &booked[0]["payload"]["text"]),
        (1, &json!("order 1")),
        "what came from a failed item is not sent"
    );
    let receipt = booked[0]["payload"]["$files"]["receipt.txt"].as_str().unwrap();
    let receipt = fs::read_to_string(project.path("artifacts/queues/files").join(receipt)).unwrap();
    assert_eq!(receipt, "receipt of 600000");
    project.succeeds("Show secrets", &[]).await;
    project.says("signed in as trader with ******");
    project.says("again: ******");
    assert!(!project.said().contains("Canary"), "{}", project.said());
}

#[tokio::test]
async fn every_form_of_task_of_robot_yaml_runs() {
    let project = Project::new("robot-yaml");
    project.succeeds("Suite", &[]).await;
    project.says("info hello 世界");
    assert!(project.steps("Greet", StepState::Succeeded) && project.steps("Greet The World", StepState::Succeeded));
    assert!(project.path("artifacts/output.xml").is_file() && !project.path("artifacts/report.html").exists());
    project.succeeds("Shell", &[]).await;
    let folder = project.path("package").canonicalize().unwrap();
    project.says(&format!("info greeting two words from {}", folder.display()));
    assert!(project.path("artifacts/result.txt").is_file());
    project.succeeds("Command", &[]).await;
    assert!(project.steps("Fails", StepState::Failed), "a task may fail while its program succeeds");
    let both = failed(project.run(Some("Both"), &[]).await);
    assert_eq!(both, "the task failed: Fails: no price for 600000 (exit code 1)");
    let unknown = failed(project.run(Some("Unknown"), &[]).await);
    assert!(unknown.starts_with("Robot Framework found no such task") && unknown.contains("No such task"), "{unknown}");
    let named = failed(project.run(Some("Nothing"), &[]).await);
    assert!(
        named.contains("\"Suite\", \"Shell\", \"Command\", \"Both\", \"Unknown\"") && !named.contains("Dev"),
        "{named}"
    );
    let mut request = project.request(Some("Dev"), &[]);
    request.extras.dev_tasks = true;
    assert!(matches!(run(request).await, RunOutcome::Succeeded { .. }));
    project.says("info for developers");
}

#[tokio::test]
async fn a_bare_suite_runs_and_names_what_failed() {
    let project = Project::new("suite");
    let message = failed(project.run(None, &[]).await);
    assert_eq!(message, "1 of 2 tasks failed: Compare with the broker: the sums differ: 350 != 340 (exit code 1)");
    project.says("info the sum is 350");
    project.says("error the sums differ: 350 != 340");
    let warnings = project.said().matches("the broker says 340").count();
    assert_eq!(warnings, 1, "a warning is told once:\n{}", project.said());
}

#[tokio::test]
async fn a_python_program_runs_in_an_environment_of_its_own() {
    let project = Project::new("python");
    let outcome = project.run(None, &[("name", "bücher.example")]).await;
    let out = vec![Parameter::new("encoded", "xn--bcher-kva.example")];
    assert_eq!(outcome, RunOutcome::Succeeded { out }, "{}", project.said());
    project.says("info 3.10 says xn--bcher-kva.example");
}

#[tokio::test]
async fn a_bundle_runs_where_no_index_can_be_reached() {
    let project = Project::new("python");
    let gathered = gather(&project.request(None, &[])).await.unwrap().unwrap();
    assert_eq!(gathered.wheels, 1);
    let nowhere = [("PIP_INDEX_URL", "http://127.0.0.1:9/simple"), ("PIP_RETRIES", "0"), ("PIP_NO_CACHE_DIR", "1")];
    let nowhere = || nowhere.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let offline = |folder: &str| {
        let mut request = project.request(None, &[("name", "bücher.example")]);
        request.environments = Environments::new(project.path(folder), Keep::default(), nowhere());
        run(request)
    };
    let outcome = offline("offline").await;
    assert!(matches!(outcome, RunOutcome::Succeeded { .. }), "{outcome:?}\n{}", project.said());

    // A wheel that was changed on the way is not installed.
    let wheels = project.path("package/baigong-wheels");
    let wheel = fs::read_dir(&wheels).unwrap().map(|entry| entry.unwrap().path());
    let wheel = wheel.into_iter().find(|path| path.extension().is_some_and(|end| end == "whl")).unwrap();
    let good = fs::read(&wheel).unwrap();
    fs::write(&wheel, [good.as_slice(), b"x"].concat()).unwrap();
    let message = failed(offline("changed").await);
    assert!(message.contains("cannot be built") && message.to_lowercase().contains("hash"), "{message}");

    // Without its wheels the package needs the index, and says what pip said.
    fs::remove_dir_all(&wheels).unwrap();
    let message = failed(offline("without").await);
    assert!(message.contains("pip cannot install the requirements") && message.contains("idna"), "{message}");
}
